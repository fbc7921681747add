"""Many clients at the same instant, through two processes that share one database: as if they had queued."""

from __future__ import annotations

import base64
import gzip
import itertools
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

import httpx
import pytest

from faults import rolls
from faults.books import assert_sound, books
from faults.installation import PATIENCE, Installation, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

CROWD = 50
BOTH_KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]

Act: TypeAlias = Callable[[httpx.Client], httpx.Response]

DUO = {
    "key": "duo",
    "name": "Two parts",
    "description": "Did both parts.",
    "criteria": {"narrative": "At least 50 in each of two parts."},
    "score": {"minimum": 0, "maximum": 100},
    "award": {"each_of": ["part-1", "part-2"], "conditions": [{"type": "score", "minimum": 50}]},
}


@dataclass(frozen=True)
class Pair:
    """Two servers of one installation, and a crowd of clients, every other one of which speaks to the other server."""

    installation: Installation
    clients: Sequence[httpx.Client]

    def at_once(self, *acts: Act) -> list[httpx.Response]:
        """Let every act begin at the same instant, each by a client of its own, and give the answers in order."""
        start = threading.Barrier(len(acts))

        def begin(act: Act, client: httpx.Client) -> httpx.Response:
            start.wait()
            return act(client)

        with ThreadPoolExecutor(len(acts)) as crowd:
            return list(crowd.map(begin, acts, self.clients))


@pytest.fixture(scope="module", params=BOTH_KINDS)
def pair(request, database_of, tmp_path_factory):
    """Two servers on one database; the tests of this module share them, and in the end the books must be right."""
    folder = tmp_path_factory.mktemp("races")
    with database_of(request.param, folder) as url:
        ports = free_port(), free_port()
        installation = Installation(url, folder, f"http://127.0.0.1:{ports[0]}")
        key = installation.found("biology", [rolls.DISTINCTION, DUO])
        with installation.serving(ports[0]) as one, installation.serving(ports[1]) as other:
            clients = [server.client(key) for _ in range(CROWD // 2) for server in (one, other)]
            yield Pair(installation, clients)
            for client in clients:
                client.close()
        assert_sound(installation)


_numbers = itertools.count(1)


def result(student: str | None = None, **changes: Any) -> dict[str, Any]:
    """Give a result that earns a distinction, of a student whom nobody has heard of unless one is named."""
    number = next(_numbers)
    row = {"id": f"result-{number}", "student": student or f"student-{number}", "assessment": "exam"}
    return rolls.body({**row, "score": "90", "revision": "1"}) | changes


def posting(content: dict[str, Any], **headers: str) -> Act:
    return lambda client: client.post("/v1/results", json=content, headers=headers)


def statuses(answers: Sequence[httpx.Response]) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


# ── One result, many times ───────────────────────────────────────────────────────────────────────────────────────────
def test_fifty_clients_send_the_same_result_and_it_is_recorded_once(pair):
    same = result()

    answers = pair.at_once(*[posting(same)] * CROWD)

    assert statuses(answers) == {201: 1, 200: CROWD - 1}
    receipts = [answer.json() for answer in answers]
    assert Counter(receipt.pop("duplicate") for receipt in receipts) == {False: 1, True: CROWD - 1}
    assert all(receipt == receipts[0] for receipt in receipts)
    assert receipts[0]["outcome"] == "awarded"
    assert issued_to(pair, same) == [receipts[0]["credential_id"]]


def issued_to(pair, sent):
    """Give the ids of the credentials of the student whom a result is about."""
    (identifier,) = sent["learner"]["identifiers"]
    statement = f"""
        SELECT c.id FROM credential c JOIN learner_identifier i ON i.learner_id = c.learner_id
        WHERE i.value = '{identifier["value"]}'
    """
    return [credential_id for (credential_id,) in pair.installation.rows(statement)]


def test_of_fifty_different_contents_under_one_identity_one_is_recorded(pair):
    first = result()
    different = [first | {"score": str(score)} for score in range(CROWD)]

    answers = pair.at_once(*map(posting, different))

    assert statuses(answers) == {201: 1, 409: CROWD - 1}
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {place["pointer"] for problem in refused for place in problem["problems"]} == {"/score"}


def test_fifty_clients_use_one_idempotency_key_and_get_one_answer(pair):
    same = result()

    answers = pair.at_once(*[posting(same, **{"Idempotency-Key": same["source_id"]})] * CROWD)

    assert statuses(answers) == {201: CROWD}
    assert len({answer.text for answer in answers}) == 1
    assert len(issued_to(pair, same)) == 1


def test_of_fifty_requests_under_one_idempotency_key_one_has_an_effect(pair):
    different = [result() for _ in range(CROWD)]
    key = {"Idempotency-Key": different[0]["source_id"]}

    answers = pair.at_once(*[posting(one, **key) for one in different])

    assert statuses(answers) == {201: 1, 409: CROWD - 1}
    assert sum(len(issued_to(pair, one)) for one in different) == 1


# ── One learner, several results ─────────────────────────────────────────────────────────────────────────────────────
def test_the_last_two_results_of_a_learner_at_the_same_instant_give_one_award(pair):
    for _ in range(40):
        one = result(assessment="part-1")
        other = result(student_of(one), assessment="part-2")

        answers = pair.at_once(posting(one), posting(other))

        assert statuses(answers) == {201: 2}
        receipts = sorted((answer.json() for answer in answers), key=lambda receipt: receipt["outcome"])
        assert [receipt["outcome"] for receipt in receipts] == ["awarded", "not_yet"]
        assert issued_to(pair, one) == [receipts[0]["credential_id"]]


def student_of(sent):
    return sent["learner"]["identifiers"][0]["value"]


def test_two_revisions_at_the_same_instant_leave_the_higher_one_standing(pair):
    for _ in range(15):
        first = result()
        pair.at_once(posting(first))

        answers = pair.at_once(*[posting(first | {"revision": n, "score": str(90 + n)}) for n in (2, 3, 4)])

        assert statuses(answers) == {201: 3}
        standing = f"""
            SELECT r.revision FROM result r
            WHERE r.source_id = '{first["source_id"]}' AND r.superseded_by_id IS NULL
        """
        assert pair.installation.rows(standing) == [(4,)]


def test_a_new_learner_under_overlapping_identifiers_is_made_once(pair):
    for number in range(20):
        email, sis, login = ((kind, f"{pair.kind}-{kind}-{number}") for kind in ("emailAddress", "sisSourcedId", "userName"))
        sets = [(email, sis), (email, login), (sis, login)]

        answers = pair.at_once(*[posting(result(learner=known_as(*names))) for names in sets])

        # The first to come makes the learner. When the other two share nothing with it but a name each, all is well;
        # only when two came that share nothing are there two learners, and who names both is told to merge them.
        assert statuses(answers) == {201: 3}
        assert len(pair.learners_known_as(email, sis, login)) == 1


def test_names_that_turn_out_to_be_one_persons_never_make_half_a_learner(pair):
    for number in range(20):
        email, login = (("emailAddress", f"{pair.kind}-b{number}@example.edu"), ("userName", f"{pair.kind}-b{number}"))

        answers = pair.at_once(*[posting(result(learner=known_as(*names))) for names in ((email,), (login,), (email, login))])

        found = statuses(answers)
        assert found in ({201: 3}, {201: 2, 409: 1})
        assert len(pair.learners_known_as(email, login)) == (1 if found == {201: 3} else 2)


def known_as(*names):
    return {"identifiers": [{"type": kind, "value": value} for kind, value in names]}

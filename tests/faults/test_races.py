"""Many clients at the same instant, through two processes that share one database: as if they had queued."""

from __future__ import annotations

import base64
import gzip
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

import httpx
import pytest

from databases import postgres_database, text
from faults import rolls
from faults.books import assert_sound, books
from installation import PATIENCE, Installation, free_port
from ler_issuer.store.failures import again_if_entangled

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
ANY = DUO | {"key": "any", "name": "Anything", "award": {"conditions": [{"type": "score", "minimum": 50}]}}


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
        key = installation.found("biology", [rolls.DISTINCTION, DUO, ANY])
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
    name = sent["learner"]["identifiers"][0]["value"]
    found = pair.installation.rows(
        "SELECT c.id FROM credential c JOIN learner_identifier i ON i.learner_id = c.learner_id WHERE i.value = :name",
        name=name,
    )
    return [credential_id for (credential_id,) in found]


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
    for number in range(40):
        email, login = ("emailAddress", f"last-{number}@x.edu"), ("userName", f"last-{number}")
        pair.at_once(posting(of(email, login, assessment="something-else")))

        answers = pair.at_once(posting(of(email, assessment="part-1")), posting(of(login, assessment="part-2")))

        assert statuses(answers) == {201: 2}
        receipts = sorted((answer.json() for answer in answers), key=lambda receipt: receipt["outcome"])
        assert [receipt["outcome"] for receipt in receipts] == ["awarded", "not_yet"]
        assert issued_to(pair, of(email)) == [receipts[0]["credential_id"]]


def test_two_revisions_at_the_same_instant_leave_the_higher_one_standing(pair):
    for _ in range(15):
        first = result()
        pair.at_once(posting(first))

        answers = pair.at_once(*[posting(first | {"revision": n, "score": str(90 + n)}) for n in (2, 3, 4)])

        assert statuses(answers) == {201: 3}
        standing = "SELECT revision FROM result WHERE source_id = :source_id AND superseded_by_id IS NULL"
        assert pair.installation.rows(standing, source_id=first["source_id"]) == [(4,)]


def test_a_new_learner_under_overlapping_identifiers_is_made_once(pair):
    for number in range(20):
        email, sis, login = (
            ("emailAddress", f"a{number}@x.edu"),
            ("sisSourcedId", f"a{number}"),
            ("userName", f"a{number}"),
        )

        answers = pair.at_once(*[posting(of(*names)) for names in ((email, sis), (email, login), (sis, login))])

        assert statuses(answers) == {201: 3}
        assert len(learners_known_as(pair, email, sis, login)) == 1


def test_names_that_turn_out_to_be_of_one_person_are_merged_by_nobody(pair):
    for number in range(20):
        email, login = ("emailAddress", f"b{number}@x.edu"), ("userName", f"b{number}")

        answers = pair.at_once(*[posting(of(*names)) for names in ((email,), (login,), (email, login))])

        made = len(learners_known_as(pair, email, login))
        assert (made, statuses(answers)) in [(1, {201: 3}), (2, {201: 2, 409: 1})]


def of(*names, **changes):
    """Give a result of the learner who has these identifiers."""
    return result(learner={"identifiers": [{"type": kind, "value": value} for kind, value in names]}, **changes)


def learners_known_as(pair, *names):
    statement = "SELECT learner_id FROM learner_identifier WHERE type = :kind AND value = :value"
    return {found for kind, value in names for found in pair.installation.rows(statement, kind=kind, value=value)}


# ── Revoking ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def award(pair):
    """Give the id of a new credential."""
    (answer,) = pair.at_once(posting(result()))
    return answer.json()["credential_id"]


def revoking(credential_id):
    body = {"reason_code": "issued_in_error"}
    return lambda client: client.post(f"/v1/credentials/{credential_id}/revoke", json=body)


def test_of_twenty_who_revoke_a_credential_one_has_done_it(pair):
    credential_id = award(pair)

    answers = pair.at_once(*[revoking(credential_id)] * 20)

    assert statuses(answers) == {200: 1, 409: 19}
    acts = "SELECT act FROM status_event WHERE credential_id = :id"
    assert pair.installation.rows(acts, id=credential_id) == [("revoke",)]


def test_a_revocation_shows_in_the_next_read_through_either_process_however_many_read(pair):
    one, other = pair.clients[:2]
    credentials = [award(pair) for _ in range(12)]
    places = [place_of(pair, credential_id) for credential_id in credentials]
    (path,) = {path for path, _ in places}
    over = threading.Event()

    def read_on(client):
        while not over.is_set():
            assert client.get(path).status_code == 200

    with ThreadPoolExecutor(8) as readers:
        reading = [readers.submit(read_on, client) for client in pair.clients[2:10]]
        try:
            for credential_id, (_, position) in zip(credentials, places, strict=True):
                before = [is_raised(client.get(path), position) for client in (one, other)]
                assert revoking(credential_id)(one).status_code == 200
                after = [is_raised(client.get(path), position) for client in (other, one)]
                assert (before, after) == ([False, False], [True, True])
        finally:
            over.set()
        for each in reading:
            each.result()


def place_of(pair, credential_id):
    """Give the path of the status list that a credential names, and the credential's position in it."""
    ((list_id, position),) = pair.installation.rows(
        "SELECT list_id, position FROM status_entry WHERE credential_id = :id", id=credential_id
    )
    return f"/status/{list_id}", position


def is_raised(answer, position):
    encoded = answer.json()["credentialSubject"]["encodedList"].removeprefix("u")
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return bool(bits[position // 8] >> (7 - position % 8) & 1)


# ── Many at a time ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_batches_about_the_same_learners_in_opposite_orders_are_all_answered(pair):
    for number in range(5):
        students = [f"batch-{number}-{place}" for place in range(15)]
        orders = {"one": students, "two": students[::-1], "three": students, "four": students[::-1]}
        batches = [
            [result(one, achievement="any", assessment=f"{source}-{one}", source=source) for one in order]
            for source, order in orders.items()
        ]

        answers = pair.at_once(*map(posting_batch, batches))

        assert statuses(answers) == {200: len(batches)}
        outcomes = Counter(item["outcome"] for answer in answers for item in answer.json()["items"])
        assert outcomes == {"awarded": len(students), "recorded": len(students) * (len(batches) - 1)}


def test_batches_that_wait_for_each_other_in_a_circle_are_all_answered(pair):
    """What is new to both is made by whoever comes first: in opposite orders, one of the two has to begin anew."""
    for number in range(3):
        assessments = [f"new-{number}-{place}" for place in range(20)]
        batches = [
            [result(achievement="any", assessment=one) for one in order] for order in (assessments, assessments[::-1])
        ]

        answers = pair.at_once(*map(posting_batch, batches))

        assert statuses(answers) == {200: 2}
        assert {item["outcome"] for answer in answers for item in answer.json()["items"]} == {"awarded"}


def posting_batch(content):
    return lambda client: client.post("/v1/results/batch", json={"items": content})


@pytest.mark.parametrize("kind", BOTH_KINDS)
def test_two_imports_of_one_file_at_once_come_to_the_same_as_one(university, database_of, tmp_path, kind):
    file, mapping = rolls.write(tmp_path, rolls.rows(40, Random(8)))
    words = "results", "import", file, "--issuer", "biology", "--mapping", mapping
    alone, _ = university
    expected = alone.run(*words)["counts"]
    folder = tmp_path / "shared"
    folder.mkdir()
    with database_of(kind, folder) as url:
        shared = Installation(url, folder)
        shared.found("biology", [rolls.MODULE, rolls.DISTINCTION])

        with ThreadPoolExecutor(2) as hands:
            counts = [done["counts"] for done in hands.map(lambda _: shared.run(*words), range(2))]

        assert books(shared) == books(alone)
        assert_sound(shared)
    for outcome in ("awarded", "not_yet", "recorded", "superseded"):
        assert sum(each[outcome] for each in counts) == expected[outcome]
    assert {each["rejected"] for each in counts} == {expected["rejected"]}


@pytest.mark.postgres
def test_of_two_use_cases_that_wait_for_each_other_one_begins_anew(pg_rt):
    """What no order of locks prevents: here one takes a before b, the other b before a."""
    both_hold_one = threading.Barrier(2)
    begun = Counter()

    @again_if_entangled
    def take(first, second):
        begun[first] += 1
        with pg_rt.db.begin() as db:
            db.advisory_lock([first])
            if begun[first] == 1:
                both_hold_one.wait()
            db.advisory_lock([second])
        return f"{first} before {second}"

    with ThreadPoolExecutor(2) as hands:
        done = list(hands.map(take, "ab", "ba"))

    assert done == ["a before b", "b before a"]
    assert sorted(begun.values()) == [1, 2]


@pytest.mark.parametrize("kind", BOTH_KINDS)
def test_two_processes_start_on_an_empty_database(request, tmp_path, kind):
    with empty_database(request, kind, tmp_path) as url:
        installation = Installation(url, tmp_path)

        starting = [installation.start("migrate") for _ in range(2)]

        assert [process.wait(PATIENCE) for process in starting] == [0, 0], installation.complaints()


@contextmanager
def empty_database(request, kind, folder):
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'new.sqlite'}"
        return
    with postgres_database(request.getfixturevalue("postgres")) as url:
        yield text(url)

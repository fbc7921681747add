"""The last two parts of one stack, at the same instant, through two processes: exactly one stack, every time."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from faults.books import assert_sound
from installation import Installation, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROUNDS = 100
BOTH_KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]

SKILL = {
    "description": "Shown once.",
    "criteria": {"narrative": "At least 50."},
    "score": {"minimum": 0, "maximum": 100},
    "award": {"conditions": [{"type": "score", "minimum": 50}]},
}
COMPETENCY = {"description": "Adds up.", "criteria": {"narrative": "Its parts."}, "suspendable": True}


def holding(*keys: str) -> dict[str, Any]:
    return {"type": "holding", "achievements": list(keys)}


def rule(key: str, tree: dict[str, Any], example: str) -> dict[str, Any]:
    nobody = {"name": "Nobody", "at": "2026-01-01T00:00:00Z", "met": False}
    held = [{"id": name, "achievement": name, "awarded_at": "2025-01-01T00:00:00Z"} for name in example.split()]
    somebody = nobody | {"name": "Somebody", "met": True, "holdings": held}
    return {"key": key, "achievement": key, "policy": "suspend", "rule": tree, "examples": [nobody, somebody]}


PAIR = rule("pair", {"type": "all", "rules": [holding("left"), holding("right")]}, "left right")
TOP = rule("top", holding("pair"), "pair")


@pytest.fixture(scope="module", params=BOTH_KINDS)
def pair(request, database_of, tmp_path_factory):
    """Two servers on one database, with a client of each; in the end the books must be right."""
    folder = tmp_path_factory.mktemp("stacks")
    with database_of(request.param, folder) as url:
        ports = free_port(), free_port()
        installation = Installation(url, folder, f"http://127.0.0.1:{ports[0]}")
        skills = [SKILL | {"key": key, "name": key} for key in ("left", "right")]
        competencies = [COMPETENCY | {"key": key, "name": key} for key in ("pair", "top")]
        key = installation.found("biology", skills + competencies)
        installation.publish_rules("biology", [PAIR, TOP])
        with (
            installation.serving(ports[0]) as one,
            installation.serving(ports[1]) as other,
            one.client(key) as left,
            other.client(key) as right,
        ):
            yield installation, left, right
        assert_sound(installation)


_numbers = itertools.count(1)


def result(student: str, skill: str) -> dict[str, Any]:
    return {
        "source": "sis",
        "source_id": f"r{next(_numbers)}",
        "learner": {"identifiers": [{"type": "sourcedId", "value": student}]},
        "achievement": skill,
        "score": "90",
        "assessor": {"kind": "automated"},
        "assessed_at": "2026-02-01T10:00:00Z",
    }


def at_once(*acts):
    start = threading.Barrier(len(acts))

    def begin(act):
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return list(crowd.map(begin, acts))


def stacks(installation, student):
    """Give the states of the stacked credentials of a student, by achievement."""
    return installation.rows(
        "SELECT a.key, c.state FROM credential c JOIN award w ON w.id = c.award_id"
        " JOIN achievement a ON a.id = c.achievement_id"
        " JOIN learner_identifier i ON i.learner_id = c.learner_id"
        " WHERE i.value = :student AND w.basis LIKE 'stack:%' ORDER BY a.key, c.created_at",
        student=student,
    )


def test_the_last_two_parts_at_once_make_one_stack_a_hundred_times(pair):
    installation, left, right = pair
    for number in range(ROUNDS):
        student = f"student-{number}"
        parts = [(left, result(student, "left")), (right, result(student, "right"))]

        answers = at_once(*(lambda door=door, part=part: door.post("/v1/results", json=part) for door, part in parts))

        assert [answer.json()["outcome"] for answer in answers] == ["awarded", "awarded"]
        assert stacks(installation, student) == [("pair", "current"), ("top", "current")]


def test_a_part_revoked_while_the_other_one_comes_never_leaves_a_stack_on_it(pair):
    installation, left, right = pair
    for number in range(20):
        student = f"torn-{number}"
        first = left.post("/v1/results", json=result(student, "left")).json()["credential_id"]

        at_once(
            lambda first=first: left.post(f"/v1/credentials/{first}/revoke", json={"reason_code": "error"}),
            lambda student=student: right.post("/v1/results", json=result(student, "right")),
        )

        assert stacks(installation, student) in ([], [("pair", "suspended"), ("top", "suspended")])


def test_the_stack_is_out_when_its_last_part_is_answered_for(pair):
    installation, left, right = pair
    left.post("/v1/results", json=result("swift", "left"))

    right.post("/v1/results", json=result("swift", "right"))

    assert stacks(installation, "swift") == [("pair", "current"), ("top", "current")]

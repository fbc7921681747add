"""Recognising what was earned elsewhere, through the doors."""

from __future__ import annotations

import pytest

from api.expecting import places, problem
from api.guarded import RECOGNITION
from world import award, publish


@pytest.fixture
def learner(rt, tenant, call):
    publish(rt, tenant)
    award(rt, tenant, level="beginning")
    known = {"identifiers": [{"type": "emailAddress", "value": "ada@example.edu"}]}
    return call("POST", "/v1/learners/find", json=known).json()["learner_id"]


@pytest.fixture
def recognise(call, learner):
    """Recognise something for the learner: ``recognise(credits=…)``."""
    return lambda **more: call("POST", f"/v1/learners/{learner}/recognitions", json={**RECOGNITION, **more})


@pytest.fixture
def badge(rt, other, call):
    """A badge that another school gave."""
    publish(rt, other, key="cooperation", name="Cooperation")
    made = award(rt, other, achievement="cooperation").credential_id
    return call("GET", f"/v1/credentials/{made}", key=other.key).json()["document"]


def test_prior_learning_is_recognised_listed_and_taken_back(call, learner, recognise):
    made = recognise(level="proficient", credits="2.50", note="seen by the dean")

    told = made.json()
    assert made.status_code == 201
    assert {name: told[name] for name in ("kind", "awarded_at", "level", "credits", "state", "note", "duplicate")} == {
        "kind": "prior_learning",
        "awarded_at": "2026-01-01T00:00:00Z",
        "level": "proficient",
        "credits": "2.5",
        "state": "issued",
        "note": "seen by the dean",
        "duplicate": False,
    }
    assert call("GET", f"/v1/credentials/{told['credential_id']}").json()["standing"] == "current"
    assert call("GET", f"/v1/learners/{learner}/recognitions").json() == {"items": [told]}

    gone = call("POST", f"/v1/recognitions/{told['id']}/withdraw", json={"reason_code": "mistaken"})

    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    assert "credential_id" not in gone.json()
    assert call("GET", f"/v1/credentials/{told['credential_id']}").json()["standing"] == "revoked"
    again = call("POST", f"/v1/recognitions/{told['id']}/withdraw", json={"reason_code": "mistaken"})
    problem(again, 409, "conflict")


def test_a_badge_is_recognised_once(recognise, badge):
    first, second = (recognise(kind="transfer", credential=badge) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json() | {"duplicate": True}
    assert first.json()["recognised_achievement"] == badge["credentialSubject"]["achievement"]["id"]
    assert first.json()["recognised_issuer"] == badge["issuer"]["id"]
    told = problem(recognise(kind="transfer", credential=badge, credits=3), 409, "conflict")
    assert places(told) == {("/credits", "differs")}


def test_the_same_request_under_one_key_has_one_answer(call, learner):
    def send():
        key = {"Idempotency-Key": f"recognise-{learner}"}
        return call("POST", f"/v1/learners/{learner}/recognitions", json=RECOGNITION, headers=key)

    assert send().json() == send().json()


def test_a_badge_that_does_not_verify_is_refused_with_the_reasons(recognise, badge):
    told = problem(recognise(kind="transfer", credential=badge | {"name": "Grander"}), 422, "unacceptable")

    assert {pointer.partition("/proof")[0] for pointer, _ in places(told)} == {"/credential"}
    assert "signature" in str(told["problems"])


@pytest.mark.parametrize(
    "change",
    [{"kind": "gift"}, {"awarded_at": "2026-01-01"}, {"level": ""}, {"credits": -1}, {"credits": "x"}, {"grade": 1}],
    ids=str,
)
def test_a_recognition_of_the_wrong_shape_is_malformed(recognise, change):
    problem(recognise(**change), 400, "malformed")

"""Holds on learners, and the events that clients follow."""

from __future__ import annotations

import pytest

from api.expecting import places, problem
from world import award, publish, result


@pytest.fixture
def learner(rt, tenant, call):
    publish(rt, tenant)
    publish(rt, tenant, key="listening", name="Listening")
    return call("GET", f"/v1/credentials/{award(rt, tenant).credential_id}").json()["learner_id"]


def test_a_learner_is_found_by_what_a_source_knows(call, learner):
    known = {"type": "emailAddress", "value": "ADA@example.edu "}

    assert call("POST", "/v1/learners/find", json={"identifiers": [known]}).json() == {"learner_id": learner}
    problem(call("POST", "/v1/learners/find", json={"identifiers": [{**known, "value": "no@b.c"}]}), 404, "missing")
    problem(call("POST", "/v1/learners/find", json={"identifiers": []}), 400, "malformed")


def test_a_hold_makes_awards_wait_until_it_is_lifted(call, learner):
    held = call("POST", f"/v1/learners/{learner}/hold", json={"reason": "fees"})
    waiting = call("POST", "/v1/results", json=result(achievement="listening")).json()

    assert (held.status_code, held.content) == (204, b"")
    assert waiting["outcome"] == "pending"
    assert waiting["trace"]["held"] == {"because": "a hold on the learner", "until": None}
    assert "credential_id" not in waiting
    assert len(call("GET", "/v1/credentials").json()["items"]) == 1

    lifted = call("POST", f"/v1/learners/{learner}/lift")

    assert (lifted.status_code, len(lifted.json()["released"])) == (200, 1)
    assert len(call("GET", "/v1/credentials").json()["items"]) == 2
    assert call("POST", f"/v1/learners/{learner}/lift").json() == {"released": []}


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": 1}, {"reason": "x" * 201}, {"reason": "x", "until": 1}]
)
def test_a_hold_has_a_reason(call, learner, body):
    problem(call("POST", f"/v1/learners/{learner}/hold", json=body), 400, "malformed")


@pytest.mark.usefixtures("learner")
class TestEvents:
    def test_they_come_in_order_and_once(self, call):
        seen, after = [], 0
        while page := call("GET", "/v1/events", params={"after": after, "limit": 2}).json()["items"]:
            seen, after = seen + page, page[-1]["seq"]

        assert [event["type"] for event in seen] == [
            "achievement.drafted",
            "achievement.published",
            "achievement.drafted",
            "achievement.published",
            "award.award",
            "credential.issued",
            "result.recorded",
        ]
        assert [event["seq"] for event in seen] == sorted({event["seq"] for event in seen})

    def test_the_next_number_stays_when_nothing_happened(self, call):
        end = call("GET", "/v1/events").json()["next"]

        assert call("GET", "/v1/events", params={"after": end}).json() == {"items": [], "next": end}

    def test_they_tell_nothing_about_the_learner(self, call):
        assert "ada@example.edu" not in call("GET", "/v1/events").text

    @pytest.mark.parametrize("params", [{"after": -1}, {"after": "x"}, {"after": 2**62}, {"limit": 0}, {"limit": 1001}])
    def test_a_question_of_the_wrong_shape_is_malformed(self, call, params):
        told = problem(call("GET", "/v1/events", params=params), 400, "malformed")

        assert {pointer for pointer, _ in places(told)} == {f"/{name}" for name in params}

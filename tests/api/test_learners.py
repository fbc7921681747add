"""Learners merged, enrolled and held, and the events that clients follow."""

from __future__ import annotations

import pytest

from api.expecting import places, problem
from api.guarded import NOBODY
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


class TestMerging:
    @pytest.fixture
    def other_learner(self, rt, tenant, call, learner):  # noqa: ARG002 - whose achievements it takes
        return call("GET", f"/v1/credentials/{award(rt, tenant, 'bob@example.edu').credential_id}").json()["learner_id"]

    def test_two_become_one_and_two_again(self, call, learner, other_learner):
        merged = call("POST", f"/v1/learners/{other_learner}/merge", json={"into": learner})
        shown = call("GET", f"/v1/learners/{other_learner}").json()

        assert (merged.status_code, merged.json()) == (200, call("GET", f"/v1/learners/{learner}").json())
        assert merged.json()["root_id"] == learner
        (absorbed,) = merged.json()["merged"]
        assert absorbed == {key: shown[key] for key in absorbed}
        assert shown["merged_into"] == shown["root_id"] == learner
        assert shown["identifiers"] == [{"type": "emailAddress", "value": "bob@example.edu"}]
        page = call("GET", "/v1/credentials", params={"learner": learner}).json()
        assert {one["learner_id"] for one in page["items"]} == {learner, other_learner}

        apart = call("POST", f"/v1/learners/{other_learner}/unmerge")

        assert (apart.status_code, apart.json()["root_id"]) == (200, other_learner)
        assert call("GET", f"/v1/learners/{learner}").json()["merged"] == []

    def test_what_is_refused_says_why(self, call, learner, other_learner):
        path = f"/v1/learners/{other_learner}/merge"
        call("POST", path, json={"into": learner})

        told = problem(call("POST", path, json={"into": learner}), 409, "conflict")
        assert places(told) == {("", "merged_already")}
        assert "unmerge" in told["detail"]
        told = problem(call("POST", f"/v1/learners/{learner}/merge", json={"into": learner}), 422, "unacceptable")
        assert places(told) == {("/into", "same_learner")}
        told = problem(call("POST", f"/v1/learners/{learner}/merge", json={"into": NOBODY}), 422, "unacceptable")
        assert places(told) == {("/into", "unknown_learner")}
        told = problem(call("POST", f"/v1/learners/{learner}/unmerge"), 409, "conflict")
        assert places(told) == {("", "not_merged")}

    def test_a_merge_sent_twice_under_one_key_is_one(self, call, learner, other_learner):
        def send():
            key = {"Idempotency-Key": f"merge-{other_learner}"}
            return call("POST", f"/v1/learners/{other_learner}/merge", json={"into": learner}, headers=key)

        assert send().json() == send().json()

    @pytest.mark.parametrize("body", [{}, {"into": "x"}, {"into": NOBODY, "did": "x"}, {"into": NOBODY, "why": "x"}])
    def test_a_merge_of_the_wrong_shape_is_malformed(self, call, learner, body):
        problem(call("POST", f"/v1/learners/{learner}/merge", json=body), 400, "malformed")


ENROLMENTS = {
    "programmes": [
        {"programme": "BA", "title": "Arts", "catalog_year": "2025-26", "started_on": "2025-09-01"},
        {"programme": "MA", "title": "MA", "catalog_year": "2027"},
    ],
    "achievements": [{"achievement": "listening", "ends_on": "2026-07-31"}, {"achievement": "teamwork"}],
}


class TestEnrolments:
    def test_what_was_put_is_what_is_got(self, call, learner):
        path = f"/v1/learners/{learner}/enrolments"
        assert call("GET", path).json() == {"programmes": [], "achievements": []}

        put = call("PUT", path, json=ENROLMENTS)

        assert (put.status_code, put.content) == (204, b"")
        assert call("GET", path).json() == ENROLMENTS
        assert call("PUT", path, json={}).status_code == 204
        assert call("GET", path).json() == {"programmes": [], "achievements": []}

    def test_what_breaks_a_rule_is_named_by_its_place(self, call, learner):
        wrong = {**ENROLMENTS, "achievements": [{"achievement": "nothing"}]}

        told = problem(call("PUT", f"/v1/learners/{learner}/enrolments", json=wrong), 422, "unacceptable")

        assert places(told) == {("/achievements/0/achievement", "unknown_achievement")}

    @pytest.mark.parametrize(
        "body",
        [
            {"programmes": [{"programme": "BA"}]},
            {"programmes": [{"programme": "BA", "catalog_year": "soon"}]},
            {"programmes": [{"programme": str(one), "catalog_year": "2026"} for one in range(21)]},
            {"achievements": [{"achievement": str(one)} for one in range(201)]},
            {"achievements": [{"achievement": "teamwork", "ends_on": "2026-02-30"}]},
            {"courses": []},
        ],
        ids=["no year", "bad year", "many programmes", "many achievements", "bad day", "unknown"],
    )
    def test_enrolments_of_the_wrong_shape_are_malformed(self, call, learner, body):
        problem(call("PUT", f"/v1/learners/{learner}/enrolments", json=body), 400, "malformed")


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

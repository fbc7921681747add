"""The wall between issuers: what is one's is not there for another, whichever way they ask."""

from __future__ import annotations

import pytest

from api.expecting import problem
from api.guarded import GUARDED, RECOGNITION, RULE, anywhere, body_of
from stacks import competency, holding, rule
from world import award, publish, result

ABOUT_ONE = [operation for operation in GUARDED if "{" in operation[1]]


@pytest.fixture
def theirs(rt, tenant, call):
    """Things of one issuer, by the names that paths have for their ids."""
    achievement = publish(rt, tenant, suspendable=True)
    credential = award(rt, tenant).credential_id
    link = call("POST", f"/v1/credentials/{credential}/links").json()["link_id"]
    learner = call("GET", f"/v1/credentials/{credential}").json()["learner_id"]
    recognition = call("POST", f"/v1/learners/{learner}/recognitions", json=RECOGNITION).json()["id"]
    publish(rt, tenant, key="leader", award=None, rubric=None)
    competency(rt, tenant, "fellow")
    rule(rt, tenant, "fellow", holding("teamwork"))
    part = award(rt, tenant, "bob@example.edu").credential_id
    call("POST", f"/v1/credentials/{part}/revoke", json={"reason_code": "error"})
    return {
        "case_id": call("GET", "/v1/cases").json()["items"][0]["id"],
        "achievement_id": achievement.id,
        "rule_id": call("POST", "/v1/rules", json=RULE).json()["id"],
        "credential_id": credential,
        "link_id": link,
        "learner_id": learner,
        "recognition_id": recognition,
        "slug": tenant.issuer.slug,
        "cryptosuite": "eddsa-rdfc-2022",
    }


@pytest.mark.parametrize("operation", ABOUT_ONE, ids=" ".join)
def test_what_is_another_issuers_is_missing(call, theirs, other, operation):
    method, path = operation
    path = path.format(**theirs)
    before = call("GET", f"/v1/credentials/{theirs['credential_id']}").json()

    strangers = problem(call(method, path, key=other.key, **body_of(operation)), 404, "missing")
    nobodys = problem(call(method, anywhere(operation[1]), key=other.key, **body_of(operation)), 404, "missing")

    assert strangers["detail"] == nobodys["detail"]
    assert call("GET", f"/v1/credentials/{theirs['credential_id']}").json() == before


def test_lists_hold_what_is_ones_own(call, theirs, other):
    for path in ("/v1/credentials", "/v1/achievements", "/v1/rules", "/v1/cases", "/v1/events"):
        assert call("GET", path).json()["items"]
        assert call("GET", path, key=other.key).json()["items"] == []
    for name in ("learner", "achievement"):
        params = {name: theirs[f"{name}_id"]}
        assert call("GET", "/v1/credentials", params=params).json()["items"]
        assert call("GET", "/v1/credentials", params=params, key=other.key).json()["items"] == []


def test_results_find_only_achievements_of_their_issuer(rt, call, theirs, other):
    for name in ("teamwork", theirs["achievement_id"], f"{rt.base_url}/achievements/{theirs['achievement_id']}"):
        problem(call("POST", "/v1/results", key=other.key, json=result(achievement=name)), 422, "unacceptable")


def test_the_same_learner_is_another_one_elsewhere(rt, call, theirs, other):
    publish(rt, other)
    award(rt, other)

    (line,) = call("GET", "/v1/credentials", key=other.key).json()["items"]

    assert line["learner_id"] != theirs["learner_id"]

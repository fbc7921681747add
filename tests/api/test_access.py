"""Who may ask for what: keys, scopes, and the walls between issuers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.expecting import problem
from ler_issuer.api import application
from ler_issuer.services import access
from ler_issuer.services.access import Scope
from world import award, definition, publish, result

NOBODY = "11111111-2222-4333-8444-555555555555"
WHY = {"reason_code": "x"}

GUARDED = {
    ("POST", "/v1/results"): (Scope.RESULTS_WRITE, result()),
    ("POST", "/v1/results/batch"): (Scope.RESULTS_WRITE, {"items": [1]}),
    ("POST", "/v1/achievements"): (Scope.ACHIEVEMENTS_WRITE, definition()),
    ("POST", "/v1/achievements/{achievement_id}/publish"): (Scope.ACHIEVEMENTS_WRITE, None),
    ("GET", "/v1/achievements"): (Scope.ACHIEVEMENTS_READ, None),
    ("GET", "/v1/achievements/{achievement_id}"): (Scope.ACHIEVEMENTS_READ, None),
    ("GET", "/v1/credentials"): (Scope.CREDENTIALS_READ, None),
    ("GET", "/v1/credentials/{credential_id}"): (Scope.CREDENTIALS_READ, None),
    ("POST", "/v1/credentials/{credential_id}/revoke"): (Scope.CREDENTIALS_STATUS, WHY),
    ("POST", "/v1/credentials/{credential_id}/suspend"): (Scope.CREDENTIALS_STATUS, WHY),
    ("POST", "/v1/credentials/{credential_id}/reinstate"): (Scope.CREDENTIALS_STATUS, WHY),
    ("POST", "/v1/credentials/{credential_id}/links"): (Scope.CREDENTIALS_SHARE, {}),
    ("DELETE", "/v1/links/{link_id}"): (Scope.CREDENTIALS_SHARE, None),
    ("POST", "/v1/learners/{learner_id}/hold"): (Scope.LEARNERS_WRITE, {"reason": "fees"}),
    ("POST", "/v1/learners/{learner_id}/lift"): (Scope.LEARNERS_WRITE, None),
    ("GET", "/v1/events"): (Scope.EVENTS_READ, None),
}
"""Every operation that takes a key, the scope that it asks for, and a body that it would accept."""

ABOUT_ONE = [operation for operation in GUARDED if "{" in operation[1]]


def operations():
    return {
        (method.upper(), path): operation
        for path, methods in application.describe()["paths"].items()
        for method, operation in methods.items()
    }


def body_of(operation):
    body = GUARDED[operation][1]
    return {} if body is None else {"json": body}


def anywhere(path):
    return (
        path.replace("{", "").replace("}", "")
        if "{" not in path
        else path.partition("{")[0] + NOBODY + path.partition("}")[2]
    )


def test_every_operation_is_either_guarded_or_says_that_it_is_public():
    described = operations()
    keyed = {key for key, operation in described.items() if operation.get("security")}

    assert keyed == set(GUARDED)
    assert all("public" in described[key]["tags"] for key in described.keys() - keyed)
    assert {key: operation["security"] for key, operation in described.items() if key in GUARDED} == {
        key: [{"ApiKey": [scope.value]}] for key, (scope, _) in GUARDED.items()
    }


@pytest.mark.parametrize("operation", GUARDED, ids=" ".join)
class TestEveryGuardedOperation:
    def test_it_asks_for_a_key(self, service, operation):
        method, path = operation
        for headers in (
            {},
            {"Authorization": "Basic YTpi"},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer x"},
        ):
            answer = service.request(method, anywhere(path), headers=headers, **body_of(operation))

            problem(answer, 401, "sign-in")
            assert answer.headers["www-authenticate"] == "Bearer"

    def test_it_asks_for_its_scope_and_no_other(self, rt, call, tenant, operation):
        (method, path), (scope, _) = operation, GUARDED[operation]
        slug = tenant.issuer.slug
        _, all_others = access.create_key(rt, slug, name="all others", scopes=set(Scope) - {scope}, actor="cli:test")
        _, only = access.create_key(rt, slug, name="only", scopes=[scope], actor="cli:test")

        told = problem(call(method, anywhere(path), key=all_others, **body_of(operation)), 403, "denied")

        assert scope.value in told["detail"]
        assert call(method, anywhere(path), key=only, **body_of(operation)).status_code not in {401, 403}


class TestKeys:
    def test_an_expired_key_is_not_known(self, rt, call, tenant, world):
        _, secret = access.create_key(
            rt, tenant.issuer.slug, name="short", scopes=Scope, actor="cli:test", lifetime=timedelta(hours=1)
        )
        assert call("GET", "/v1/events", key=secret).status_code == 200
        world.wait(hours=1)

        problem(call("GET", "/v1/events", key=secret), 401, "sign-in")

    def test_a_revoked_key_is_not_known(self, rt, call, tenant):
        key, secret = access.create_key(rt, tenant.issuer.slug, name="gone", scopes=Scope, actor="cli:test")
        access.revoke_key(rt, key.id, actor="cli:test")

        problem(call("GET", "/v1/events", key=secret), 401, "sign-in")

    @pytest.mark.parametrize("secret", ["\xe9", "ler_", "a b", "x" * 5000])
    def test_no_key_makes_trouble(self, call, secret):
        problem(
            call("GET", "/v1/events", headers={"Authorization": f"Bearer {secret}".encode("latin-1")}), 401, "sign-in"
        )

    def test_use_is_noted(self, rt, call, tenant, world):
        world.wait(minutes=5)
        call("GET", "/v1/events")

        (key,) = access.list_keys(rt, tenant.issuer.slug)
        assert key.last_used_at == world.time


@pytest.fixture
def theirs(rt, tenant, call):
    """Things of one issuer, by the names that paths have for their ids."""
    achievement = publish(rt, tenant, suspendable=True)
    credential = award(rt, tenant).credential_id
    link = call("POST", f"/v1/credentials/{credential}/links").json()["link_id"]
    learner = call("GET", f"/v1/credentials/{credential}").json()["learner_id"]
    return {"achievement_id": achievement.id, "credential_id": credential, "link_id": link, "learner_id": learner}


class TestTheWallBetweenIssuers:
    @pytest.mark.parametrize("operation", ABOUT_ONE, ids=" ".join)
    def test_what_is_another_issuers_is_missing(self, call, theirs, other, operation):
        method, path = operation
        path = path.format(**theirs)
        before = call("GET", f"/v1/credentials/{theirs['credential_id']}").json()

        strangers = problem(call(method, path, key=other.key, **body_of(operation)), 404, "missing")
        nobodys = problem(call(method, anywhere(operation[1]), key=other.key, **body_of(operation)), 404, "missing")

        assert strangers["detail"] == nobodys["detail"]
        assert call("GET", f"/v1/credentials/{theirs['credential_id']}").json() == before

    def test_lists_hold_what_is_ones_own(self, call, theirs, other):
        for path in ("/v1/credentials", "/v1/achievements", "/v1/events"):
            assert call("GET", path).json()["items"]
            assert call("GET", path, key=other.key).json()["items"] == []
        for name in ("learner", "achievement"):
            params = {name: theirs[f"{name}_id"]}
            assert call("GET", "/v1/credentials", params=params).json()["items"]
            assert call("GET", "/v1/credentials", params=params, key=other.key).json()["items"] == []

    def test_results_find_only_achievements_of_their_issuer(self, rt, call, theirs, other):
        for name in ("teamwork", theirs["achievement_id"], f"{rt.base_url}/achievements/{theirs['achievement_id']}"):
            problem(call("POST", "/v1/results", key=other.key, json=result(achievement=name)), 422, "unacceptable")

    def test_the_same_learner_is_another_one_elsewhere(self, rt, call, theirs, other):
        publish(rt, other)
        award(rt, other)

        (line,) = call("GET", "/v1/credentials", key=other.key).json()["items"]

        assert line["learner_id"] != theirs["learner_id"]

"""Who may ask for what: keys and their scopes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.expecting import problem
from api.guarded import GUARDED, anywhere, body_of
from ler_issuer.api import application
from ler_issuer.services import access
from ler_issuer.services.access import Scope


def operations():
    return {
        (method.upper(), path): operation
        for path, methods in application.describe()["paths"].items()
        for method, operation in methods.items()
    }


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

"""Access tokens: bought with an API key, narrower than it, and gone with it."""

from __future__ import annotations

import base64
import json

import pytest

from api.expecting import problem
from ler_issuer.services import access, tokens
from ler_issuer.services.access import Scope


@pytest.fixture
def client(rt, tenant):
    """The id and the secret of an API key with two scopes."""
    scopes = [Scope.EVENTS_READ, Scope.CREDENTIALS_READ]
    key, secret = access.create_key(rt, tenant.issuer.slug, name="a client", scopes=scopes, actor="cli:test")
    return key.id, secret


@pytest.fixture
def ask(service, client):
    def asked(**changes):
        form = {"grant_type": "client_credentials", "client_id": client[0], "client_secret": client[1]} | changes
        return service.post("/oauth/token", data={name: value for name, value in form.items() if value is not None})

    return asked


def use(service, token, path="/v1/events"):
    return service.get(path, headers={"Authorization": f"Bearer {token}"})


def refused(answer, error, status=400):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]
    return answer


class TestATokenIsGranted:
    def test_it_stands_for_the_key(self, ask, service):
        answer = ask()
        told = answer.json()

        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert (told["token_type"], told["expires_in"]) == ("Bearer", 3600)
        assert set(told["scope"].split()) == {"events:read", "credentials:read"}
        assert use(service, told["access_token"]).status_code == 200
        problem(use(service, told["access_token"], "/v1/rules"), 403, "denied")

    def test_a_client_may_say_who_it_is_in_the_header(self, service, client):
        answer = service.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=client)

        assert use(service, answer.json()["access_token"]).status_code == 200

    def test_it_may_be_narrower(self, ask, service):
        token = ask(scope="credentials:read").json()

        assert token["scope"] == "credentials:read"
        assert use(service, token["access_token"], "/v1/credentials").status_code == 200
        problem(use(service, token["access_token"]), 403, "denied")

    def test_it_acts_as_the_key_does(self, ask, rt, client):
        caller = tokens.authenticate(rt, ask().json()["access_token"])

        assert caller.actor == f"key:{client[0]}"


class TestATokenEnds:
    def test_after_an_hour(self, ask, service, world):
        token = ask().json()["access_token"]
        world.wait(minutes=59)
        assert use(service, token).status_code == 200
        world.wait(minutes=1)

        problem(use(service, token), 401, "sign-in")

    def test_with_its_key(self, ask, service, rt, client):
        token = ask().json()["access_token"]
        access.revoke_key(rt, client[0], actor="cli:test")

        problem(use(service, token), 401, "sign-in")
        refused(ask(), "invalid_client", 401)


class TestNobodyForgesOne:
    @pytest.mark.parametrize("token", ["lera_", "lera_x", "lera_.", "lera_e30.e30", "lera_é.x", "lera_" + "x" * 5000])
    def test_nonsense_is_not_known(self, service, token):
        answer = service.get("/v1/events", headers={"Authorization": f"Bearer {token}".encode("latin-1")})

        problem(answer, 401, "sign-in")

    def test_no_word_of_it_can_be_changed(self, ask, service):
        said, mac = ask().json()["access_token"].removeprefix("lera_").split(".")
        told = json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        for change in ({"scopes": sorted(Scope)}, {"ends": told["ends"] + 60}, {"key": "another"}):
            forged = base64.urlsafe_b64encode(json.dumps(told | change).encode()).decode().rstrip("=")

            problem(use(service, f"lera_{forged}.{mac}"), 401, "sign-in")


class TestNoToken:
    @pytest.mark.parametrize(
        ("changes", "error", "status"),
        [
            ({"client_secret": "ler_wrong"}, "invalid_client", 401),
            ({"client_id": "11111111-2222-4333-8444-555555555555"}, "invalid_client", 401),
            ({"client_id": None}, "invalid_client", 401),
            ({"client_secret": ""}, "invalid_client", 401),
            ({"scope": "rules:write"}, "invalid_scope", 400),
            ({"scope": "nonsense"}, "invalid_scope", 400),
            ({"scope": " "}, "invalid_scope", 400),
            ({"grant_type": "password"}, "unsupported_grant_type", 400),
            ({"grant_type": None}, "invalid_request", 400),
        ],
        ids=str,
    )
    def test_for_a_request_that_does_not_earn_one(self, ask, changes, error, status):
        answer = refused(ask(**changes), error, status)

        assert (answer.headers.get("www-authenticate", "").startswith("Basic")) == (status == 401)

    def test_for_a_key_of_another(self, ask, rt, other):
        key, _ = access.create_key(rt, other.issuer.slug, name="x", scopes=Scope, actor="cli:test")

        refused(ask(client_id=key.id), "invalid_client", 401)

    @pytest.mark.parametrize(
        ("content", "headers", "error", "status"),
        [
            (b"grant_type=client_credentials&grant_type=client_credentials", {}, "invalid_request", 400),
            (b"\xff", {}, "invalid_request", 400),
            (b"{}", {"Content-Type": "application/json"}, "invalid_request", 400),
            (b"grant_type=client_credentials", {"Authorization": "Basic !"}, "invalid_client", 401),
            (b"grant_type=client_credentials", {"Authorization": "Basic eA=="}, "invalid_client", 401),
            (b"grant_type=client_credentials&client_secret=x", {"Authorization": "Basic eDp5"}, "invalid_request", 400),
        ],
    )
    def test_for_what_cannot_be_read(self, service, content, headers, error, status):
        form = {"Content-Type": "application/x-www-form-urlencoded"} | headers

        refused(service.post("/oauth/token", content=content, headers=form), error, status)

    def test_for_a_form_without_end(self, service):
        form = {"Content-Type": "application/x-www-form-urlencoded"}

        problem(service.post("/oauth/token", content=b"x" * 20_000, headers=form), 413, "too-large")

"""Keys as JSON Web Keys, as whoever checks a token gets them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from api.expecting import problem
from ler_issuer.services import exporting, keyring
from ler_issuer.services.exporting import Form
from ler_issuer.vc import Found, check_envelope, open_envelope
from world import award, publish


@pytest.fixture
def key(rt, tenant):
    return keyring.add_jwt_key(rt, tenant.issuer.slug, "ES256", actor="cli:test")


@pytest.fixture
def paths(tenant, key):
    home = f"/issuers/{tenant.issuer.slug}"
    return {"all": "/.well-known/jwks.json", "issuer": f"{home}/jwks.json", "key": f"{home}/keys/{key.id}"}


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("all", "application/jwk-set+json"), ("issuer", "application/jwk-set+json"), ("key", "application/jwk+json")],
)
def test_keys_are_there_for_anybody(service, paths, name, media_type):
    answer = service.get(paths[name], headers={"Origin": "https://verifier.example"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["access-control-allow-origin"] == "*"
    assert service.get(paths[name], headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    plain = service.get(paths[name], headers={"Accept": "application/json"})
    assert plain.headers["content-type"] == "application/json"
    assert plain.json() == answer.json()


@pytest.mark.usefixtures("key")
def test_a_token_leads_to_its_key(service, rt, tenant):
    publish(rt, tenant)
    read = open_envelope(exporting.export(rt, tenant.caller, award(rt, tenant).credential_id, Form.JWT).decode())
    jwk = service.get(urlsplit(read.kid).path).json()
    document = service.get(f"/issuers/{tenant.issuer.slug}/did.json").json()
    material = {read.kid: Found(jwk), tenant.issuer.did: Found(document)}
    assert jwk["kid"] == read.kid
    assert {one.outcome.value for one in check_envelope(read, material, rt.now())} == {"pass"}


@pytest.mark.parametrize(
    "path",
    [
        "/issuers/nobody/jwks.json",
        "/issuers/B%00/jwks.json",
        "/issuers/biology/keys/x",
        "/issuers/biology/keys/00000000-0000-4000-8000-000000000000",
        "/issuers/nobody/keys/00000000-0000-4000-8000-000000000000",
    ],
)
@pytest.mark.usefixtures("tenant")
def test_what_is_not_there(service, path):
    problem(service.get(path), 404, "missing")

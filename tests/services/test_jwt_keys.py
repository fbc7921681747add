"""Keys for tokens: held beside the other key, rotated, published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from ler_issuer.errors import Missing, Unacceptable
from ler_issuer.net.keystores import KeyLocked, KeyStore
from ler_issuer.services import exporting, keyring, verifying
from ler_issuer.services.exporting import Form
from ler_issuer.store import keys, tables
from ler_issuer.vc import PublicKey, Verdict
from records import deeds, tamper
from world import CHEAP, award, found, publish


def add(rt, alg="RS256", slug="biology"):
    return keyring.add_jwt_key(rt, slug, alg, actor="cli:test")


def published(rt, url):
    with rt.db.read() as db:
        return keyring.published_jwk(db, url)


@pytest.mark.parametrize(("alg", "kty"), [("RS256", "RSA"), ("ES256", "EC"), ("EdDSA", "OKP")])
def test_a_key_is_published_in_every_place(rt, tenant, alg, kty):
    made = add(rt, alg)
    home, public = tenant.issuer.home, PublicKey.from_multibase(made.public_multibase)
    expected = {
        **public.jwk(), "kid": f"{home}/keys/{made.id}", "alg": alg, "use": "sig", "iss": tenant.issuer.did
    }  # fmt: skip

    assert expected["kty"] == kty
    assert keyring.jwk(rt, "biology", made.id) == published(rt, expected["kid"]) == expected
    assert expected in keyring.jwks(rt, "biology")["keys"]
    assert expected in keyring.jwks(rt)["keys"]
    assert published(rt, f"{rt.base_url}/.well-known/jwks.json") == keyring.jwks(rt)
    method = keyring.published_document(rt, "biology")["verificationMethod"][-1]
    assert method == {
        "id": f"{tenant.issuer.did}#{made.id}",
        "type": "JsonWebKey",
        "controller": tenant.issuer.did,
        "publicKeyJwk": public.jwk(),
    }
    assert keyring.published_document(rt, "biology")["assertionMethod"][-1] == method["id"]


@pytest.mark.usefixtures("tenant")
def test_nothing_private_is_published(rt):
    for alg in keyring.JWT_ALGORITHMS:
        add(rt, alg)
    for one in keyring.jwks(rt)["keys"]:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & one.keys()
        PublicKey.from_jwk(one)


def test_the_key_of_the_log_is_not_among_them(rt, tenant):
    with rt.db.read() as db:
        log = keys.in_use(db, tenant.issuer.id, "log")
    with pytest.raises(Missing):
        keyring.jwk(rt, "biology", log.id)
    assert all(PublicKey.from_jwk(one).multibase != log.public_multibase for one in keyring.jwks(rt)["keys"])


def test_a_second_key_retires_the_first_and_both_stay_published(rt, tenant, world):
    publish(rt, tenant)
    old = add(rt, "RS256")
    before = exporting.export(rt, tenant.caller, award(rt, tenant, "ada@b.c").credential_id, Form.JWT).decode()
    world.wait(days=1)
    new = add(rt, "ES256")
    after = exporting.export(rt, tenant.caller, award(rt, tenant, "bob@b.c").credential_id, Form.JWT).decode()

    assert [verifying.verify(rt, one).verdict for one in (before, after)] == [Verdict.ACCEPTED] * 2
    assert len(keyring.jwks(rt)["keys"]) == 3
    _, listed = keyring.list_keys(rt, "biology")
    assert {one.id for one in listed if one.purpose == "jwt" and one.retired_at is not None} == {old.id}
    assert deeds(rt, tenant.caller, "key.") == ["key.added", "key.added"]
    assert new.id != old.id


def test_a_revoked_key_vouches_for_nothing(rt, tenant, world):
    publish(rt, tenant)
    made = add(rt, "ES256")
    token = exporting.export(rt, tenant.caller, award(rt, tenant).credential_id, Form.JWT).decode()
    tamper(rt, sa.update(tables.signing_key).where(tables.signing_key.c.id == made.id).values(revoked_at=world.time))

    with pytest.raises(Missing, match="revoked"):
        keyring.jwk(rt, "biology", made.id)
    assert len(keyring.jwks(rt)["keys"]) == 1
    report = verifying.verify(rt, token)
    assert report.verdict is Verdict.REJECTED
    assert "key_revoked" in {one.code for one in report.checks}


def test_what_was_withdrawn_by_an_earlier_time(rt, tenant, world):
    noon = world.time
    world.wait(days=1)
    made = add(rt, "ES256")
    url, added = f"{tenant.issuer.home}/keys/{made.id}", world.time
    world.wait(days=1)
    tamper(rt, sa.update(tables.signing_key).where(tables.signing_key.c.id == made.id).values(revoked_at=world.time))
    with rt.db.read() as db:
        counts = [
            (len(methods), sum("revoked" in one for one in methods), keyring.published_jwk(db, url, at) is not None)
            for at in (noon, added, added + timedelta(hours=23), world.time, None)
            for methods in [keyring.did_document(db, tenant.issuer, at)["verificationMethod"]]
        ]
    assert counts == [(2, 0, True), (2, 0, True), (2, 0, True), (2, 1, True), (2, 1, True)]


def test_keys_of_several_issuers_say_whose_they_are(rt, tenant):
    other = found(rt, "chemistry")
    add(rt), add(rt, "ES256", "chemistry")
    owners = [one["iss"] for one in keyring.jwks(rt)["keys"]]
    assert sorted(owners) == sorted([tenant.issuer.did, other.issuer.did] * 2)
    assert {one["iss"] for one in keyring.jwks(rt, "chemistry")["keys"]} == {other.issuer.did}
    made = add(rt, "EdDSA", "chemistry")
    assert published(rt, f"{tenant.issuer.home}/keys/{made.id}") is None
    with pytest.raises(Missing):
        keyring.jwk(rt, "biology", made.id)


@pytest.mark.parametrize("url", ["", "https://a.example/keys/x", "/keys/", "https://a.example/.well-known/jwks.json"])
@pytest.mark.usefixtures("tenant")
def test_other_addresses_hold_no_keys(rt, url):
    assert published(rt, url) is None


def test_a_did_key_has_no_other_key(rt):
    found(rt, did_method="key")
    with pytest.raises(Unacceptable, match="did:key"):
        add(rt)


@pytest.mark.parametrize("alg", ["HS256", "none", "RSA", "ES384", ""])
@pytest.mark.usefixtures("tenant")
def test_other_algorithms_have_no_keys(rt, alg):
    with pytest.raises(Unacceptable, match="RS256"):
        add(rt, alg)
    with pytest.raises(Missing):
        add(rt, "RS256", "nobody")


@pytest.mark.usefixtures("tenant")
def test_another_passphrase_adds_no_key(rt):
    wrong = replace(rt, keys=KeyStore(b"another", rt.random, cost=CHEAP))
    with pytest.raises(KeyLocked):
        add(wrong)
    assert len(keyring.jwks(rt)["keys"]) == 1

"""Keys for credentials of which learners show parts: held beside the others, rotated, published, and found again."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from ler_issuer.errors import Missing, Unacceptable
from ler_issuer.net.keystores import KeyLocked, KeyStore
from ler_issuer.services import keyring
from ler_issuer.store import keys, tables
from ler_issuer.vc import PublicKey, resolve_method
from records import deeds, tamper
from world import CHEAP, found


def add(rt, slug="biology"):
    return keyring.add_sd_key(rt, slug, actor="cli:test")


def signer(rt, tenant):
    with rt.db.read() as db:
        return keyring.disclosure_signer(db, rt, tenant.issuer)


def test_a_key_is_published_as_a_multikey_that_may_sign(any_rt):
    tenant = found(any_rt)
    made = add(any_rt)
    document = keyring.published_document(any_rt, "biology")
    name = f"{tenant.issuer.did}#{made.public_multibase}"

    assert made.kind == "P-256"
    assert document["verificationMethod"][-1] == {
        "id": name,
        "type": "Multikey",
        "controller": tenant.issuer.did,
        "publicKeyMultibase": made.public_multibase,
    }
    assert resolve_method(document, name) == PublicKey.from_multibase(made.public_multibase)
    assert keyring.jwks(any_rt, "biology")["keys"][-1]["kid"] == name


def test_it_signs_what_its_public_half_checks(rt, tenant):
    made = add(rt)
    key, held = signer(rt, tenant)

    assert key == made
    assert held.verification_method == f"{tenant.issuer.did}#{made.public_multibase}"
    assert PublicKey.from_multibase(made.public_multibase).verify(held.sign(b"a view"), b"a view")


def test_the_other_keys_stay_in_use(rt, tenant):
    with rt.db.read() as db:
        before = keyring.signer(db, rt, tenant.issuer)[0], keyring.token_signer(db, rt, tenant.issuer)[0]
    add(rt)
    with rt.db.read() as db:
        assert (keyring.signer(db, rt, tenant.issuer)[0], keyring.token_signer(db, rt, tenant.issuer)[0]) == before
    keyring.rotate(rt, "biology", actor="cli:test")
    assert signer(rt, tenant)[0].purpose == "sd"


def test_a_second_key_retires_the_first_and_both_stay_published(rt, tenant, world):
    old = add(rt)
    world.wait(days=1)
    new = add(rt)
    named = {one["id"].partition("#")[2] for one in keyring.published_document(rt, "biology")["verificationMethod"]}
    _, listed = keyring.list_keys(rt, "biology")

    assert {old.public_multibase, new.public_multibase} <= named
    assert {one.id for one in listed if one.purpose == "sd" and one.retired_at is not None} == {old.id}
    assert signer(rt, tenant)[0].id == new.id
    assert deeds(rt, tenant.caller, "key.") == ["key.added", "key.added"]


def test_a_key_that_was_revoked_signs_nothing(rt, tenant, world):
    made = add(rt)
    tamper(rt, sa.update(tables.signing_key).where(tables.signing_key.c.id == made.id).values(revoked_at=world.time))
    with pytest.raises(Unacceptable, match="add-sd biology"):
        signer(rt, tenant)
    assert "revoked" in keyring.published_document(rt, "biology")["verificationMethod"][-1]


def test_without_a_key_it_is_said_how_to_have_one(rt, tenant):
    with pytest.raises(Unacceptable, match="ler-issuer keys add-sd biology"):
        signer(rt, tenant)


def test_a_did_key_signs_with_the_key_that_it_is_if_that_will_do(rt):
    able, unable = found(rt, "able", did_method="key", key_kind="P-256"), found(rt, "unable", did_method="key")
    key, held = signer(rt, able)

    assert (key.purpose, held.verification_method.partition("#")[0]) == ("assertion", able.issuer.did)
    with pytest.raises(Unacceptable, match="no key to sign"):
        signer(rt, unable)
    for slug in ("able", "unable"):
        with pytest.raises(Unacceptable, match="can publish no other"):
            add(rt, slug)


def test_of_p384_it_takes_another_key(rt):
    tenant = found(rt, "larger", key_kind="P-384")
    with pytest.raises(Unacceptable, match="add-sd larger"):
        signer(rt, tenant)
    assert add(rt, "larger").id == signer(rt, tenant)[0].id


@pytest.mark.usefixtures("tenant")
def test_nobody_has_none(rt):
    with pytest.raises(Missing):
        add(rt, "nobody")


@pytest.mark.usefixtures("tenant")
def test_another_passphrase_adds_no_key(rt):
    wrong = replace(rt, keys=KeyStore(b"another", rt.random, cost=CHEAP))
    with pytest.raises(KeyLocked):
        add(wrong)
    with rt.db.read() as db:
        assert keys.any_one(db) is not None
        assert len(keyring.jwks(rt)["keys"]) == 1

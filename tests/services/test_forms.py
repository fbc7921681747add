"""Credentials as tokens: signed once, kept, and revoked together with what they say the same as."""

from __future__ import annotations

import hashlib
import threading

import pytest
import sqlalchemy as sa

from ler_issuer.errors import Missing, Unacceptable
from ler_issuer.services import auditing, exporting, keyring, revoking, verifying
from ler_issuer.services.exporting import Form
from ler_issuer.services.issuing import leaf_of
from ler_issuer.services.marking import Reason
from ler_issuer.services.signing import NonconformingError
from ler_issuer.store import journal, tables
from ler_issuer.vc import Outcome, Standing, Verdict, open_envelope, without_proof
from records import count, credential, deeds, discrepancies, document, tamper
from world import award, found, publish


@pytest.fixture
def badge(rt, tenant):
    publish(rt, tenant)
    return award(rt, tenant).credential_id


def token(rt, tenant, badge):
    return exporting.export(rt, tenant.caller, badge, Form.JWT).decode()


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_a_token_says_what_the_credential_says(rt, tenant, badge, alg):
    made = keyring.add_jwt_key(rt, "biology", alg, actor="cli:test")

    read = open_envelope(token(rt, tenant, badge))

    assert read.document == without_proof(document(rt, badge))
    assert read.header == {"alg": alg, "kid": f"{tenant.issuer.home}/keys/{made.id}", "typ": "JWT"}
    assert (read.payload["jti"], read.payload["iss"]) == (f"urn:uuid:{badge}", tenant.issuer.did)
    assert discrepancies(rt) == []


@pytest.mark.parametrize("alg", ["RS256", None])
def test_anybody_can_verify_it(rt, tenant, badge, alg):
    if alg is not None:
        keyring.add_jwt_key(rt, "biology", alg, actor="cli:test")

    report = verifying.verify(rt, token(rt, tenant, badge))

    assert report.authentic
    assert report.verdict is Verdict.ACCEPTED
    assert {one.outcome for one in report.checks if one.id.value.startswith(("proof", "jwt"))} == {Outcome.PASS}


def test_without_a_key_for_tokens_the_other_one_signs(rt, tenant, badge):
    read = open_envelope(token(rt, tenant, badge))
    assert (read.alg, read.kid) == ("EdDSA", document(rt, badge)["proof"][0]["verificationMethod"])


def test_a_did_key_signs_tokens_with_its_one_key(rt):
    keyed = found(rt, did_method="key")
    publish(rt, keyed)
    read = open_envelope(token(rt, keyed, award(rt, keyed).credential_id))
    assert read.kid == f"{keyed.issuer.did}#{keyed.issuer.did.removeprefix('did:key:')}"
    assert verifying.verify(rt, read.token).authentic


def test_whoever_asks_again_gets_the_same(rt, tenant, badge, world):
    first = token(rt, tenant, badge)
    world.wait(days=3)
    keyring.add_jwt_key(rt, "biology", "ES256", actor="cli:test")
    assert token(rt, tenant, badge) == first
    assert deeds(rt, tenant.caller, "credential.form") == ["credential.form_signed"]
    with rt.db.read() as db:
        audited = [one for one in journal.audited(db, tenant.issuer.id) if one.act == "credential.form_signed"]
        assert len(audited) == 1
        assert audited[0].data == {"format": "jwt", "digest": hashlib.sha256(first.encode()).hexdigest()}
        assert journal.has_leaf(db, tenant.issuer.id, leaf_of(credential(rt, badge).log_salt, first.encode()))


def test_a_token_by_a_key_that_was_revoked_is_signed_anew(rt, tenant, badge):
    made = keyring.add_jwt_key(rt, "biology", "ES256", actor="cli:test")
    before, row = token(rt, tenant, badge), tables.signing_key
    tamper(rt, sa.update(row).where(row.c.id == made.id).values(revoked_at=rt.now()))

    after = token(rt, tenant, badge)

    assert not verifying.verify(rt, before).authentic
    assert verifying.verify(rt, after).verdict is Verdict.ACCEPTED
    assert token(rt, tenant, badge) == after
    tamper(rt, sa.update(row).values(revoked_at=rt.now()))
    with pytest.raises(Unacceptable) as refused:
        token(rt, tenant, badge)
    assert [one.code for one in refused.value.problems] == ["key_revoked"]


def test_two_at_once_get_one(any_rt):
    tenant = found(any_rt)
    publish(any_rt, tenant)
    badge = award(any_rt, tenant).credential_id
    got: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: got.append(exporting.export(any_rt, tenant.caller, badge, Form.JWT)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert len(set(got)) == 1


def test_a_revocation_holds_for_the_token_too(rt, tenant, badge):
    before = token(rt, tenant, badge)
    revoking.revoke(rt, tenant.caller, badge, Reason("error", None))
    report = verifying.verify(rt, before)
    assert (report.authentic, report.standing, report.verdict) == (True, Standing.REVOKED, Verdict.REJECTED)
    assert token(rt, tenant, badge) == before


def test_what_was_revoked_can_still_be_had(rt, tenant, badge):
    revoking.revoke(rt, tenant.caller, badge, Reason("error", None))
    assert verifying.verify(rt, token(rt, tenant, badge)).standing is Standing.REVOKED


def test_another_issuers_credential_is_not_there(rt, badge):
    other = found(rt, "chemistry")
    with pytest.raises(Missing):
        exporting.export(rt, other.caller, badge, Form.JWT)


def test_the_audit_sees_a_form_that_was_altered(rt, tenant, badge):
    token(rt, tenant, badge)
    tamper(rt, sa.update(tables.credential_form).values(body=b"a.b.c"))
    assert {one.code for one in auditing.replay(rt).discrepancies} == {"bytes_altered", "leaf_missing"}


def test_a_token_that_does_not_verify_is_not_kept(rt, tenant, badge):
    """The row of the key says another public half than the one that signs."""
    made = keyring.add_jwt_key(rt, "biology", "ES256", actor="cli:test")
    another = rt.keys.create("another", "P-256").public.multibase
    row = tables.signing_key
    tamper(rt, sa.update(row).where(row.c.id == made.id).values(public_multibase=another))

    with pytest.raises(NonconformingError):
        exporting.export(rt, tenant.caller, badge, Form.JWT)
    assert count(rt, tables.credential_form) == 0

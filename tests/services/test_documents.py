"""Documents that are signed on request: kept in one transaction, on each database, and audited."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ler_issuer import jsontext
from ler_issuer.runtime import LENIENT
from ler_issuer.services import auditing, documents, examining, publishing
from ler_issuer.services.access import Idempotency
from ler_issuer.services.documents import Act, Unissuable, Wanted
from ler_issuer.services.examining import Question
from ler_issuer.vc.suites.disclosure_values import read_base
from world import found

V2 = "https://www.w3.org/ns/credentials/v2"


def wanted(tenant, **changes):
    return Wanted(
        {
            "@context": [V2],
            "id": "urn:example:1",
            "type": ["VerifiableCredential"],
            "issuer": tenant.issuer.did,
            "credentialSubject": {"id": "did:example:alice", "name": "Alice"},
        }
        | changes
    )


def count(rt, table):
    with rt.db.engine.connect() as connection:
        return connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar()  # noqa: S608 - our own tables


def change(rt, statement):
    with rt.db.engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_a_document_is_kept_revoked_and_audited(any_rt):
    tenant = found(any_rt)
    issued = jsontext.parse(documents.issue(any_rt, tenant.caller, wanted(tenant)))

    assert examining.examine_credential(any_rt, issued, Question()).verified

    for raised in (True, True, False, True):
        told = documents.change_status(any_rt, tenant.caller, Act("urn:example:1", "revocation", raised))
        assert told == issued["credentialStatus"]
    answer = examining.examine_credential(any_rt, issued, Question())
    assert [one.code for one in answer.errors] == ["revoked"]
    assert count(any_rt, "document_event") == 3
    assert auditing.replay(any_rt, verify=True).discrepancies == ()


def test_a_place_in_a_list_names_one_of_several(any_rt):
    tenant = found(any_rt)
    first, second = (jsontext.parse(documents.issue(any_rt, tenant.caller, wanted(tenant))) for _ in range(2))
    place = second["credentialStatus"]
    act = Act("urn:example:1", "revocation", raised=True)
    narrowed = replace(act, list_url=place["statusListCredential"], index=int(place["statusListIndex"]))

    documents.change_status(any_rt, tenant.caller, narrowed)

    assert examining.examine_credential(any_rt, first, Question()).verified
    assert not examining.examine_credential(any_rt, second, Question()).verified


@pytest.fixture
def open_to_all(any_rt):
    """An installation that is there to be tested, and an issuer of it with a key of P-256."""
    rt = replace(any_rt, practice=replace(LENIENT, open_as="sailing"))
    return rt, found(rt, "sailing", did_method="key", key_kind="P-256")


def test_a_document_of_which_parts_are_shown_is_kept_revoked_and_audited(open_to_all):
    rt, tenant = open_to_all
    asked = replace(wanted(tenant), cryptosuite="ecdsa-sd-2023", mandatory=("/issuer",))
    caller = replace(tenant.caller, idempotency=Idempotency("k", "0" * 64))

    body = documents.issue(rt, caller, asked)

    assert documents.issue(rt, caller, asked) == body
    assert count(rt, "issued_document") == 1
    base = jsontext.parse(body)
    part, whole = (documents.derive(rt, base, pointers) for pointers in (["/credentialSubject/id"], [""]))
    assert part["credentialSubject"] == {"id": "did:example:alice"}
    assert "credentialStatus" not in part
    assert all(examining.examine_credential(rt, shown, Question()).verified for shown in (part, whole))

    documents.change_status(rt, tenant.caller, Act("urn:example:1", "revocation", raised=True))

    codes = [one.code for one in examining.examine_credential(rt, whole, Question()).errors]
    assert codes == ["revoked"]
    assert auditing.replay(rt, verify=True).discrepancies == ()


def test_two_bases_of_one_document_share_no_secret(rt):
    rt = replace(rt, practice=LENIENT)
    tenant = found(rt, did_method="key", key_kind="P-256")
    asked = replace(wanted(tenant), cryptosuite="ecdsa-sd-2023")

    values = [jsontext.parse(documents.issue(rt, tenant.caller, asked))["proof"]["proofValue"] for _ in range(2)]

    first, second = (read_base(value) for value in values)
    assert first.secret != second.secret
    assert first.public != second.public


def test_a_document_in_an_envelope_is_kept_revoked_and_audited(open_to_all):
    rt, tenant = open_to_all

    issued = jsontext.parse(documents.issue(rt, tenant.caller, replace(wanted(tenant), cryptosuite="jose")))

    assert issued["type"] == "EnvelopedVerifiableCredential"
    assert examining.examine_credential(rt, issued, Question()).verified
    documents.change_status(rt, tenant.caller, Act("urn:example:1", "revocation", raised=True))
    assert [one.code for one in examining.examine_credential(rt, issued, Question()).errors] == ["revoked"]
    assert auditing.replay(rt, verify=True).discrepancies == ()


def test_an_issuer_with_an_address_signs_envelopes_too(rt):
    rt = replace(rt, practice=LENIENT)
    tenant = found(rt)

    issued = jsontext.parse(documents.issue(rt, tenant.caller, replace(wanted(tenant), cryptosuite="jose")))

    assert examining.examine_credential(rt, issued, Question()).verified


@pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "jose", "Ed25519Signature2020"])
def test_nobody_relies_on_what_is_there_to_be_tested(rt, suite):
    kind = "Ed25519" if suite == "Ed25519Signature2020" else "P-256"
    tenant = found(rt, did_method="key", key_kind=kind)

    with pytest.raises(Unissuable) as refused:
        documents.issue(rt, tenant.caller, replace(wanted(tenant), cryptosuite=suite))

    assert [one.code for one in refused.value.found] == ["suite_unknown"]
    assert suite not in refused.value.detail.rpartition("signs by: ")[2]


def test_sent_twice_at_once_it_is_signed_once(any_rt):
    tenant = found(any_rt)
    caller = replace(tenant.caller, idempotency=Idempotency("k", "0" * 64))
    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(lambda _: documents.issue(any_rt, caller, wanted(tenant)), range(4)))

    assert len(answers) == 1
    assert count(any_rt, "issued_document") == 1


def test_what_is_refused_leaves_no_trace(rt, tenant):
    before = {table: count(rt, table) for table in ("issued_document", "status_entry", "audit", "event", "log_leaf")}

    for changes in (
        {"issuer": "did:example:other"},
        {"unknown": "term"},
        {"@context": [V2, "https://nowhere.example"]},
    ):
        with pytest.raises(Unissuable) as refused:
            documents.issue(rt, tenant.caller, wanted(tenant, **changes))
        assert refused.value.found

    assert {table: count(rt, table) for table in before} == before


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE issued_document SET digest = 'x'", "bytes_altered"),
        ("UPDATE issued_document SET log_salt = x'00'", "leaf_missing"),
        ("UPDATE status_entry SET raised = false", "bit_wrong"),
        ("DELETE FROM status_entry", "entry_missing"),
        ("UPDATE document_event SET log_salt = x'00'", "leaf_missing"),
    ],
)
def test_the_audit_sees_what_was_altered(rt, tenant, statement, code):
    documents.issue(rt, tenant.caller, wanted(tenant))
    documents.change_status(rt, tenant.caller, Act("urn:example:1", "revocation", raised=True))
    change(rt, statement)

    assert code in {one.code for one in auditing.replay(rt).discrepancies}


@pytest.mark.parametrize(
    ("old", "new"), [("did:example:alice", "did:example:mallo"), ('"proofValue":"u2V0A', '"proofValue":"u2V0A_')]
)
def test_the_audit_sees_what_was_altered_beneath_a_base_proof(rt, old, new):
    rt = replace(rt, practice=LENIENT)
    tenant = found(rt, did_method="key", key_kind="P-256")
    body = documents.issue(rt, tenant.caller, replace(wanted(tenant), cryptosuite="ecdsa-sd-2023"))
    altered = body.replace(old.encode(), new.encode())
    with rt.db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE issued_document SET body = :body"), {"body": altered})

    assert "proof_wrong" in {one.code for one in auditing.replay(rt, verify=True).discrepancies}


def test_a_list_shows_the_bit_of_a_document(rt, tenant):
    issued = jsontext.parse(documents.issue(rt, tenant.caller, wanted(tenant)))
    url = issued["credentialStatus"]["statusListCredential"]
    before = publishing.status_list(rt, url.rpartition("/")[2])

    documents.change_status(rt, tenant.caller, Act("urn:example:1", "revocation", raised=True))

    assert publishing.status_list(rt, url.rpartition("/")[2]) != before


class TestStrictness:
    """Whose key it is: strict unless the operator says otherwise."""

    @pytest.fixture
    def foreign(self, rt, tenant):
        """A document that names one issuer and is signed by another."""
        other = found(rt, "other", did_method="key")
        loose = replace(rt, practice=replace(rt.practice, issuer_controls=False))
        issued = jsontext.parse(documents.issue(rt, other.caller, wanted(other)))
        return loose, issued | {"issuer": tenant.issuer.did}

    def test_a_strangers_key_speaks_against_it(self, rt, foreign):
        _, forged = foreign

        answer = examining.examine_credential(rt, forged, Question())

        assert "controller_foreign" in {one.code for one in answer.errors}

    def test_or_is_a_warning_and_the_signature_must_still_hold(self, foreign):
        loose, forged = foreign

        answer = examining.examine_credential(loose, forged, Question())

        assert "controller_foreign_accepted" in {one.code for one in answer.warnings}
        assert not answer.verified

"""Documents that are signed on request: kept in one transaction, on each database, and audited."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ler_issuer import jsontext
from ler_issuer.services import auditing, documents, examining, publishing
from ler_issuer.services.access import Idempotency
from ler_issuer.services.documents import Act, Unissuable, Wanted
from ler_issuer.services.examining import Question
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

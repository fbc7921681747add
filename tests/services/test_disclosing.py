"""Parts of a credential, as its learner and its issuer get them, and as everybody can verify them."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from ler_issuer.badges import FLOOR
from ler_issuer.errors import Missing, Unacceptable
from ler_issuer.services import auditing, disclosing, exporting, handing, keyring, revoking, verifying
from ler_issuer.services.examining import Question, examine_credential
from ler_issuer.services.exporting import Form
from ler_issuer.services.issuing import leaf_of
from ler_issuer.services.marking import Reason
from ler_issuer.services.signing import NonconformingError
from ler_issuer.store import journal, tables
from ler_issuer.vc import CheckId, Outcome, Standing, Verdict, counted, derive, is_base, without_proof
from records import count, credential, deeds, discrepancies, document, tamper
from world import award, found, publish


@pytest.fixture
def badge(rt, tenant):
    keyring.add_sd_key(rt, "biology", actor="cli:test")
    publish(rt, tenant, disclosure={"mandatory": ["/name"]})
    return award(rt, tenant).credential_id


@pytest.fixture
def shown(rt, tenant, badge):
    return lambda *pointers: disclosing.derive_credential(rt, tenant.caller, badge, pointers)


def place(refused):
    return [(one.pointer, one.code) for one in refused.value.problems]


def test_a_part_can_be_verified_by_anybody(rt, shown):
    report = verifying.verify(rt, shown("/credentialSubject/result/0").document)
    assert (report.authentic, report.verdict, report.standing) == (True, Verdict.ACCEPTED, Standing.CURRENT)
    assert {one.outcome for one in report.checks if one.id.value.startswith("proof")} == {Outcome.PASS}
    assert any(one.id is CheckId.DISCLOSURE for one in report.checks)


def test_the_vc_api_is_warned_of_it(rt, shown):
    whole, part = (examine_credential(rt, shown(*chosen).document, Question()) for chosen in ([""], []))
    assert (whole.verified, part.verified) == (True, True)
    assert {one.code for one in whole.warnings} == {"view_of_holder"}
    assert {one.code for one in part.warnings} == {"view_of_holder", "results_not_shown"}


def test_it_holds_what_was_chosen_and_what_is_always_shown(rt, badge, shown):
    whole, part = document(rt, badge), shown("/credentialSubject/result/0").document
    assert part["credentialSubject"]["result"] == whole["credentialSubject"]["result"][:1]
    assert part["name"] == whole["name"]
    for pointer in FLOOR:
        *way, last = pointer.split("/")[1:]
        inside, outside = (one.get("credentialSubject") if way else one for one in (part, whole))
        assert inside.get(last) == outside.get(last)
    assert {*without_proof(part)} < {*without_proof(whole)}


def test_it_tells_nothing_else(rt, badge, shown):
    whole = document(rt, badge)
    told = json.dumps(shown().document)
    assert "result" not in shown().document["credentialSubject"]
    assert all(json.dumps(one["id"]) not in told for one in whole["credentialSubject"]["result"] if "id" in one)
    assert all(json.dumps(one) not in told for one in whole["credentialSubject"]["result"])


def test_who_asks_is_told_what_is_withheld(shown):
    view = shown("/credentialSubject/result/1")
    assert "/credentialSubject/result/0" in view.withheld
    assert {"/credentialSubject/result/1", "/issuer", "/name", "/credentialSubject/achievement"} <= {*view.shown}
    assert shown("").withheld == ()


def test_a_criterion_is_always_shown_whatever_else_was_rated(rt, tenant):
    keyring.add_sd_key(rt, "biology", actor="cli:test")
    publish(rt, tenant, disclosure={"mandatory": ["#criterion/sharing"]})
    both = award(rt, tenant).credential_id
    ratings = [{"criterion": "listening", "not_applicable": True}, {"criterion": "sharing", "level": "proficient"}]
    one = award(rt, tenant, "bob@b.c", ratings=ratings).credential_id
    for held in (both, one):
        told = disclosing.derive_credential(rt, tenant.caller, held, []).document["credentialSubject"]["result"]
        assert [result["resultDescription"].partition("#")[2] for result in told] == ["criterion/sharing"]


def test_all_of_it_says_what_the_credential_says(rt, badge, shown):
    assert without_proof(shown("").document) == without_proof(document(rt, badge))


def test_the_base_is_signed_once_and_kept(rt, tenant, badge, shown, world):
    base = exporting.export(rt, tenant.caller, badge, Form.LDP_SD)
    world.wait(days=3)
    keyring.add_sd_key(rt, "biology", actor="cli:test")
    assert exporting.export(rt, tenant.caller, badge, Form.LDP_SD) == base
    first, again = shown("/name").document, shown("/name").document
    assert first == again
    assert counted(first["proof"][0]) is not None
    assert deeds(rt, tenant.caller, "credential.form") == ["credential.form_signed"]
    with rt.db.read() as db:
        assert journal.has_leaf(db, tenant.issuer.id, leaf_of(credential(rt, badge).log_salt, base))
    assert discrepancies(rt) == []


def test_a_learner_can_derive_without_us(rt, tenant, badge):
    base = json.loads(exporting.export(rt, tenant.caller, badge, Form.LDP_SD))
    assert is_base(base["proof"][0])
    view = derive(base, ["/credentialSubject/result"], rt.rules.contexts)
    assert verifying.verify(rt, view).verdict is Verdict.ACCEPTED


def test_the_base_itself_proves_nothing_to_others(rt, tenant, badge):
    report = verifying.verify(rt, json.loads(exporting.export(rt, tenant.caller, badge, Form.LDP_SD)))
    assert not report.authentic
    assert "proof_not_derived" in {one.code for one in report.checks}


def test_two_credentials_share_neither_key_nor_secret(rt, tenant, badge):
    second = award(rt, tenant, "bea@example.edu").credential_id
    bases = [json.loads(exporting.export(rt, tenant.caller, one, Form.LDP_SD)) for one in (badge, second)]
    parts = [one["proof"][0]["proofValue"][90:250] for one in bases]
    assert parts[0] != parts[1]
    mixed = {**derive(bases[0], [""], rt.rules.contexts), "credentialSubject": bases[1]["credentialSubject"]}
    assert not verifying.verify(rt, mixed).authentic


def test_a_revocation_holds_for_every_part(rt, tenant, badge, shown):
    before = shown("/name").document
    revoking.revoke(rt, tenant.caller, badge, Reason("error", None))
    assert verifying.verify(rt, before).standing is Standing.REVOKED
    assert verifying.verify(rt, shown().document).verdict is Verdict.REJECTED


def test_the_credential_itself_stays_what_it_was(rt, tenant, badge, shown):
    before = credential(rt, badge)
    shown("/name")
    assert credential(rt, badge) == before
    assert verifying.verify(rt, document(rt, badge)).verdict is Verdict.ACCEPTED
    assert exporting.export(rt, tenant.caller, badge, Form.JSONLD) == before.body


class TestRefused:
    def test_what_is_not_there(self, shown):
        with pytest.raises(Unacceptable) as refused:
            shown("/name", "/nothing", "/credentialSubject/result/99")
        assert place(refused) == [
            ("/selectivePointers/1", "pointer_unmatched"),
            ("/selectivePointers/2", "pointer_unmatched"),
        ]

    def test_an_achievement_that_does_not_let_its_learners(self, rt, tenant):
        keyring.add_sd_key(rt, "biology", actor="cli:test")
        publish(rt, tenant)
        badge = award(rt, tenant).credential_id
        with pytest.raises(Unacceptable) as refused:
            disclosing.derive_credential(rt, tenant.caller, badge, ["/name"])
        assert place(refused) == [("", "not_disclosable")]
        with pytest.raises(Unacceptable):
            exporting.export(rt, tenant.caller, badge, Form.LDP_SD)
        assert count(rt, tables.credential_form) == 0

    def test_an_issuer_without_a_key_for_it(self, rt, tenant):
        publish(rt, tenant, disclosure={})
        with pytest.raises(Unacceptable, match="add-sd biology") as refused:
            disclosing.derive_credential(rt, tenant.caller, award(rt, tenant).credential_id, [])
        assert place(refused) == [("", "key_missing")]

    def test_another_issuer(self, rt, badge):
        with pytest.raises(Missing):
            disclosing.derive_credential(rt, found(rt, "chemistry").caller, badge, ["/name"])

    def test_a_proof_that_does_not_verify_is_not_kept(self, rt, tenant, badge):
        """The row of the key says another public half than the one that signs."""
        another = rt.keys.create("another", "P-256").public.multibase
        row = tables.signing_key
        tamper(rt, sa.update(row).where(row.c.purpose == "sd").values(public_multibase=another))
        with pytest.raises(NonconformingError):
            disclosing.derive_credential(rt, tenant.caller, badge, ["/name"])
        assert count(rt, tables.credential_form) == 0


class TestLink:
    @pytest.fixture
    def link(self, rt, tenant, badge):
        return handing.create_link(rt, tenant.caller, badge, timedelta(hours=1))

    @pytest.fixture
    def key(self, link):
        return parse_qs(urlsplit(link.url).query)["key"][0]

    def test_whoever_has_it_gets_parts(self, rt, badge, key, shown):
        view = disclosing.derive_by_link(rt, badge, key, ["/name"])
        assert view == shown("/name")
        assert verifying.verify(rt, view.document).verdict is Verdict.ACCEPTED

    def test_who_had_it_signed_is_remembered(self, rt, tenant, badge, link, key):
        disclosing.derive_by_link(rt, badge, key, [])
        with rt.db.read() as db:
            (deed,) = [one for one in journal.audited(db, tenant.issuer.id) if one.act == "credential.form_signed"]
        assert (deed.actor, deed.data["format"]) == (f"link:{link.link_id}", "ldp_sd")

    def test_one_that_does_not_stand_gives_nothing(self, rt, tenant, badge, link, key, world):
        other = award(rt, tenant, "bea@example.edu").credential_id
        for credential_id, secret in ((other, key), (badge, key[:-1]), (badge, "x")):
            with pytest.raises(Missing):
                disclosing.derive_by_link(rt, credential_id, secret, [])
        world.wait(hours=2)
        with pytest.raises(Missing):
            disclosing.derive_by_link(rt, badge, key, [])
        handing.revoke_link(rt, tenant.caller, link.link_id)
        with pytest.raises(Missing):
            disclosing.derive_by_link(rt, badge, key, [])
        assert count(rt, tables.credential_form) == 0


def test_the_audit_sees_a_base_that_was_altered(rt, shown):
    shown("/name")
    tamper(rt, sa.update(tables.credential_form).values(body=b"{}"))
    assert {one.code for one in auditing.replay(rt).discrepancies} == {"bytes_altered", "leaf_missing"}


def test_two_at_once_get_one_base(any_rt):
    tenant = found(any_rt)
    keyring.add_sd_key(any_rt, "biology", actor="cli:test")
    publish(any_rt, tenant, disclosure={})
    badge = award(any_rt, tenant).credential_id
    got: list[str] = []

    def ask():
        view = disclosing.derive_credential(any_rt, tenant.caller, badge, ["/name"])
        got.append(json.dumps(view.document, sort_keys=True))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
    assert len({*got}) == 1
    assert count(any_rt, tables.credential_form) == 1


def test_a_did_key_signs_with_the_key_that_it_is_if_that_will_do(rt):
    keyed = found(rt, "right", did_method="key", key_kind="P-256")
    publish(rt, keyed, disclosure={})
    view = disclosing.derive_credential(rt, keyed.caller, award(rt, keyed).credential_id, ["/name"]).document
    assert verifying.verify(rt, view).verdict is Verdict.ACCEPTED

    with pytest.raises(Unacceptable) as refused:  # which would say too late that there is no other key
        publish(rt, found(rt, "wrong", did_method="key", key_kind="Ed25519"), disclosure={})
    assert place(refused) == [("/disclosure", "key_missing")]


def test_a_key_that_was_revoked_ends_what_it_signed(rt, badge, shown):
    before = shown("/name").document
    row = tables.signing_key
    tamper(rt, sa.update(row).where(row.c.purpose == "sd").values(revoked_at=rt.now()))
    report = verifying.verify(rt, before)
    assert not report.authentic
    assert verifying.verify(rt, document(rt, badge)).authentic
    with pytest.raises(Unacceptable) as refused:
        shown("/name")
    assert place(refused) == [("", "key_revoked")]


def test_parts_can_be_shown_again_with_the_next_key(any_rt):
    tenant = found(any_rt)
    first = keyring.add_sd_key(any_rt, "biology", actor="cli:test")
    publish(any_rt, tenant, disclosure={})
    badge = award(any_rt, tenant).credential_id
    before = exporting.export(any_rt, tenant.caller, badge, Form.LDP_SD)
    row = tables.signing_key
    tamper(any_rt, sa.update(row).where(row.c.id == first.id).values(revoked_at=any_rt.now()))
    with pytest.raises(Unacceptable) as refused:
        disclosing.derive_credential(any_rt, tenant.caller, badge, ["/name"])
    assert place(refused) == [("", "key_revoked")]
    assert count(any_rt, tables.credential_form) == 1
    second = keyring.add_sd_key(any_rt, "biology", actor="cli:test")

    view = disclosing.derive_credential(any_rt, tenant.caller, badge, ["/name"]).document
    base = exporting.export(any_rt, tenant.caller, badge, Form.LDP_SD)

    assert verifying.verify(any_rt, view).verdict is Verdict.ACCEPTED
    assert view["proof"][0]["verificationMethod"].endswith(f"#{second.public_multibase}")
    assert base != before
    assert deeds(any_rt, tenant.caller, "credential.form") == ["credential.form_signed"] * 2
    with any_rt.db.read() as db:
        salt = credential(any_rt, badge).log_salt
        assert all(journal.has_leaf(db, tenant.issuer.id, leaf_of(salt, one)) for one in (before, base))
    assert discrepancies(any_rt) == []

"""The ceremony: what is signed was written down, checked and given a status entry; what waits, waits."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from ler_issuer import jsontext
from ler_issuer.assessments import Result
from ler_issuer.badges import holding_of
from ler_issuer.errors import Unacceptable
from ler_issuer.services import keyring, publishing, releasing, taking
from ler_issuer.services.signing import NonconformingError
from ler_issuer.store import keys, learners, status, tables
from ler_issuer.vc import Outcome, Verdict
from records import (
    award_of,
    bits,
    chain,
    count,
    credential,
    decision_of,
    discrepancies,
    document,
    events,
    everything,
    judged,
    learner_of,
    only_award,
    state,
    tamper,
)
from world import award, found, publish, result

DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
INTERNSHIP = {
    "experience": {
        "source_id": "intern-7",
        "kind": "internship",
        "name": "Internship at the lab",
        "partner": "Lovelace Laboratories",
        "started_on": "2026-01-12",
        "ended_on": "2026-05-01",
    },
    "role": "Analyst",
    "hours": "120.50",
    "started_on": "2026-01-19",
    "ended_on": "2026-04-30",
}


@pytest.fixture
def waiting(rt, tenant):
    """An award under an embargo until the first of July."""
    publish(rt, tenant, release_at="2026-07-01T00:00:00Z")
    return award(rt, tenant)


def findings(rt, badge):
    return {(one.id.value, one.outcome, one.code) for one in judged(rt, badge).checks}


# ── The ceremony ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_stored_is_what_was_signed(any_rt):
    tenant = found(any_rt)
    publish(any_rt, tenant)
    stored = credential(any_rt, award(any_rt, tenant).credential_id)

    said = jsontext.parse(stored.body)

    assert stored.body == jsontext.canonical(said)
    assert stored.digest == jsontext.digest(said) == hashlib.sha256(stored.body).hexdigest()
    assert said["id"] == f"urn:uuid:{stored.id}"
    assert [proof["cryptosuite"] for proof in said["proof"]] == ["eddsa-rdfc-2022"]
    assert judged(any_rt, stored.id).verdict is Verdict.ACCEPTED


def test_ids_are_random(rt, tenant):
    publish(rt, tenant, earned="per_assessment")
    badges = [award(rt, tenant, assessment=f"essay {number}").credential_id for number in range(4)]

    assert all(
        re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one) for one in badges
    )


def test_every_credential_has_a_place_of_its_own(rt, tenant):
    publish(rt, tenant, earned="per_assessment")
    badges = [award(rt, tenant, assessment=f"essay {number}").credential_id for number in range(6)]

    entries = [document(rt, one)["credentialStatus"] for one in badges]

    assert len({(one["statusListCredential"], one["statusListIndex"]) for one in entries}) == 6
    assert len({one["statusListCredential"] for one in entries}) == 1
    positions = [int(one["statusListIndex"]) for one in entries]
    assert all(0 <= one < 131_072 for one in positions)
    assert sorted(positions) != positions or positions[-1] - positions[0] > 5


def test_issuing_is_told_once(rt, tenant):
    publish(rt, tenant)
    badge = award(rt, tenant).credential_id

    assert events(rt, tenant.caller) == [("credential.issued", badge)]
    assert count(rt, tables.log_leaf) == 1


def test_a_suspendable_achievement_carries_both_entries(rt, tenant):
    publish(rt, tenant, suspendable=True)
    badge = award(rt, tenant).credential_id

    assert [one["statusPurpose"] for one in document(rt, badge)["credentialStatus"]] == ["revocation", "suspension"]
    assert ("schema.base", Outcome.WARNING, "status_array") in findings(rt, badge)
    assert judged(rt, badge).verdict is Verdict.ACCEPTED
    assert bits(rt, badge) == {"revocation": False, "suspension": False}


@pytest.mark.parametrize(("column", "spoiled"), [("profile", {"email": 7}), ("name", "a\x07bell")])
def test_what_must_not_be_signed_leaves_nothing(rt, tenant, column, spoiled):
    """An issuer whose row was spoiled stands for any mistake of ours."""
    publish(rt, tenant)
    tamper(rt, sa.update(tables.issuer).values({column: spoiled}))
    before = everything(rt)

    with pytest.raises(NonconformingError):
        award(rt, tenant)

    assert everything(rt) == before


def test_badges_that_do_not_verify_leave_nothing(rt, tenant):
    """The row of the key says another public half than the one that signs; the second badge has a template."""
    publish(rt, tenant)
    row, another = tables.signing_key, rt.keys.create("another", "Ed25519").public.multibase
    tamper(rt, sa.update(row).where(row.c.purpose == "assertion").values(public_multibase=another))
    before = everything(rt)

    for number in range(3):
        with pytest.raises(NonconformingError, match="urn:uuid:"):
            award(rt, tenant, f"{number}@example.edu")
        assert everything(rt) == before


# ── What it says ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_holding_can_be_read_from_the_credential_alone(rt, tenant):
    entry = publish(rt, tenant, credits="1.5", validity={"months": 24})
    receipt = award(
        rt,
        tenant,
        assessment="Capstone",
        participation=INTERNSHIP,
        evidence=[
            {"name": "Report", "genre": "text", "disclosure": "in_credential"},
            {"name": "Notes", "genre": "memo"},
        ],
    )
    stored = credential(rt, receipt.credential_id)

    told = holding_of(document(rt, stored.id))

    decision = decision_of(rt, award_of(rt, stored.id))
    assert (told.achievement, told.version, told.issuer) == (entry.uri, "1", tenant.issuer.did)
    assert (told.awarded_at, told.overall) == (decision.awarded_at, decision.overall) == (told.awarded_at, "proficient")
    assert (told.valid_from, told.valid_until) == (stored.valid_from, stored.valid_until)
    assert told.levels == {"listening": "proficient", "sharing": "proficient"}
    assert (told.credits, told.genres) == (Decimal("1.5"), ("text",))
    how = told.circumstances
    assert (how.assessment, how.role, how.hours) == ("Capstone", "Analyst", Decimal("120.5"))
    assert (how.assessor_kind, how.experience_kind) == ("faculty", "internship")
    assert (str(how.started_on), str(how.ended_on)) == ("2026-01-19", "2026-04-30")
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in (how.assessor, how.partner, how.experience))


def test_nobody_but_the_learner_can_be_recognised(rt, tenant):
    publish(rt, tenant)
    receipt = award(rt, tenant, "ada@example.edu", participation=INTERNSHIP, evidence=[{"name": "Secret memo"}])

    text = credential(rt, receipt.credential_id).body.decode()

    for private in ("ada@example.edu", "Grace Hopper", "Lovelace", "intern-7", "Secret memo", "canvas", "submission"):
        assert private not in text


def test_pseudonyms_hold_within_one_learner(rt, tenant):
    publish(rt, tenant, earned="per_assessment")

    def assessor(learner, assessment, **who):
        badge = award(rt, tenant, learner, assessment=assessment, assessor={"kind": "faculty", **who}).credential_id
        return holding_of(document(rt, badge)).circumstances.assessor

    ada = assessor("ada@b.c", "1", id="g.hopper")
    assert ada == assessor("ada@b.c", "2", id="g.hopper", name="Grace")
    assert ada != assessor("ada@b.c", "3", id="k.johnson")
    assert ada != assessor("bob@b.c", "1", id="g.hopper")
    assert assessor("bob@b.c", "2") is None


def test_the_subject_is_a_salted_hash(rt, tenant):
    publish(rt, tenant)
    receipt = award(rt, tenant, "Ada@Example.edu")

    (identity,) = document(rt, receipt.credential_id)["credentialSubject"]["identifier"]

    salt = learner_of(rt, receipt.result_id).salt
    expected = hashlib.sha256(f"ada@example.edu{salt}".encode()).hexdigest()
    assert identity["identityHash"] == f"sha256${expected}"
    assert (identity["salt"], identity["identityType"], identity["hashed"]) == (salt, "emailAddress", True)
    assert credential(rt, receipt.credential_id).subject_binding == "identity_hash"


def test_the_subject_is_the_did_that_is_bound(rt, tenant):
    publish(rt, tenant)
    learner = {"identifiers": [{"type": "sourcedId", "value": "S-1"}], "did": DID}
    badge = award_as(rt, tenant, learner)

    subject = document(rt, badge)["credentialSubject"]

    assert (subject["id"], "identifier" in subject) == (DID, False)
    assert credential(rt, badge).subject_binding == "did"


def test_the_preferred_identifier_is_hashed(rt, tenant):
    publish(rt, tenant)
    names = [{"type": "ext:eppn", "value": "a@u"}, {"type": "emailAddress", "value": "ada@b.c"}]

    assert hashed_type(rt, award_as(rt, tenant, {"identifiers": names})) == "emailAddress"
    assert (
        hashed_type(rt, award_as(rt, tenant, {"identifiers": [{"type": "sourcedId", "value": "S-2"}]})) == "sourcedId"
    )


def award_as(rt, tenant, learner):
    return taking.record_result(rt, tenant.caller, Result.model_validate(result() | {"learner": learner})).credential_id


def hashed_type(rt, badge):
    return document(rt, badge)["credentialSubject"]["identifier"][0]["identityType"]


# ── What waits ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_embargo_makes_an_award_wait(rt, waiting):
    assert (waiting.outcome, waiting.credential_id) == ("pending", None)
    assert (only_award(rt).state, only_award(rt).held_because) == ("held", None)
    assert count(rt, tables.credential) == count(rt, tables.status_entry) == 0
    assert releasing.release_due(rt, actor="worker") == 0
    assert discrepancies(rt) == []


@pytest.mark.usefixtures("waiting")
def test_what_is_due_is_issued_once(rt, tenant, world):
    world.wait(days=30)

    assert [releasing.release_due(rt, actor="worker") for _ in range(3)] == [1, 0, 0]

    (made,) = chain(rt, only_award(rt))
    assert judged(rt, made.id).verdict is Verdict.ACCEPTED
    assert made.valid_from == world.time
    assert events(rt, tenant.caller) == [("credential.issued", made.id)]
    assert discrepancies(rt) == []


def test_more_is_due_than_fits_into_one_transaction(rt, tenant, world, monkeypatch):
    monkeypatch.setattr(releasing, "CHUNK", 2)
    publish(rt, tenant, release_at="2026-07-01T00:00:00Z")
    for number in range(5):
        award(rt, tenant, f"{number}@example.edu")
    world.wait(days=60)

    assert releasing.release_due(rt, actor="worker") == 5
    assert count(rt, tables.credential) == 5


def test_a_hold_makes_a_learners_awards_wait(rt, tenant):
    publish(rt, tenant, earned="per_assessment")
    out = award(rt, tenant, assessment="essay").credential_id
    learner = award_of(rt, out).learner_id
    releasing.hold(rt, tenant.caller, learner, "a debt")

    held = award(rt, tenant, assessment="talk")

    assert (held.outcome, held.credential_id, state(rt, out)) == ("pending", None, "current")
    assert award(rt, tenant, "bob@example.edu").outcome == "awarded"
    assert len(releasing.lift(rt, tenant.caller, learner)) == 1
    assert releasing.lift(rt, tenant.caller, learner) == []
    assert count(rt, tables.credential) == 3
    assert [kind for kind, _ in events(rt, tenant.caller) if kind.startswith("learner")] == [
        "learner.held", "learner.hold_lifted", "learner.hold_lifted",
    ]  # fmt: skip
    assert discrepancies(rt) == []


@pytest.mark.usefixtures("waiting")
def test_an_embargo_goes_on_after_a_hold_and_a_hold_after_an_embargo(rt, tenant, world):
    learner = only_award(rt).learner_id
    releasing.hold(rt, tenant.caller, learner, "a debt")
    assert releasing.lift(rt, tenant.caller, learner) == []

    releasing.hold(rt, tenant.caller, learner, "a debt")
    world.wait(days=30)
    assert releasing.release_due(rt, actor="worker") == 0
    assert only_award(rt).held_because == "a debt"

    assert releasing.lift(rt, tenant.caller, learner) == [only_award(rt).id]
    assert count(rt, tables.credential) == 1


def test_what_would_have_expired_already_waits_and_says_why(rt, tenant):
    publish(rt, tenant, validity={"months": 12})

    receipt = award(rt, tenant, assessed_at="2025-05-30T00:00:00Z")

    assert receipt.outcome == "pending"
    assert only_award(rt).held_because == "its validity period has ended"
    assert releasing.release_due(rt, actor="worker") == 0
    assert discrepancies(rt) == []


@pytest.mark.parametrize(
    ("validity", "until"),
    [
        ({"months": 12}, "2027-05-04T14:30:00Z"),
        ({"months": 12, "counts_from": "issuance"}, "2027-06-01T12:00:00Z"),
        (None, None),
    ],
)
def test_the_validity_period(rt, tenant, validity, until):
    publish(rt, tenant, validity=validity)

    assert document(rt, award(rt, tenant).credential_id).get("validUntil") == until


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def method(rt, badge):
    return document(rt, badge)["proof"][0]["verificationMethod"]


def test_after_a_rotation_old_and_new_credentials_stand(any_rt, world):
    tenant = found(any_rt)
    publish(any_rt, tenant)
    old = award(any_rt, tenant, "ada@b.c").credential_id
    (entry,) = _entries(any_rt, old)
    before = publishing.status_list(any_rt, entry.list_id)
    world.wait(days=1)

    fresh = keyring.rotate(any_rt, "biology", actor="cli:test")

    new = award(any_rt, tenant, "bob@b.c").credential_id
    assert method(any_rt, new) == f"{tenant.issuer.did}#{fresh.public_multibase}" != method(any_rt, old)
    assert [judged(any_rt, one).verdict for one in (old, new)] == [Verdict.ACCEPTED] * 2
    after = jsontext.parse(publishing.status_list(any_rt, entry.list_id))
    assert after["proof"]["verificationMethod"] == method(any_rt, new)
    assert jsontext.canonical(after) != before
    published = keyring.published_document(any_rt, "biology")["verificationMethod"]
    assert [one["id"] for one in published] == [method(any_rt, old), method(any_rt, new)]
    assert discrepancies(any_rt) == []


def _entries(rt, badge):
    with rt.db.read() as db:
        return status.entries_of(db, badge)


def test_what_a_revoked_key_signed_is_rejected_for_that(rt, tenant, world):
    publish(rt, tenant)
    old = award(rt, tenant, "ada@b.c").credential_id
    keyring.rotate(rt, "biology", actor="cli:test")
    new = award(rt, tenant, "bob@b.c").credential_id
    stolen = credential(rt, old).signing_key_id

    tamper(rt, sa.update(tables.signing_key).where(tables.signing_key.c.id == stolen).values(revoked_at=world.time))

    assert judged(rt, old).verdict is Verdict.REJECTED
    assert ("proof.key", Outcome.FAIL, "key_revoked") in findings(rt, old)
    assert judged(rt, new).verdict is Verdict.ACCEPTED


def test_a_did_key_issues_and_cannot_rotate(rt):
    tenant = found(rt, did_method="key")
    publish(rt, tenant)

    badge = award(rt, tenant).credential_id

    assert document(rt, badge)["issuer"]["id"].startswith("did:key:z6Mk")
    assert judged(rt, badge).verdict is Verdict.ACCEPTED
    with pytest.raises(Unacceptable, match="cannot rotate"):
        keyring.rotate(rt, "biology", actor="cli:test")
    assert count(rt, tables.signing_key) == 2


def test_a_did_key_needs_a_flag_in_production(rt):
    live = replace(rt, development=False)

    with pytest.raises(Unacceptable) as caught:
        found(live, did_method="key")
    assert [place.code for place in caught.value.problems] == ["did_key_in_production"]
    assert found(live, did_method="key", allow_did_key=True).issuer.did.startswith("did:key:")


def test_an_issuer_has_one_key_in_use_for_each_purpose(rt, tenant):
    keyring.rotate(rt, "biology", actor="cli:test")

    with rt.db.read() as db:
        signing, log = keys.in_use(db, tenant.issuer.id, "assertion"), keys.in_use(db, tenant.issuer.id, "log")
        assert learners.everyone(db) == []
    assert signing.public_multibase != log.public_multibase
    assert all(
        log.public_multibase not in one["id"] for one in keyring.published_document(rt, "biology")["verificationMethod"]
    )

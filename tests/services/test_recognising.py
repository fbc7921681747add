"""What was earned elsewhere counts here: verified, kept, told in a credential of our own, and taken back with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from ler_issuer import jsontext
from ler_issuer.badges import holding_of
from ler_issuer.errors import Conflict, Missing, Unacceptable
from ler_issuer.services import merging, recognising, releasing, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.services.recognising import Claim
from ler_issuer.stacking import RecognitionKind
from ler_issuer.store import awards, recognitions, tables
from ler_issuer.vc import Standing, Verdict
from records import (
    award_of,
    bits,
    chain,
    count,
    credential,
    deeds,
    discrepancies,
    document,
    events,
    everything,
    history,
    judged,
    learner_of,
    state,
    tamper,
)
from services.sending import about, send
from stacks import all_of, competency, earn, holding, rule, skill
from world import award, found, publish, result

MAY = datetime(2025, 5, 2, 9, 30, tzinfo=UTC)
PRIOR = Claim(RecognitionKind.PRIOR_LEARNING, "teamwork", MAY, level="proficient")


@pytest.fixture
def tenant(any_rt):
    """An issuer with an achievement that results earn, `teamwork`."""
    made = found(any_rt)
    publish(any_rt, made, suspendable=True)
    return made


@pytest.fixture
def ada(any_rt, tenant):
    return whose(any_rt, award(any_rt, tenant, level="beginning"))


@pytest.fixture
def foreign(any_rt):
    """Another school, and a badge that it gave to Ada."""
    other = found(any_rt, "chemistry")
    publish(any_rt, other, key="cooperation", name="Cooperation", suspendable=True)
    return other, document(any_rt, award(any_rt, other, achievement="cooperation").credential_id)


def whose(rt, receipt):
    return learner_of(rt, receipt.result_id).id


def recognise(rt, tenant, learner, claim=PRIOR, **changes):
    said = {name: getattr(claim, name) for name in Claim.__dataclass_fields__}
    return recognising.recognise(rt, tenant.caller, learner, Claim(**{**said, **changes}))


def transfer(rt, tenant, learner, badge, **changes):
    kind = RecognitionKind.TRANSFER
    return recognise(rt, tenant, learner, kind=kind, **{"level": None, "credential": badge, **changes})


def refused(rt, kind, do):
    """Do what is refused; check that it leaves nothing, and give the places that it names."""
    before = everything(rt)
    with pytest.raises(kind) as caught:
        do()
    assert everything(rt) == before
    return {(place.pointer, place.code) for place in caught.value.problems}


# ── What is issued ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_prior_learning_is_told_in_a_credential_of_our_own(any_rt, tenant, ada):
    made = recognise(any_rt, tenant, ada, credits=Decimal("2.5"), note="seen by the dean")

    report, told = judged(any_rt, made.credential_id), holding_of(document(any_rt, made.credential_id))
    assert (made.state, made.duplicate) == ("issued", False)
    assert (report.verdict, report.standing) == (Verdict.ACCEPTED, Standing.CURRENT)
    assert (told.overall, told.credits, told.awarded_at) == ("proficient", Decimal("2.5"), MAY)
    assert told.circumstances.recognition == "prior_learning"
    assert (told.circumstances.recognised_achievement, told.circumstances.recognised_issuer) == (None, None)
    assert "dean" not in str(document(any_rt, made.credential_id))
    assert award_of(any_rt, made.credential_id).basis == f"recognition:{made.id}"
    assert discrepancies(any_rt) == []


def test_a_foreign_badge_is_verified_kept_and_named(any_rt, tenant, ada, foreign):
    school, badge = foreign

    made = transfer(any_rt, tenant, ada, badge)

    told = holding_of(document(any_rt, made.credential_id)).circumstances
    assert told.recognition == "transfer"
    assert told.recognised_achievement == badge["credentialSubject"]["achievement"]["id"]
    assert told.recognised_issuer == school.issuer.did
    with any_rt.db.read() as db:
        kept = recognitions.get(db, made.id)
    assert jsontext.parse(kept.document) == badge
    assert discrepancies(any_rt) == []


def test_recognitions_are_told_and_written_down(any_rt, tenant, ada):
    made = recognise(any_rt, tenant, ada)
    recognising.withdraw(any_rt, tenant.caller, made.id, Reason("mistaken"))

    acts = ["recognition.recorded", "recognition.withdrawn"]
    assert deeds(any_rt, tenant.caller, "recognition.") == acts
    assert [kind for kind, about in events(any_rt, tenant.caller) if about == made.id] == acts
    assert deeds(any_rt, tenant.caller, "award.") == ["award.award", "award.revoke"]


def test_an_achievement_that_no_result_earns_can_be_recognised(any_rt, tenant, ada):
    competency(any_rt, tenant, "communicator")

    made = recognise(any_rt, tenant, ada, achievement="communicator", level=None)

    assert made.state == "issued"
    assert discrepancies(any_rt) == []


def test_the_version_in_force_when_it_was_earned_applies(any_rt, tenant, ada):
    publish(any_rt, tenant, name="Teamwork II", in_force_from="2026-05-01T00:00:00Z", suspendable=True)

    old, new = (recognise(any_rt, tenant, ada, awarded_at=at) for at in (MAY, MAY + timedelta(days=365)))

    assert [document(any_rt, one.credential_id)["name"] for one in (old, new)] == ["Teamwork", "Teamwork II"]
    assert discrepancies(any_rt) == []


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"achievement": "nothing"}, ("/achievement", "unknown_achievement")),
        ({"level": "divine"}, ("/level", "unknown_level")),
        ({"awarded_at": MAY + timedelta(days=4_000)}, ("/awarded_at", "in_the_future")),
    ],
    ids=["achievement", "level", "time"],
)
def test_what_does_not_fit_the_achievement_is_refused(any_rt, tenant, ada, changes, place):
    assert refused(any_rt, Unacceptable, lambda: recognise(any_rt, tenant, ada, **changes)) == {place}


def test_a_level_needs_a_rubric_and_a_draft_is_not_published(any_rt, tenant, ada):
    competency(any_rt, tenant, "communicator")

    def claim():
        recognise(any_rt, tenant, ada, achievement="communicator", level="proficient")

    assert refused(any_rt, Unacceptable, claim) == {("/level", "unknown_level")}


def test_a_learner_of_another_issuer_is_missing(any_rt, ada, foreign):
    school, _ = foreign

    refused(any_rt, Missing, lambda: recognise(any_rt, school, ada, achievement="cooperation"))


def altered(badge):
    return badge | {"name": "Something grander"}


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (altered, "signature_wrong"),
        (lambda badge: {key: value for key, value in badge.items() if key != "proof"}, "proof_missing"),
        (lambda _: "no badge at all", "jwt_malformed"),
        (lambda _: [], "not_an_object"),
    ],
    ids=["altered", "unsigned", "no token", "none"],
)
def test_a_badge_that_does_not_verify_is_refused_with_the_reasons(any_rt, tenant, ada, foreign, spoil, code):
    _, badge = foreign

    named = refused(any_rt, Unacceptable, lambda: transfer(any_rt, tenant, ada, spoil(badge)))

    assert code in {found for _, found in named}
    assert all(pointer.startswith("/credential") for pointer, _ in named)


@pytest.mark.parametrize(("act", "code"), [("revoke", "revoked"), ("suspend", "suspended")])
def test_a_badge_that_does_not_stand_now_is_refused(any_rt, tenant, ada, foreign, act, code):
    school, badge = foreign
    getattr(revoking, act)(any_rt, school.caller, badge["id"], Reason("inquiry"))

    named = refused(any_rt, Unacceptable, lambda: transfer(any_rt, tenant, ada, badge))

    assert code in {found for _, found in named}


def test_a_badge_of_our_own_is_refused(any_rt, tenant, ada):
    badge = document(any_rt, award(any_rt, tenant, "bob@b.c").credential_id)

    assert refused(any_rt, Unacceptable, lambda: transfer(any_rt, tenant, ada, badge)) == {
        ("/credential", "own_credential")
    }


# ── Twice ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_same_again_gives_the_first_one(any_rt, tenant, ada, foreign):
    _, badge = foreign
    first, claimed = transfer(any_rt, tenant, ada, badge), recognise(any_rt, tenant, ada)
    rows = everything(any_rt)

    again = transfer(any_rt, tenant, ada, dict(reversed(badge.items())), note="sent once more")
    claimed_again = recognise(any_rt, tenant, ada)

    assert (again.id, again.duplicate, again.credential_id) == (first.id, True, first.credential_id)
    assert (claimed_again.id, claimed_again.duplicate) == (claimed.id, True)
    assert everything(any_rt) == rows


def test_the_same_badge_otherwise_is_a_conflict_that_names_what_differs(any_rt, tenant, ada, foreign):
    _, badge = foreign
    transfer(any_rt, tenant, ada, badge)

    def claim():
        transfer(any_rt, tenant, ada, badge, level="exemplary", credits=Decimal(3))

    assert refused(any_rt, Conflict, claim) == {("/level", "differs"), ("/credits", "differs")}


def test_a_badge_may_stand_for_several_achievements_and_in_the_hands_of_merged_learners_once(any_rt, tenant, foreign):
    _, badge = foreign
    publish(any_rt, tenant, key="listening", name="Listening")
    ada, bob = (whose(any_rt, award(any_rt, tenant, who, level="beginning")) for who in ("ada@b.c", "bob@b.c"))
    first = transfer(any_rt, tenant, bob, badge)

    assert transfer(any_rt, tenant, bob, badge, achievement="listening").id != first.id
    merging.merge(any_rt, tenant.caller, bob, ada)
    assert transfer(any_rt, tenant, ada, badge).id == first.id
    assert {one.id for one in recognising.list_recognitions(any_rt, tenant.caller, ada)} >= {first.id}
    assert discrepancies(any_rt) == []


# ── Taken back ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_withdrawn_is_revoked_and_can_be_recognised_anew(any_rt, tenant, ada, foreign):
    _, badge = foreign
    made = transfer(any_rt, tenant, ada, badge)

    gone = recognising.withdraw(any_rt, tenant.caller, made.id, Reason("mistaken"))

    assert (gone.state, gone.credential_id, gone.withdrawn_at) == ("withdrawn", None, any_rt.now())
    assert (history(any_rt, made.credential_id), bits(any_rt, made.credential_id)["revocation"]) == (
        [("revoke", "mistaken")],
        True,
    )
    assert discrepancies(any_rt) == []
    refused(any_rt, Conflict, lambda: recognising.withdraw(any_rt, tenant.caller, made.id, Reason("mistaken")))
    assert transfer(any_rt, tenant, ada, badge).id != made.id
    assert discrepancies(any_rt) == []


def test_only_its_issuer_withdraws_a_recognition(any_rt, tenant, ada, foreign):
    school, _ = foreign
    made = recognise(any_rt, tenant, ada)

    for caller, one in ((school.caller, made.id), (tenant.caller, ada)):
        refused(any_rt, Missing, lambda who=caller, what=one: recognising.withdraw(any_rt, who, what, Reason("x")))


def test_what_a_person_revoked_stays_so(any_rt, tenant, ada):
    made = recognise(any_rt, tenant, ada)
    revoking.revoke(any_rt, tenant.caller, made.credential_id, Reason("misconduct"))
    assert discrepancies(any_rt) == []

    recognising.withdraw(any_rt, tenant.caller, made.id, Reason("mistaken"))

    assert history(any_rt, made.credential_id) == [("revoke", "misconduct")]
    assert discrepancies(any_rt) == []


# ── What waits ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_under_a_hold_it_waits(any_rt, tenant, ada):
    releasing.hold(any_rt, tenant.caller, ada, "a debt")
    made = recognise(any_rt, tenant, ada)
    assert (made.state, made.credential_id) == ("held", None)
    assert discrepancies(any_rt) == []

    releasing.lift(any_rt, tenant.caller, ada)

    (listed,) = recognising.list_recognitions(any_rt, tenant.caller, ada)
    assert (listed.state, state(any_rt, listed.credential_id)) == ("issued", "current")
    assert discrepancies(any_rt) == []


def test_what_waits_can_be_withdrawn(any_rt, tenant, ada):
    releasing.hold(any_rt, tenant.caller, ada, "a debt")
    made = recognise(any_rt, tenant, ada)

    recognising.withdraw(any_rt, tenant.caller, made.id, Reason("mistaken"))
    releasing.lift(any_rt, tenant.caller, ada)

    assert count(any_rt, tables.credential) == 0
    assert discrepancies(any_rt) == []


# ── Beside results, stacks and merges ────────────────────────────────────────────────────────────────────────────────
def test_results_leave_a_recognition_alone(any_rt, tenant, ada):
    made = recognise(any_rt, tenant, ada)
    body = result()
    first = send(any_rt, tenant, body)

    send(any_rt, tenant, body | {"revision": 2, "result_status": "withdrawn"})

    assert (state(any_rt, made.credential_id), state(any_rt, first.credential_id)) == ("current", "revoked")
    assert discrepancies(any_rt) == []


@pytest.mark.parametrize(("accepts", "stacks"), [(["transfer"], 1), (["prior_learning"], 0), ([], 0)])
def test_a_stack_counts_what_it_accepts_and_loses_it_again(any_rt, tenant, foreign, accepts, stacks):
    _, badge = foreign
    skill(any_rt, tenant, "writing")
    competency(any_rt, tenant, "communicator")
    learner = whose(any_rt, earn(any_rt, tenant, "writing"))
    rule(
        any_rt,
        tenant,
        "communicator",
        all_of(holding("writing"), holding("teamwork", accepts=accepts)),
        policy="revoke",
    )

    made = transfer(any_rt, tenant, learner, badge)

    assert [one for _, one in _stacks(any_rt, learner)] == ["issued"] * stacks
    assert discrepancies(any_rt) == []
    recognising.withdraw(any_rt, tenant.caller, made.id, Reason("mistaken"))
    assert [one for _, one in _stacks(any_rt, learner)] == ["withdrawn"] * stacks
    assert discrepancies(any_rt) == []


def _stacks(rt, learner):
    with rt.db.read() as db:
        held = awards.of_learner(db, [learner])
        return [(one.id, one.state) for one in held if one.basis.startswith(awards.STACK_BASIS)]


def test_a_recognition_stays_with_its_learner_through_merges(any_rt, tenant):
    ada, bob = (
        whose(any_rt, send(any_rt, tenant, about(("emailAddress", who), level="beginning")))
        for who in ("ada@b.c", "bob@b.c")
    )
    before = recognise(any_rt, tenant, bob)
    merging.merge(any_rt, tenant.caller, bob, ada)
    during = recognise(any_rt, tenant, bob, level="exemplary")
    assert discrepancies(any_rt) == []

    merging.unmerge(any_rt, tenant.caller, bob)

    assert [credential(any_rt, one.credential_id).learner_id for one in (before, during)] == [bob, bob]
    assert [state(any_rt, one.credential_id) for one in (before, during)] == ["current", "current"]
    assert discrepancies(any_rt) == []


def test_a_recognition_to_the_others_wallet_is_issued_anew(any_rt, tenant, ada):
    body = result("bob@b.c", level="beginning")
    bob = whose(any_rt, send(any_rt, tenant, body | {"learner": body["learner"] | {"did": "did:web:bob.example"}}))
    merging.merge(any_rt, tenant.caller, bob, ada)
    made = recognise(any_rt, tenant, ada)

    merging.unmerge(any_rt, tenant.caller, bob)

    first, second = chain(any_rt, award_of(any_rt, made.credential_id))
    assert [document(any_rt, one.id)["credentialSubject"].get("id") for one in (first, second)] == [
        "did:web:bob.example",
        None,
    ]
    assert (first.state, second.state) == ("revoked", "current")
    assert discrepancies(any_rt) == []


# ── The replay ───────────────────────────────────────────────────────────────────────────────────────────────────────
R = tables.recognition


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        (
            sa.update(R).values(content=sa.func.json_set(R.c.content, "$.level", "exemplary")),
            {"input_altered", "not_reproducible"},
        ),
        (sa.update(R).values(document=b"{}"), {"input_altered"}),
        (sa.update(R).values(digest="0" * 64), {"input_altered", "not_reproducible"}),
        (sa.update(R).values(withdrawn_at=MAY), {"unsupported"}),
        (
            sa.update(tables.award).values(state="withdrawn", withdrawn_by="facts"),
            {"award_missing", "credential_count", "award_not_issued"},
        ),
        (sa.update(tables.award_decision).values(overall="exemplary"), {"not_reproducible", "facts_differ"}),
        (sa.delete(R), {"record_missing"}),
    ],
    ids=["content", "document", "digest", "withdrawn", "award", "decision", "gone"],
)
def test_the_replay_finds_what_was_tampered_with(rt, statement, codes):
    tenant = found(rt)
    publish(rt, tenant)
    recognise(rt, tenant, whose(rt, award(rt, tenant, level="beginning")))

    tamper(rt, statement)

    assert {code for code, _ in discrepancies(rt)} == codes

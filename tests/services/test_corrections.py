"""What follows when facts change: over real flows, with bits, standings, events and audit rows, and a clean replay."""

from __future__ import annotations

import pytest

from ler_issuer.errors import Conflict
from ler_issuer.services import releasing, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.vc import Standing, Verdict
from records import (
    award_of,
    bits,
    chain,
    decision_of,
    deeds,
    discrepancies,
    document,
    events,
    history,
    judged,
    only_award,
    state,
    version_of,
)
from services.sending import rated, send
from world import award, publish, result

BASES = {
    "once": {"assessment": "essay"},
    "per_assessment": {"assessment": "essay"},
    "per_experience": {
        "assessment": "essay",
        "participation": {"experience": {"source_id": "shelter", "kind": "service_learning"}},
    },
}
LEVELS = {True: "exemplary", False: "beginning"}


def correct(rt, tenant, body, level, revision=2):
    return send(rt, tenant, body | {"revision": revision, "ratings": rated(level)})


def news(rt, tenant, before):
    """Give the types of the events since there were `before` of them."""
    return [kind for kind, _ in events(rt, tenant.caller)[before:]]


# ── Facts that turn out wrong ────────────────────────────────────────────────────────────────────────────────────────
CORRECTIONS = {
    # policy, still earned: state and acts of the credential, state of the award, events, outcome
    ("keep", True): ("current", [], "issued", [], "recorded"),
    ("keep", False): ("current", [], "issued", [], "recorded"),
    ("suspend", True): (
        "suspended", [("suspend", "facts_corrected")], "issued", ["credential.suspended"], "recorded"
    ),
    ("suspend", False): (
        "suspended", [("suspend", "facts_corrected")], "issued", ["credential.suspended"], "recorded"
    ),
    ("revoke", True): ("revoked", [("revoke", "facts_corrected")], "withdrawn", ["credential.revoked"], "recorded"),
    ("revoke", False): ("revoked", [("revoke", "facts_corrected")], "withdrawn", ["credential.revoked"], "not_yet"),
    ("reissue", True): (
        "revoked", [("revoke", "corrected")], "issued", ["credential.issued", "credential.revoked"], "awarded"
    ),
    ("reissue", False): ("revoked", [("revoke", "facts_corrected")], "withdrawn", ["credential.revoked"], "not_yet"),
}  # fmt: skip
STANDINGS = {
    "current": (Verdict.ACCEPTED, Standing.CURRENT),
    "suspended": (Verdict.REVIEW, Standing.SUSPENDED),
    "revoked": (Verdict.REJECTED, Standing.REVOKED),
    "superseded": (Verdict.ACCEPTED, Standing.CURRENT),
}


@pytest.mark.parametrize("earned", BASES)
@pytest.mark.parametrize(("policy", "still"), CORRECTIONS)
def test_the_policy_says_what_becomes_of_wrong_facts(rt, tenant, policy, still, earned):
    expected, acts, award_state, told, outcome = CORRECTIONS[policy, still]
    publish(rt, tenant, correction=policy, suspendable=policy == "suspend", earned=earned)
    body = result(**BASES[earned])
    first = send(rt, tenant, body).credential_id
    before, decided = len(events(rt, tenant.caller)), len(deeds(rt, tenant.caller, "award."))

    receipt = correct(rt, tenant, body, LEVELS[still])

    assert (receipt.outcome, state(rt, first), only_award(rt).state) == (outcome, expected, award_state)
    assert history(rt, first) == acts
    assert bits(rt, first)["revocation"] is (expected == "revoked")
    assert bits(rt, first).get("suspension", False) is (expected == "suspended")
    assert (judged(rt, first).verdict, judged(rt, first).standing) == STANDINGS[expected]
    assert news(rt, tenant, before) == told
    assert deeds(rt, tenant.caller, "credential.")[1:] == told
    assert len(deeds(rt, tenant.caller, "award.")) == decided + 1
    assert discrepancies(rt) == []


@pytest.mark.parametrize("earned", BASES)
def test_what_is_reissued_says_what_it_replaces(rt, tenant, earned):
    publish(rt, tenant, earned=earned)
    body = result(**BASES[earned])
    first = send(rt, tenant, body)

    second = correct(rt, tenant, body, "exemplary")
    third = correct(rt, tenant, body, "proficient", revision=3)

    assert [one.id for one in chain(rt, only_award(rt))] == [one.credential_id for one in (first, second, third)]
    assert [state(rt, one.credential_id) for one in (first, second, third)] == ["revoked", "revoked", "current"]
    assert decision_of(rt, only_award(rt)).inputs[0]["id"] == third.result_id
    assert discrepancies(rt) == []


@pytest.mark.parametrize("policy", ["keep", "suspend", "revoke", "reissue"])
@pytest.mark.parametrize("levels", [("beginning", "beginning"), ("beginning", "exemplary"), ("exemplary", "beginning")])
def test_a_correction_of_a_correction_is_borne_out_too(rt, tenant, policy, levels):
    publish(rt, tenant, correction=policy, suspendable=True)
    body = result()
    send(rt, tenant, body)

    for revision, level in enumerate(levels, 2):
        correct(rt, tenant, body, level, revision)

        assert discrepancies(rt) == []


@pytest.mark.parametrize("policy", ["keep", "suspend", "revoke", "reissue"])
def test_a_correction_of_which_the_credential_tells_nothing_leaves_it_alone(rt, tenant, policy):
    publish(rt, tenant, correction=policy, suspendable=True)
    body = result(evidence=[{"name": "Notes"}])
    first = send(rt, tenant, body).credential_id

    receipt = send(rt, tenant, body | {"revision": 2, "evidence": [{"name": "Better notes"}]})

    assert (receipt.outcome, receipt.credential_id) == ("recorded", first)
    assert (state(rt, first), history(rt, first)) == ("current", [])
    assert decision_of(rt, only_award(rt)).inputs[0]["id"] == receipt.result_id
    assert discrepancies(rt) == []


def test_what_was_confirmed_is_true_when_a_better_attempt_comes(rt, tenant):
    publish(rt, tenant, better_attempt="replace")
    body = result(assessment="essay")
    first = send(rt, tenant, body).credential_id
    send(rt, tenant, body | {"revision": 2, "evidence": [{"name": "Notes"}]})

    award(rt, tenant, level="exemplary", assessment="essay", attempt=2, assessed_at="2026-05-11T00:00:00Z")

    assert history(rt, first) == [("supersede", "better_attempt")]
    assert discrepancies(rt) == []


@pytest.mark.parametrize(("policy", "acts"), [("keep", 0), ("suspend", 2)])
def test_facts_that_are_again_what_the_credential_says_confirm_it(rt, tenant, policy, acts):
    publish(rt, tenant, correction=policy, suspendable=True)
    body = result(level="exemplary")
    first = send(rt, tenant, body).credential_id
    correct(rt, tenant, body, "proficient")
    correct(rt, tenant, body | {"evidence": [{"name": "Notes"}]}, "proficient", revision=3)
    assert decision_of(rt, only_award(rt)).consequence == policy

    correct(rt, tenant, body, "exemplary", revision=4)

    assert decision_of(rt, only_award(rt)).consequence == "confirm"
    assert history(rt, first) == [("suspend", "facts_corrected"), ("reinstate", "facts_confirmed")][:acts]
    assert (state(rt, first), judged(rt, first).verdict) == ("current", Verdict.ACCEPTED)
    assert discrepancies(rt) == []


def test_a_person_who_suspended_decides_when_it_ends(rt, tenant):
    publish(rt, tenant, correction="suspend", suspendable=True)
    body = result()
    first = send(rt, tenant, body).credential_id
    revoking.suspend(rt, tenant.caller, first, Reason("inquiry"))

    correct(rt, tenant, body, "beginning")
    correct(rt, tenant, body, "proficient", revision=3)

    assert (state(rt, first), history(rt, first)) == ("suspended", [("suspend", "inquiry")])
    assert discrepancies(rt) == []


def test_what_a_policy_took_back_comes_back_only_when_its_own_facts_change(rt, tenant):
    publish(rt, tenant, correction="revoke", earned="per_assessment")
    body = result(assessment="essay")
    first = send(rt, tenant, body).credential_id
    correct(rt, tenant, body, "exemplary")

    award(rt, tenant, assessment="talk")

    assert award_of(rt, first).state == "withdrawn"
    assert discrepancies(rt) == []
    assert correct(rt, tenant, body, "proficient", revision=3).outcome == "awarded"
    assert award_of(rt, first).state == "issued"
    assert discrepancies(rt) == []


def test_the_policy_is_that_of_the_version_that_the_credential_was_issued_under(rt, tenant):
    publish(rt, tenant, correction="reissue")
    body = result()
    first = send(rt, tenant, body).credential_id
    publish(rt, tenant, correction="suspend", suspendable=True, in_force_from="2026-05-01T00:00:00Z")

    receipt = correct(rt, tenant, body, "beginning")

    assert (receipt.outcome, state(rt, first)) == ("not_yet", "revoked")
    assert discrepancies(rt) == []


# ── Better attempts ──────────────────────────────────────────────────────────────────────────────────────────────────
ATTEMPTS = {
    # policy, level of the first and of the second attempt: whether the second one replaces the first
    ("keep_first", "proficient", "exemplary"): False,
    ("keep_first", "proficient", "proficient"): False,
    ("keep_first", "exemplary", "beginning"): False,
    ("replace", "proficient", "exemplary"): True,
    ("replace", "exemplary", "proficient"): True,
    ("replace", "exemplary", "beginning"): False,
    ("keep_best", "proficient", "exemplary"): True,
    ("keep_best", "exemplary", "proficient"): False,
    ("keep_best", "proficient", "proficient"): False,
    ("keep_best", "exemplary", "beginning"): False,
}


@pytest.mark.parametrize("earned", BASES)
@pytest.mark.parametrize(("policy", "one", "two"), ATTEMPTS)
def test_a_later_attempt_replaces_as_the_achievement_says(rt, tenant, policy, one, two, earned):
    replaces = ATTEMPTS[policy, one, two]
    publish(rt, tenant, better_attempt=policy, earned=earned)
    first = award(rt, tenant, level=one, **BASES[earned])
    before = len(events(rt, tenant.caller))

    second = award(rt, tenant, level=two, attempt=2, assessed_at="2026-05-11T09:00:00Z", **BASES[earned])

    assert second.outcome == ("awarded" if replaces else "recorded")
    assert state(rt, first.credential_id) == ("superseded" if replaces else "current")
    assert history(rt, first.credential_id) == ([("supersede", "better_attempt")] if replaces else [])
    assert news(rt, tenant, before) == (["credential.issued", "credential.superseded"] if replaces else [])
    assert bits(rt, first.credential_id) == {"revocation": False}
    assert judged(rt, first.credential_id).verdict is Verdict.ACCEPTED
    assert len(chain(rt, only_award(rt))) == 1 + replaces
    assert discrepancies(rt) == []


def test_a_better_attempt_revokes_a_credential_whose_facts_were_wrong(rt, tenant):
    """Its facts were kept or under review; now there is a credential that is true."""
    for policy in ("keep", "suspend"):
        publish(rt, tenant, key=policy, correction=policy, suspendable=True, better_attempt="replace")
        body = result(achievement=policy, assessment=policy)
        first = send(rt, tenant, body).credential_id
        correct(rt, tenant, body, "beginning")

        again = award(rt, tenant, achievement=policy, assessment=policy, attempt=2, assessed_at="2026-05-11")

        assert (again.outcome, state(rt, first)) == ("awarded", "revoked")
        assert state(rt, again.credential_id) == "current"
        assert history(rt, first)[-1] == ("revoke", "corrected")
    assert discrepancies(rt) == []


# ── What persons did ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("better", ["keep_first", "replace", "keep_best"])
def test_what_a_person_revoked_stays_revoked(rt, tenant, better):
    publish(rt, tenant, better_attempt=better)
    body = result(assessment="essay")
    first = send(rt, tenant, body).credential_id
    revoking.revoke(rt, tenant.caller, first, Reason("misconduct"))

    receipts = [
        correct(rt, tenant, body, "exemplary"),
        award(rt, tenant, level="exemplary", assessment="essay", attempt=2),
        send(rt, tenant, body | {"revision": 3, "result_status": "withdrawn"}),
    ]

    assert [one.outcome for one in receipts] == ["recorded"] * 3
    assert len(chain(rt, only_award(rt))) == 1
    assert discrepancies(rt) == []


@pytest.mark.parametrize("later", [True, False], ids=["suspendable", "no longer suspendable"])
def test_new_facts_are_no_way_out_of_a_suspension(rt, tenant, later):
    publish(rt, tenant, suspendable=True)
    body = result()
    first = send(rt, tenant, body).credential_id
    revoking.suspend(rt, tenant.caller, first, Reason("inquiry"))
    publish(rt, tenant, suspendable=later, in_force_from="2026-05-01T00:00:00Z")

    second = correct(rt, tenant, body, "exemplary").credential_id

    assert (state(rt, first), state(rt, second)) == ("revoked", "suspended")
    assert bits(rt, second) == {"revocation": False, "suspension": True}
    assert judged(rt, second).standing is Standing.SUSPENDED
    assert discrepancies(rt) == []
    revoking.reinstate(rt, tenant.caller, second, Reason("cleared"))
    assert judged(rt, second).verdict is Verdict.ACCEPTED
    assert discrepancies(rt) == []


# ── What waits ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_correction_under_a_hold_revokes_now_and_issues_later(rt, tenant):
    publish(rt, tenant)
    body = result()
    first = send(rt, tenant, body).credential_id
    learner = award_of(rt, first).learner_id
    releasing.hold(rt, tenant.caller, learner, "a debt")

    receipt = correct(rt, tenant, body, "exemplary")

    assert (receipt.outcome, receipt.credential_id, state(rt, first)) == ("pending", None, "revoked")
    assert only_award(rt).held_because == "a debt"
    assert discrepancies(rt) == []
    assert releasing.lift(rt, tenant.caller, learner) == [only_award(rt).id]
    assert [one.state for one in chain(rt, only_award(rt))] == ["revoked", "current"]
    assert discrepancies(rt) == []


def test_a_better_attempt_under_a_hold_waits_while_the_first_one_stands(rt, tenant):
    publish(rt, tenant, better_attempt="replace")
    first = award(rt, tenant, assessment="essay").credential_id
    learner = award_of(rt, first).learner_id
    releasing.hold(rt, tenant.caller, learner, "a debt")

    award(rt, tenant, assessment="essay", attempt=2, level="exemplary", assessed_at="2026-05-11")

    assert (state(rt, first), only_award(rt).state) == ("current", "issued")
    releasing.lift(rt, tenant.caller, learner)
    assert [one.state for one in chain(rt, only_award(rt))] == ["superseded", "current"]
    assert discrepancies(rt) == []


def test_a_correction_after_the_validity_ended_revokes_and_waits(rt, tenant, world):
    publish(rt, tenant, validity={"months": 1})
    body = result()
    first = send(rt, tenant, body).credential_id
    world.wait(days=60)

    receipt = correct(rt, tenant, body, "exemplary")

    assert (receipt.outcome, state(rt, first)) == ("pending", "revoked")
    assert "validity" in only_award(rt).held_because
    assert discrepancies(rt) == []


def test_facts_that_change_while_an_award_waits_are_put_right(rt, tenant, world):
    publish(rt, tenant, release_at="2026-07-01T00:00:00Z", correction="suspend", suspendable=True)
    body = result()
    receipts = [
        send(rt, tenant, body),
        *(correct(rt, tenant, body, level, at) for at, level in ((2, "beginning"), (3, "exemplary"))),
    ]

    assert [one.outcome for one in receipts] == ["pending", "not_yet", "pending"]
    assert discrepancies(rt) == []
    world.wait(days=60)
    assert releasing.release_due(rt, actor="worker") == 1
    (made,) = chain(rt, only_award(rt))
    reached = {
        one["achievedLevel"].rpartition("/")[2]
        for one in document(rt, made.id)["credentialSubject"]["result"]
        if "achievedLevel" in one
    }
    assert reached == {"exemplary"}
    assert discrepancies(rt) == []


def test_what_is_released_is_what_was_decided(rt, tenant, world):
    """An earlier result that arrives late does not change the credential of an award that keeps the first."""
    publish(rt, tenant, release_at="2026-07-01T00:00:00Z")
    award(rt, tenant, level="exemplary", assessed_at="2026-05-10T00:00:00Z")
    award(rt, tenant, level="proficient", assessed_at="2026-05-04T00:00:00Z")
    world.wait(days=60)

    releasing.release_due(rt, actor="worker")

    (made,) = chain(rt, only_award(rt))
    assert document(rt, made.id)["awardedDate"] == "2026-05-10T00:00:00Z"
    assert discrepancies(rt) == []


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────────────────────────
STRICTER = {
    "award": {"conditions": [{"type": "criteria", "level": "exemplary"}]},
    "in_force_from": "2026-05-10T00:00:00Z",
}


@pytest.mark.parametrize(
    ("level", "assessed_at", "outcome", "version"),
    [
        ("proficient", "2026-05-09T23:59:59Z", "awarded", 1),
        ("proficient", "2026-05-10T00:00:00Z", "not_yet", None),
        ("exemplary", "2026-05-10T00:00:00Z", "awarded", 2),
        ("exemplary", "2026-05-09T23:59:59Z", "awarded", 1),
        ("proficient", "2019-01-01", "awarded", 1),
    ],
)
def test_the_version_in_force_when_assessed_applies(rt, tenant, level, assessed_at, outcome, version):
    publish(rt, tenant)
    publish(rt, tenant, **STRICTER)

    receipt = award(rt, tenant, level=level, assessed_at=assessed_at)

    assert receipt.outcome == outcome
    assert version is None or version_of(rt, receipt.credential_id) == version
    assert discrepancies(rt) == []


@pytest.mark.parametrize(("better", "replaced"), [("keep_first", False), ("replace", True), ("keep_best", False)])
def test_a_worse_attempt_under_a_newer_version(rt, tenant, better, replaced):
    publish(rt, tenant, better_attempt=better)
    publish(rt, tenant, better_attempt=better, in_force_from="2026-05-10T00:00:00Z")
    first = award(rt, tenant, level="exemplary", assessment="essay")

    second = award(rt, tenant, level="proficient", assessment="essay", attempt=2, assessed_at="2026-05-11")

    assert second.outcome == ("awarded" if replaced else "recorded")
    assert state(rt, first.credential_id) == ("superseded" if replaced else "current")
    assert discrepancies(rt) == []


def test_a_correction_never_makes_two(rt, tenant):
    publish(rt, tenant)
    body = result()
    send(rt, tenant, body)
    correct(rt, tenant, body, "exemplary")

    with pytest.raises(Conflict):
        correct(rt, tenant, body, "proficient")

    assert [one.state for one in chain(rt, only_award(rt))] == ["revoked", "current"]

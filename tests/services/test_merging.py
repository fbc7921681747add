"""Two learners turn out to be one person, or one to be two: nothing moves, and everything follows."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from ler_issuer.assessments import Identifier
from ler_issuer.errors import Conflict, Missing, Refusal, Unacceptable
from ler_issuer.services import merging, people, reading, releasing, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.services.reading import Filter
from ler_issuer.store import learners, tables
from records import (
    award_of,
    bits,
    count,
    credential,
    deeds,
    discrepancies,
    document,
    events,
    everything,
    history,
    state,
)
from services.joining import ADA, BOB, CYD, held, merge, somebody, task, unmerge, whose
from services.sending import about, refused, send
from world import award, found, publish

WALLET, OTHER_WALLET = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "did:web:ada.example"
TWO_TASKS = {"award": {"each_of": ["essay", "talk"], "conditions": [{"type": "criteria", "level": "proficient"}]}}


@pytest.fixture
def tenant(any_rt):
    """An issuer with two achievements: `teamwork`, and `speaking`, which takes an essay and a talk."""
    made = found(any_rt)
    publish(any_rt, made)
    publish(any_rt, made, key="speaking", name="Speaking", **TWO_TASKS)
    return made


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_makes_no_sense_is_refused_and_leaves_nothing(any_rt, tenant):
    ada, bob, cyd = (somebody(any_rt, tenant, one) for one in (ADA, BOB, CYD))
    stranger = found(any_rt, "chemistry")
    publish(any_rt, stranger)
    theirs = whose(any_rt, award(any_rt, stranger))
    merge(any_rt, tenant, bob, ada)
    before = everything(any_rt)

    def no(kind, caller, learner, into):
        with pytest.raises(kind) as caught:
            merging.merge(any_rt, caller, learner, into)
        return {(place.pointer, place.code) for place in caught.value.problems}

    ours = tenant.caller
    assert no(Unacceptable, ours, cyd, cyd) == {("/into", "same_learner")}
    assert no(Unacceptable, ours, cyd, theirs) == {("/into", "unknown_learner")}
    assert no(Unacceptable, ours, cyd, str(uuid.uuid4())) == {("/into", "unknown_learner")}
    assert no(Missing, ours, theirs, cyd) == set()
    assert no(Missing, stranger.caller, cyd, theirs) == set()
    assert no(Conflict, ours, bob, cyd) == {("", "merged_already")}
    assert no(Conflict, ours, bob, ada) == {("", "merged_already")}
    assert no(Conflict, ours, cyd, bob) == {("/into", "merged_itself")}
    assert no(Conflict, ours, ada, bob) == {("/into", "merged_in_circle")}
    with pytest.raises(Conflict):
        unmerge(any_rt, tenant, ada)
    assert everything(any_rt) == before


def test_merges_are_told_and_written_down(any_rt, tenant):
    ada, bob = somebody(any_rt, tenant, ADA), somebody(any_rt, tenant, BOB)

    merged, apart = merge(any_rt, tenant, bob, ada), unmerge(any_rt, tenant, bob)

    assert (merged.root_id, [one.learner_id for one in merged.merged]) == (ada, [bob])
    assert (apart.root_id, apart.merged) == (bob, ())
    assert deeds(any_rt, tenant.caller, "learner.") == ["learner.merged", "learner.unmerged"]
    assert events(any_rt, tenant.caller) == [("learner.merged", bob), ("learner.unmerged", bob)]


# ── What follows for results ─────────────────────────────────────────────────────────────────────────────────────────
def test_results_of_both_earn_together_and_apart_again_they_do_not(any_rt, tenant):
    ada = whose(any_rt, task(any_rt, tenant, ADA, "essay"))
    bob = whose(any_rt, task(any_rt, tenant, BOB, "talk"))
    assert held(any_rt, ada, bob) == []

    merge(any_rt, tenant, bob, ada)

    assert held(any_rt, ada, bob) == [(ada, "once", "issued")]
    assert discrepancies(any_rt) == []
    unmerge(any_rt, tenant, bob)
    assert held(any_rt, ada, bob) == [(ada, "once", "withdrawn")]
    assert deeds(any_rt, tenant.caller, "credential.") == ["credential.issued", "credential.revoked"]
    assert discrepancies(any_rt) == []


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("keep", "current"), ("suspend", "suspended"), ("revoke", "revoked"), ("reissue", "revoked")],
)
def test_an_award_on_the_others_result_is_corrected_as_its_policy_says(rt, policy, expected):
    tenant = found(rt)
    publish(rt, tenant, correction=policy, suspendable=True)
    ada, bob = somebody(rt, tenant, ADA), somebody(rt, tenant, BOB)
    merge(rt, tenant, bob, ada)
    receipt = send(rt, tenant, about(BOB))

    unmerge(rt, tenant, bob)

    assert state(rt, receipt.credential_id) == expected
    assert (bob, "once", "issued") in held(rt, bob)
    assert discrepancies(rt) == []


def test_results_that_come_in_between_count_for_both_and_belong_to_one(any_rt, tenant):
    ada, bob = somebody(any_rt, tenant, ADA), somebody(any_rt, tenant, BOB)
    merge(any_rt, tenant, bob, ada)

    essay, talk = task(any_rt, tenant, BOB, "essay"), task(any_rt, tenant, ADA, "talk")

    assert (essay.outcome, talk.outcome) == ("not_yet", "awarded")
    assert (whose(any_rt, essay), whose(any_rt, talk)) == (bob, ada)
    assert award_of(any_rt, talk.credential_id).learner_id == ada
    assert discrepancies(any_rt) == []
    unmerge(any_rt, tenant, bob)
    assert state(any_rt, talk.credential_id) == "revoked"
    assert discrepancies(any_rt) == []
    assert task(any_rt, tenant, BOB, "talk").outcome == "awarded"
    assert discrepancies(any_rt) == []


def test_what_was_sent_before_is_a_duplicate_afterwards_too(any_rt, tenant):
    ada = somebody(any_rt, tenant, ADA)
    body = about(BOB)
    first = send(any_rt, tenant, body)
    merge(any_rt, tenant, whose(any_rt, first), ada)
    before = everything(any_rt)

    again = send(any_rt, tenant, body)

    assert (again.result_id, again.duplicate) == (first.result_id, True)
    assert everything(any_rt) == before


def test_a_revision_moves_within_a_person_without_a_trace_in_the_award(any_rt, tenant):
    body = about(BOB)
    first = send(any_rt, tenant, body)
    ada = somebody(any_rt, tenant, ADA)
    merge(any_rt, tenant, whose(any_rt, first), ada)

    second = send(any_rt, tenant, about(ADA) | {"source_id": body["source_id"], "revision": 2})

    assert whose(any_rt, second) == ada
    assert (second.outcome, second.credential_id) == ("recorded", first.credential_id)
    assert state(any_rt, first.credential_id) == "current"
    assert discrepancies(any_rt) == []


def test_identifiers_of_both_name_the_root(any_rt, tenant):
    ada, bob = somebody(any_rt, tenant, ADA), somebody(any_rt, tenant, BOB)
    cyd = somebody(any_rt, tenant, CYD)
    assert refused(any_rt, tenant, about(ADA, BOB), Conflict) == {("/learner/identifiers", "several_learners")}

    merge(any_rt, tenant, bob, ada)

    assert whose(any_rt, send(any_rt, tenant, about(BOB, ADA, ("userName", "ada")))) == ada
    assert people.find_learner(any_rt, tenant.caller, [Identifier(type=BOB[0], value=BOB[1])]) == ada
    assert refused(any_rt, tenant, about(ADA, CYD), Conflict) == {("/learner/identifiers", "several_learners")}
    unmerge(any_rt, tenant, bob)
    assert people.find_learner(any_rt, tenant.caller, [Identifier(type=BOB[0], value=BOB[1])]) == bob
    assert cyd not in {ada, bob}


def test_the_root_shows_the_credentials_of_all(any_rt, tenant):
    ones = [award(any_rt, tenant, who) for who in (ADA[1], BOB[1], CYD[1])]
    ada, bob, cyd = (whose(any_rt, one) for one in ones)
    merge(any_rt, tenant, cyd, bob)
    merge(any_rt, tenant, bob, ada)

    def shown(learner):
        page = reading.list_credentials(any_rt, tenant.caller, Filter(learner_id=learner), cursor=None, limit=10)
        return {one.id for one in page.items}

    everybody = {one.credential_id for one in ones}
    assert shown(ada) == shown(cyd) == everybody
    unmerge(any_rt, tenant, bob)
    assert (shown(ada), shown(bob)) == ({ones[0].credential_id}, {one.credential_id for one in ones[1:]})
    assert shown(str(uuid.uuid4())) == set()


def test_chains_come_apart_where_they_are_cut(any_rt, tenant):
    ada, bob = (whose(any_rt, task(any_rt, tenant, who, "lunch")) for who in (ADA, BOB))
    cyd = whose(any_rt, task(any_rt, tenant, CYD, "essay"))
    task(any_rt, tenant, ADA, "talk")
    merge(any_rt, tenant, cyd, bob)
    merge(any_rt, tenant, bob, ada)
    assert held(any_rt, ada, bob, cyd) == [(ada, "once", "issued")]

    unmerge(any_rt, tenant, bob)

    with any_rt.db.read() as db:
        assert learners.person(db, cyd) == [bob, cyd]
        assert learners.person(db, ada) == [ada]
        assert sorted(learners.persons(db)) == sorted([[ada], [bob, cyd]])
    assert held(any_rt, ada, bob, cyd) == [(ada, "once", "withdrawn")]
    assert discrepancies(any_rt) == []


# ── Holds and wallets ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_hold_on_one_is_a_hold_on_the_person(any_rt, tenant):
    ada, bob = somebody(any_rt, tenant, ADA), somebody(any_rt, tenant, BOB)
    releasing.hold(any_rt, tenant.caller, bob, "a debt")
    merge(any_rt, tenant, bob, ada)

    receipt = send(any_rt, tenant, about(ADA))

    assert receipt.outcome == "pending"
    assert deeds(any_rt, tenant.caller, "learner.") == ["learner.held", "learner.merged", "learner.held"]
    assert discrepancies(any_rt) == []
    assert len(releasing.lift(any_rt, tenant.caller, bob)) == 1
    assert held(any_rt, ada, bob) == [(ada, "once", "issued")]
    assert discrepancies(any_rt) == []


def bound(who, did, **changes):
    body = about(who, **changes)
    return body | {"learner": body["learner"] | {"did": did}}


def test_a_person_has_one_wallet(any_rt, tenant):
    ada, bob = somebody(any_rt, tenant, ADA), whose(any_rt, send(any_rt, tenant, bound(BOB, WALLET)))
    merge(any_rt, tenant, bob, ada)
    publish(any_rt, tenant, key="listening", name="Listening")

    receipt = send(any_rt, tenant, bound(ADA, WALLET, achievement="listening"))

    assert document(any_rt, receipt.credential_id)["credentialSubject"]["id"] == WALLET
    assert count(any_rt, tables.learner_did) == 1
    assert refused(any_rt, tenant, bound(ADA, OTHER_WALLET), Conflict) == {("/learner/did", "other_did")}
    assert refused(any_rt, tenant, bound(CYD, WALLET), Conflict) == {("/learner/did", "did_of_another")}


def test_a_credential_to_the_others_wallet_is_not_left_standing(any_rt, tenant):
    ada, bob = somebody(any_rt, tenant, ADA), whose(any_rt, send(any_rt, tenant, bound(BOB, WALLET, level="beginning")))
    merge(any_rt, tenant, bob, ada)
    wrong = send(any_rt, tenant, about(ADA)).credential_id

    unmerge(any_rt, tenant, bob)

    assert (state(any_rt, wrong), history(any_rt, wrong)) == ("revoked", [("revoke", "unmerged")])
    assert bits(any_rt, wrong)["revocation"] is True
    with any_rt.db.read() as db:
        row = tables.credential.c
        right = db.scalar(sa.select(row.id).where(row.replaces_id == wrong))
    assert "id" not in document(any_rt, right)["credentialSubject"]
    assert (state(any_rt, right), credential(any_rt, right).learner_id) == ("current", ada)
    assert discrepancies(any_rt) == []


def test_a_suspension_by_hand_goes_on_when_a_wallet_is_put_right(rt):
    tenant = found(rt)
    publish(rt, tenant, suspendable=True)
    ada, bob = somebody(rt, tenant, ADA), whose(rt, send(rt, tenant, bound(BOB, WALLET, level="beginning")))
    merge(rt, tenant, bob, ada)
    wrong = send(rt, tenant, about(ADA)).credential_id
    revoking.suspend(rt, tenant.caller, wrong, Reason("inquiry"))

    unmerge(rt, tenant, bob)

    with rt.db.read() as db:
        right = db.scalar(sa.select(tables.credential.c.id).where(tables.credential.c.replaces_id == wrong))
    assert (state(rt, wrong), state(rt, right)) == ("revoked", "suspended")
    assert discrepancies(rt) == []


def test_of_two_wallets_somebody_has_to_choose(any_rt, tenant):
    ones = send(any_rt, tenant, bound(ADA, OTHER_WALLET)), send(any_rt, tenant, bound(BOB, WALLET))
    ada, bob = (whose(any_rt, one) for one in ones)

    with pytest.raises(Conflict, match='say in "did"') as caught:
        merge(any_rt, tenant, bob, ada)
    assert {place.code for place in caught.value.problems} == {"different_dids"}
    with pytest.raises(Unacceptable) as wrong:
        merge(any_rt, tenant, bob, ada, did="did:web:nobody.example")
    assert {(place.pointer, place.code) for place in wrong.value.problems} == {("/did", "not_bound")}

    merge(any_rt, tenant, bob, ada, did=WALLET)

    publish(any_rt, tenant, key="listening", name="Listening")
    receipt = send(any_rt, tenant, about(ADA, achievement="listening"))
    assert document(any_rt, receipt.credential_id)["credentialSubject"]["id"] == WALLET
    assert deeds(any_rt, tenant.caller, "learner.") == ["learner.unbound", "learner.merged"]
    unmerge(any_rt, tenant, bob)
    assert [state(any_rt, one.credential_id) for one in ones] == ["current", "current"]
    assert state(any_rt, receipt.credential_id) == "revoked"
    assert discrepancies(any_rt) == []


# ── At the same instant ──────────────────────────────────────────────────────────────────────────────────────────────
def at_once(*acts):
    """Let acts begin at the same instant; give what each gave, or the refusal that it met."""
    start = threading.Barrier(len(acts))

    def begin(act):
        start.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as crowd:
        return list(crowd.map(begin, acts))


def test_of_two_merges_in_a_circle_one_is_refused(any_rt, tenant):
    for number in range(5):
        one, two = (somebody(any_rt, tenant, ("userName", f"{name}-{number}")) for name in ("ada", "bob"))

        answers = at_once(
            lambda one=one, two=two: merge(any_rt, tenant, one, two),
            lambda one=one, two=two: merge(any_rt, tenant, two, one),
        )

        assert [isinstance(answer, Conflict) for answer in answers].count(True) == 1
        with any_rt.db.read() as db:
            assert sorted(learners.person(db, one)) == sorted([one, two])


def test_a_result_that_comes_while_its_learner_is_merged_counts_once(any_rt, tenant):
    for number in range(8):
        ada, bob = ("userName", f"ada-{number}"), ("userName", f"bob-{number}")
        first = whose(any_rt, task(any_rt, tenant, ada, "essay"))
        second = somebody(any_rt, tenant, bob)

        _, receipt = at_once(
            lambda first=first, second=second: merge(any_rt, tenant, second, first),
            lambda bob=bob: task(any_rt, tenant, bob, "talk"),
        )

        assert held(any_rt, first, second) == [(first, "once", "issued")]
        assert receipt.outcome in {"awarded", "not_yet"}
    assert discrepancies(any_rt) == []

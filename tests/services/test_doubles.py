"""What two learners were both awarded before they were merged: both credentials stay, and one counts."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ler_issuer.services import releasing, revoking
from ler_issuer.services.marking import Reason
from ler_issuer.store import awards, tables
from records import count, credential, discrepancies, history, state
from services.joining import ADA, BOB, held, merge, unmerge, whose
from services.sending import about, rated, send
from world import found, publish


@pytest.fixture
def tenant(any_rt):
    """An issuer with one achievement, `teamwork`."""
    made = found(any_rt)
    publish(any_rt, made)
    return made


@pytest.fixture
def both(any_rt, tenant):
    """What Ada and Bob were both awarded before they were merged: the receipts, Ada's first."""
    ones = send(any_rt, tenant, about(ADA)), send(any_rt, tenant, about(BOB, level="exemplary"))
    merge(any_rt, tenant, whose(any_rt, ones[1]), whose(any_rt, ones[0]))
    return ones


def bodies(rt, receipts):
    """Give what it takes to correct results."""
    with rt.db.read() as db:
        row = tables.result.c
        found = [db.run(sa.select(row.source_id).where(row.id == one.result_id)).scalar() for one in receipts]
    return [{"source_id": one, "revision": 2} for one in found]


def test_both_credentials_stay_and_that_of_the_root_counts(any_rt, both):
    assert [state(any_rt, one.credential_id) for one in both] == ["current", "current"]
    assert [history(any_rt, one.credential_id) for one in both] == [[], []]
    person = [whose(any_rt, one) for one in both]
    with any_rt.db.read() as db:
        ((_, (first, second)),) = awards.on_each_basis(awards.of_learner(db, person), person).items()
    assert (first.learner_id, second.learner_id) == tuple(person)
    assert discrepancies(any_rt) == []


@pytest.mark.parametrize("wrong", [0, 1], ids=["of the root", "of the other"])
def test_a_correction_reaches_the_credential_whose_facts_were_wrong(any_rt, tenant, both, wrong):
    change = bodies(any_rt, both)[wrong]

    receipt = send(any_rt, tenant, about((ADA, BOB)[wrong], level="beginning") | change)

    assert state(any_rt, both[wrong].credential_id) == "revoked"
    assert state(any_rt, both[1 - wrong].credential_id) == "current"
    assert count(any_rt, tables.credential) == 2
    assert receipt.outcome in {"not_yet", "recorded"}
    assert discrepancies(any_rt) == []
    unmerge(any_rt, tenant, whose(any_rt, both[1]))
    assert state(any_rt, both[1 - wrong].credential_id) == "current"
    assert count(any_rt, tables.credential) == 2
    assert discrepancies(any_rt) == []


def test_a_correction_that_still_earns_is_issued_anew_to_the_same(any_rt, tenant, both):
    change = bodies(any_rt, both)[1]

    receipt = send(any_rt, tenant, about(BOB, level="proficient") | change)

    assert receipt.outcome == "awarded"
    assert credential(any_rt, receipt.credential_id).learner_id == whose(any_rt, both[1])
    assert [state(any_rt, one.credential_id) for one in both] == ["current", "revoked"]
    assert discrepancies(any_rt) == []


def test_apart_each_keeps_their_own(any_rt, tenant, both):
    unmerge(any_rt, tenant, whose(any_rt, both[1]))

    assert [state(any_rt, one.credential_id) for one in both] == ["current", "current"]
    assert [history(any_rt, one.credential_id) for one in both] == [[], []]
    assert discrepancies(any_rt) == []


def test_when_one_is_revoked_by_hand_the_other_counts(any_rt, tenant, both):
    revoking.revoke(any_rt, tenant.caller, both[0].credential_id, Reason("misconduct"))

    again = send(any_rt, tenant, about(ADA, level="exemplary", assessed_at="2026-05-20"))

    assert again.outcome == "recorded"
    assert [state(any_rt, one.credential_id) for one in both] == ["revoked", "current"]
    assert discrepancies(any_rt) == []
    revoking.revoke(any_rt, tenant.caller, both[1].credential_id, Reason("misconduct"))
    assert send(any_rt, tenant, about(BOB)).outcome == "recorded"
    assert count(any_rt, tables.credential) == 2
    assert discrepancies(any_rt) == []


def test_a_better_attempt_improves_the_one_that_counts(rt):
    tenant = found(rt)
    publish(rt, tenant, better_attempt="keep_best")
    ones = send(rt, tenant, about(ADA)), send(rt, tenant, about(BOB))
    merge(rt, tenant, whose(rt, ones[1]), whose(rt, ones[0]))

    better = send(rt, tenant, about(BOB, level="exemplary", assessed_at="2026-05-20"))

    assert better.outcome == "awarded"
    assert credential(rt, better.credential_id).learner_id == whose(rt, ones[0])
    assert [state(rt, one.credential_id) for one in ones] == ["superseded", "current"]
    assert discrepancies(rt) == []
    unmerge(rt, tenant, whose(rt, ones[1]))
    assert state(rt, better.credential_id) == "revoked"
    assert [one for *_, one in held(rt, *(whose(rt, one) for one in ones))] == ["issued", "issued"]
    assert discrepancies(rt) == []


def test_what_waits_twice_is_released_once(rt, world):
    tenant = found(rt)
    publish(rt, tenant, release_at="2026-07-01T00:00:00Z")
    ada, bob = (whose(rt, send(rt, tenant, about(who))) for who in (ADA, BOB))
    merge(rt, tenant, bob, ada)
    assert sorted(held(rt, ada, bob)) == sorted([(ada, "once", "held"), (bob, "once", "withdrawn")])
    assert discrepancies(rt) == []
    world.wait(days=60)

    assert releasing.release_due(rt, actor="worker") == 1
    assert discrepancies(rt) == []
    unmerge(rt, tenant, bob)

    assert sorted(held(rt, ada, bob)) == sorted([(ada, "once", "issued"), (bob, "once", "issued")])
    assert discrepancies(rt) == []


def test_what_a_policy_took_back_does_not_come_back_by_another_award(rt):
    """Ada's award lost its result to Bob before; when his is revoked by its policy, hers is none the more due."""
    tenant = found(rt)
    publish(rt, tenant, correction="revoke")
    body = about(ADA)
    ada = whose(rt, send(rt, tenant, body))
    body |= {"learner": about(BOB)["learner"]}
    bob = whose(rt, send(rt, tenant, body | {"revision": 2}))
    merge(rt, tenant, bob, ada)

    send(rt, tenant, body | {"revision": 3, "ratings": rated("exemplary")})

    assert sorted(held(rt, ada, bob)) == sorted([(ada, "once", "withdrawn"), (bob, "once", "withdrawn")])
    assert discrepancies(rt) == []
    releasing.lift(rt, tenant.caller, ada)
    assert count(rt, tables.credential) == 2
    assert discrepancies(rt) == []


def test_merges_between_corrections_leave_sound_books(any_rt, tenant):
    rt = any_rt
    ones = send(rt, tenant, about(ADA)), send(rt, tenant, about(BOB))
    ada, bob = (whose(rt, one) for one in ones)
    changes = bodies(rt, ones)
    merge(rt, tenant, ada, bob)
    send(rt, tenant, about(ADA) | changes[0] | {"ratings": rated("beginning")})
    unmerge(rt, tenant, ada)
    merge(rt, tenant, bob, ada)
    send(rt, tenant, about(ADA) | changes[0] | {"revision": 3, "ratings": rated("exemplary")})
    assert discrepancies(rt) == []
    send(rt, tenant, about(BOB) | changes[1] | {"result_status": "withdrawn"})
    assert discrepancies(rt) == []
    unmerge(rt, tenant, bob)

    assert sorted(held(rt, ada, bob)) == sorted([(ada, "once", "issued"), (bob, "once", "withdrawn")])
    assert discrepancies(rt) == []

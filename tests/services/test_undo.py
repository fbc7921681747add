"""Undoing an import: what it said counts no more, and everything that rested on it is looked at again."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from ler_issuer.assessments import Result
from ler_issuer.assessments.readers import Mapped
from ler_issuer.errors import Conflict, Missing
from ler_issuer.services import importing, merging, revoking
from ler_issuer.services.importing import Plan
from ler_issuer.services.marking import Reason
from ler_issuer.store import imports, learners, tables
from records import bits, chain, count, discrepancies, events, history, learner_of, only_award, result_of, state
from world import award, found, publish, result

PLAN = Plan("canvas", "results.csv", "f" * 64, "e" * 64, by_content=False)


def imported(rt, tenant, *bodies):
    """Import results; give the id of the import, and the receipts."""
    told = []
    rows = [Mapped(number, number + 1, Result.model_validate(body), {}) for number, body in enumerate(bodies)]
    done = importing.import_results(rt, tenant.caller, PLAN, rows, told=told.extend)
    return done.import_id, [receipt for _, receipt in told]


def undo(rt, import_id):
    return importing.undo(rt, "cli:test", import_id, "the wrong file")


def test_what_rested_on_it_is_revoked(any_rt, biology):
    other = award(any_rt, biology, "eve@b.c").credential_id
    import_id, receipts = imported(any_rt, biology, *(result(f"{number}@b.c") for number in range(3)))

    done = undo(any_rt, import_id)

    assert (done.import_id, done.results, done.credentials) == (import_id, 3, 3)
    for receipt in receipts:
        assert history(any_rt, receipt.credential_id) == [("revoke", "import_undone")]
        assert bits(any_rt, receipt.credential_id) == {"revocation": True}
        assert result_of(any_rt, receipt.result_id).voided_at is not None
    assert state(any_rt, other) == "current"
    assert events(any_rt, biology.caller).count(("import.undone", import_id)) == 1
    assert discrepancies(any_rt) == []


def test_it_is_told_when_and_why(rt, tenant):
    publish(rt, tenant)
    import_id, _ = imported(rt, tenant, result())
    undo(rt, import_id)

    with rt.db.read() as db:
        run = imports.held(db, import_id)
    assert (run.revoked_because, run.revoked_at) == ("the wrong file", rt.now())


def _waiting(rt):
    """Count who waits for a lock; within one transaction PostgreSQL would tell the same again and again."""
    here = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with rt.db.read() as db:
        return db.scalar(here)


@pytest.mark.postgres
def test_two_who_undo_at_once_do_it_once(pg_rt):
    tenant = found(pg_rt)
    publish(pg_rt, tenant)
    import_id, receipts = imported(pg_rt, tenant, *(result(f"{number}@b.c") for number in range(3)))

    with ThreadPoolExecutor(2) as hands:
        with pg_rt.db.begin() as db:
            learners.lock(db, [learner_of(pg_rt, one.result_id).id for one in receipts])
            both = [hands.submit(undo, pg_rt, import_id) for _ in range(2)]
            while _waiting(pg_rt) < 2:
                time.sleep(0.01)
        ends = [one.exception() or one.result().results for one in both]

    assert sorted(0 if isinstance(one, Conflict) else one for one in ends) == [0, 3]
    assert discrepancies(pg_rt) == []


def test_undoing_twice_is_a_conflict(any_rt, biology):
    import_id, _ = imported(any_rt, biology, result())
    undo(any_rt, import_id)

    with pytest.raises(Conflict, match="already"):
        undo(any_rt, import_id)
    with pytest.raises(Missing):
        undo(any_rt, "no such import")


def test_its_identities_are_free_again(any_rt, biology):
    body = result()
    import_id, (first,) = imported(any_rt, biology, body)
    undo(any_rt, import_id)

    _, (again,) = imported(any_rt, biology, body | {"ratings": result(level="exemplary")["ratings"]})

    assert (again.outcome, again.duplicate) == ("awarded", False)
    assert [one.id for one in chain(any_rt, only_award(any_rt))] == [first.credential_id, again.credential_id]
    assert discrepancies(any_rt) == []


def test_what_still_earns_is_issued_on_what_is_left(any_rt, biology):
    import_id, (wrong,) = imported(any_rt, biology, result(level="exemplary"))
    right = award(any_rt, biology, level="proficient")
    assert right.outcome == "recorded"

    done = undo(any_rt, import_id)

    assert (done.results, done.credentials) == (1, 1)
    old, new = chain(any_rt, only_award(any_rt))
    assert (old.id, old.state, new.state) == (wrong.credential_id, "revoked", "current")
    assert history(any_rt, old.id) == [("revoke", "corrected")]
    assert new.import_id is None
    assert discrepancies(any_rt) == []


@pytest.mark.parametrize("policy", ["keep", "suspend", "revoke", "reissue"])
def test_a_correction_that_is_undone_gives_back_what_was_so_before(rt, tenant, policy):
    publish(rt, tenant, correction=policy, suspendable=True)
    body = result()
    imported(rt, tenant, body)
    import_id, _ = imported(rt, tenant, body | {"revision": 2, "ratings": result(level="beginning")["ratings"]})

    undo(rt, import_id)

    credentials = chain(rt, only_award(rt))
    assert (only_award(rt).state, credentials[-1].state) == ("issued", "current")
    assert len(credentials) == (1 if policy in {"keep", "suspend"} else 2)
    assert discrepancies(rt) == []


def test_of_three_revisions_the_middle_one_can_be_undone(rt, tenant):
    publish(rt, tenant)
    body = result()
    _, (one,) = imported(rt, tenant, body)
    import_id, (two,) = imported(rt, tenant, body | {"revision": 2, "ratings": result(level="exemplary")["ratings"]})
    _, (three,) = imported(rt, tenant, body | {"revision": 3})

    undo(rt, import_id)

    assert result_of(rt, one.result_id).superseded_by_id == three.result_id
    assert result_of(rt, three.result_id).superseded_by_id is None
    assert state(rt, three.credential_id) == "current"
    assert state(rt, two.credential_id) == "revoked"
    assert discrepancies(rt) == []


def test_a_result_that_was_moved_to_another_learner_goes_back(any_rt, biology):
    body = result("ada@b.c")
    imported(any_rt, biology, body)
    import_id, (moved,) = imported(any_rt, biology, body | {"revision": 2, "learner": result("bob@b.c")["learner"]})

    undo(any_rt, import_id)

    assert state(any_rt, moved.credential_id) == "revoked"
    assert count(any_rt, tables.credential, tables.credential.c.state == "current") == 1
    assert discrepancies(any_rt) == []


def test_nothing_is_issued_on_rows_that_are_about_to_go(rt, tenant, monkeypatch):
    """However small the pieces in which it is done."""
    monkeypatch.setattr(importing, "CHUNK", 1)
    monkeypatch.setattr(importing, "LEARNERS_AT_ONCE", 1)
    publish(rt, tenant)
    import_id, _ = imported(rt, tenant, *(result(who) for who in ("ada@b.c", "bob@b.c") for _ in range(3)))

    done = undo(rt, import_id)

    assert (done.results, done.credentials) == (6, 2)
    assert count(rt, tables.credential) == 2
    assert discrepancies(rt) == []


def test_nothing_is_issued_on_rows_of_somebody_merged_that_are_about_to_go(rt, tenant, monkeypatch):
    publish(rt, tenant)
    monkeypatch.setattr(importing, "LEARNERS_AT_ONCE", 1)
    ada, bob = (
        learner_of(rt, award(rt, tenant, who, level="beginning").result_id).id for who in ("ada@b.c", "bob@b.c")
    )
    merging.merge(rt, tenant.caller, bob, ada)
    import_id, _ = imported(rt, tenant, result("ada@b.c"), result("bob@b.c"))

    undo(rt, import_id)

    assert [one.state for one in chain(rt, only_award(rt))] == ["revoked"]
    assert discrepancies(rt) == []


def test_what_a_person_revoked_stays_as_it_is(rt, tenant):
    publish(rt, tenant)
    import_id, (receipt,) = imported(rt, tenant, result())
    revoking.revoke(rt, tenant.caller, receipt.credential_id, Reason("misconduct"))

    assert undo(rt, import_id).credentials == 0

    assert history(rt, receipt.credential_id) == [("revoke", "misconduct")]
    assert discrepancies(rt) == []


def test_what_waited_is_withdrawn(rt, tenant):
    publish(rt, tenant, release_at="2026-07-01T00:00:00Z")
    import_id, _ = imported(rt, tenant, result())

    undo(rt, import_id)

    assert only_award(rt).state == "withdrawn"
    assert count(rt, tables.credential) == 0
    assert discrepancies(rt) == []

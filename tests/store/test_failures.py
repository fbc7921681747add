"""What the database cannot do now is told apart from what is wrong with us."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

from ler_issuer.errors import Unavailable
from ler_issuer.store.failures import PAUSES, Entangled, again_if_entangled
from ler_issuer.store.opening import BUSY_TIMEOUT_SECONDS


def test_a_statement_that_is_wrong_stays_a_fault_of_ours(any_rt):
    with pytest.raises(sa.exc.DBAPIError), any_rt.db.begin() as db:
        db.run(sa.text("SELECT nothing FROM nowhere"))


def test_a_database_that_may_not_be_written_to_is_unavailable(rt):
    with rt.db.read() as db:
        db.run(sa.text("PRAGMA query_only = ON"))  # the pool gives this connection out again

    with pytest.raises(Unavailable, match="may not be written to"), rt.db.begin() as db:
        db.run(sa.text("DELETE FROM event"))


def test_a_database_that_others_keep_busy_is_unavailable(rt, monkeypatch):
    monkeypatch.setattr("ler_issuer.store.db.BUSY_TIMEOUT_SECONDS", 0.1)

    with rt.db.begin(), pytest.raises(Unavailable, match="others keep it busy"), rt.db.begin():
        pass


class Hours:
    """A clock that goes on when somebody waits, and at once."""

    def __init__(self):
        self.now = 1_000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def test_waiting_for_threads_and_for_processes_has_one_limit(rt, sqlite_url, monkeypatch):
    hours = Hours()
    begun = hours.now
    for module in ("turns", "opening"):
        monkeypatch.setattr(f"ler_issuer.store.{module}.time", hours)
    monkeypatch.setattr("ler_issuer.store.turns.Turns.take", lambda _, seconds: hours.sleep(seconds - 1))
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable, match="others keep it busy"), rt.db.begin():
        pass

    assert hours.now - begun == pytest.approx(BUSY_TIMEOUT_SECONDS, abs=0.1)
    other.close()
    with rt.db.begin():  # what was waited for before does not count
        assert hours.now - begun == pytest.approx(2 * BUSY_TIMEOUT_SECONDS - 1, abs=0.1)


@pytest.mark.postgres
def test_a_connection_that_breaks_is_unavailable_and_the_next_one_is_not(pg_rt):
    with pytest.raises(Unavailable, match="try again later"), pg_rt.db.begin() as db:
        db.run(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pg_rt.db.begin() as db:
        assert db.scalar(sa.text("SELECT 1")) == 1


@pytest.mark.postgres
def test_connections_that_broke_unnoticed_are_replaced(pg_rt):
    others = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    with pg_rt.db.begin(), pg_rt.db.begin():
        pass  # two connections wait in the pool now
    with pg_rt.db.begin() as db:
        db.run(others)

    with pg_rt.db.begin() as one, pg_rt.db.begin() as other:
        assert [db.scalar(sa.text("SELECT 1")) for db in (one, other)] == [1, 1]


def test_a_use_case_that_is_sacrificed_every_time_gives_up(monkeypatch):
    slept = []
    monkeypatch.setattr("ler_issuer.store.failures.time.sleep", slept.append)

    @again_if_entangled
    def unlucky():
        raise Entangled("again")

    with pytest.raises(Entangled):
        unlucky()

    assert tuple(slept) == PAUSES

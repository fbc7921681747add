"""The database: transactions that commit or leave nothing, instants, savepoints, locks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ler_issuer.errors import Conflict, Unavailable
from ler_issuer.services import reading
from ler_issuer.store import journal, tables
from ler_issuer.store.failures import unique
from ler_issuer.store.instants import Instant
from ler_issuer.store.journal import Deed
from ler_issuer.store.opening import open_engine
from records import count, tamper, value
from world import NOON, found


class Disaster(Exception):
    """Something that goes wrong half-way."""


def disaster_expected():
    return pytest.raises(Disaster)


def ends_in_disaster():
    raise Disaster


def image(db, digest, body=b""):
    db.add(tables.image, digest=digest, media_type="image/png", body=body)


def announce(db, rt, tenant, object_id):
    deed = Deed(issuer_id=tenant.issuer.id, actor="cli:test", act="test.done", object_id=object_id, at=rt.now())
    journal.announce(db, deed, rt.new_id())


def told(rt, tenant):
    return [one.object_id for one in reading.list_events(rt, tenant.caller, after=0, limit=100)]


# ── Instants ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "written",
    [
        NOON,
        NOON.astimezone(timezone(timedelta(hours=-5, minutes=-30))),
        NOON + timedelta(microseconds=999_999),
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC),
    ],
    ids=["noon", "offset", "fraction", "long ago", "far ahead"],
)
def test_an_instant_comes_back_as_utc_in_whole_seconds(any_rt, written):
    tenant = found(any_rt)
    tamper(any_rt, sa.update(tables.issuer).values(created_at=written))

    read = value(any_rt, tables.issuer.c.created_at, tables.issuer.c.id == tenant.issuer.id)

    assert read == written.replace(microsecond=0)
    assert read.tzinfo is UTC


def test_a_time_without_offset_is_no_instant(any_rt):
    with pytest.raises(sa.exc.StatementError, match="offset"):
        tamper(any_rt, sa.update(tables.issuer).values(created_at=NOON.replace(tzinfo=None)))


def test_nothing_stays_nothing():
    dialect = sa.create_engine("sqlite://").dialect
    instant = Instant()

    assert instant.process_bind_param(None, dialect) is None
    assert instant.process_result_value(None, dialect) is None


# ── Transactions ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_raises_leaves_nothing(any_rt):
    tenant = found(any_rt)

    with disaster_expected(), any_rt.db.begin() as db:
        image(db, "a")
        announce(db, any_rt, tenant, "a")
        raise Disaster

    assert count(any_rt, tables.image) == 0
    assert told(any_rt, tenant) == []


def test_what_ends_well_is_kept_with_its_events(any_rt):
    tenant = found(any_rt)

    with any_rt.db.begin() as db:
        for name in "abc":
            image(db, name)
            announce(db, any_rt, tenant, name)

    assert count(any_rt, tables.image) == 3
    assert told(any_rt, tenant) == ["a", "b", "c"]


def test_what_is_left_to_be_checked_is_checked_before_anything_is_kept(any_rt):
    checked = []

    with disaster_expected(), any_rt.db.begin() as db:
        image(db, "a")
        db.check_later(lambda: checked.append("a"))
        with suppress(Conflict), db.savepoint():
            db.check_later(ends_in_disaster)
            raise Conflict("undone")
        assert checked == []

    assert checked == ["a"]
    assert count(any_rt, tables.image) == 0


def test_a_check_that_failed_is_not_forgotten(any_rt):
    with disaster_expected(), any_rt.db.begin() as db:
        image(db, "a")
        db.check_later(ends_in_disaster)
        with suppress(Disaster):
            db.check()

    assert count(any_rt, tables.image) == 0


def test_no_more_than_a_hundred_checks_wait(any_rt):
    checked = []

    with any_rt.db.begin() as db:
        for number in range(101):
            db.check_later(partial(checked.append, number))
        assert checked == [*range(100)]

    assert checked == [*range(101)]


@pytest.mark.parametrize("transaction", ["read", "rehearse"])
def test_a_transaction_that_keeps_nothing_checks_too(any_rt, transaction):
    with disaster_expected(), getattr(any_rt.db, transaction)() as db:
        db.check_later(ends_in_disaster)


def test_a_savepoint_takes_its_events_with_it(any_rt):
    tenant = found(any_rt)

    with any_rt.db.begin() as db:
        announce(db, any_rt, tenant, "before")
        with disaster_expected(), db.savepoint():
            image(db, "a")
            announce(db, any_rt, tenant, "dropped")
            raise Disaster
        with db.savepoint():
            image(db, "b")
            announce(db, any_rt, tenant, "kept")
        announce(db, any_rt, tenant, "after")

    assert told(any_rt, tenant) == ["before", "kept", "after"]
    assert [value(any_rt, tables.image.c.digest), count(any_rt, tables.image)] == ["b", 1]


def test_a_transaction_goes_on_after_a_broken_key(any_rt):
    with any_rt.db.begin() as db:
        image(db, "a")
        with pytest.raises(Conflict, match="taken"), db.savepoint(), unique("taken"):
            image(db, "a")
        image(db, "b")

    assert count(any_rt, tables.image) == 2


def test_a_rehearsal_sees_what_it_did_and_leaves_nothing(any_rt):
    tenant = found(any_rt)

    with any_rt.db.rehearse() as db:
        image(db, "a")
        announce(db, any_rt, tenant, "a")
        assert db.scalar(sa.select(sa.func.count()).select_from(tables.image)) == 1

    assert count(any_rt, tables.image) == 0
    assert told(any_rt, tenant) == []


def test_foreign_keys_hold(any_rt):
    with pytest.raises(IntegrityError), any_rt.db.begin() as db:
        journal.add_leaf(db, "no such issuer", "0" * 64)


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_reader_has_one_view_and_stops_nobody(any_rt):
    with any_rt.db.read() as db:
        before = db.scalar(sa.select(sa.func.count()).select_from(tables.image))
        with any_rt.db.begin() as other:
            image(other, "a")
        after = db.scalar(sa.select(sa.func.count()).select_from(tables.image))

    assert (before, after, count(any_rt, tables.image)) == (0, 0, 1)


def test_a_reader_writes_nothing_that_stays(any_rt):
    refused = pytest.raises(Unavailable) if any_rt.db.engine.name == "postgresql" else nullcontext()
    with refused, any_rt.db.read() as db:
        image(db, "a")

    assert count(any_rt, tables.image) == 0


# ── Inserting what may be there ──────────────────────────────────────────────────────────────────────────────────────
def test_what_is_new_is_told_from_what_is_there(any_rt):
    with any_rt.db.begin() as db:
        inserted = [db.add_new(tables.image, digest=name, media_type="image/png", body=b"") for name in "aab"]

    assert inserted == [True, False, True]


def test_of_many_who_insert_the_same_one_did(any_rt):
    def insert(_):
        with any_rt.db.begin() as db:
            return db.add_new(tables.image, digest="a", media_type="image/png", body=b"")

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(insert, range(8))) == [False] * 7 + [True]


# ── Locks ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_holds_a_name_keeps_others_out(any_rt):
    """Each reads a number, lets the others run, and writes the next one: without a lock some would be lost."""
    tamper(any_rt, sa.insert(tables.image).values(digest="n", media_type="0", body=b""))

    def count_up(_):
        with any_rt.db.begin() as db:
            db.advisory_lock(["the number"])
            seen = int(db.scalar(sa.select(tables.image.c.media_type)))
            threading.Event().wait(0.005)
            db.run(sa.update(tables.image).values(media_type=str(seen + 1)))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(count_up, range(12)))

    assert value(any_rt, tables.image.c.media_type) == "12"


def test_names_are_taken_in_one_order_by_everybody(any_rt):
    """Who asks for a and b, and who asks for b and a, would otherwise wait for each other for ever."""

    def take(names):
        for _ in range(10):
            with any_rt.db.begin() as db:
                db.advisory_lock(names)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, [["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"], ["c", "a", "b"]]))


# ── Opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_what_cannot_be_shared_or_is_not_known_is_refused(url):
    with pytest.raises(sa.exc.ArgumentError):
        open_engine(url)


def test_sqlite_is_durable_and_checks_its_keys(rt):
    with rt.db.read() as db:
        found_ = {
            name: db.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert found_ == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_plain_postgresql_url_is_understood():
    assert open_engine("postgresql://somebody@localhost/x").url.drivername == "postgresql+psycopg"

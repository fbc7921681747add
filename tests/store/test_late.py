"""What is written late is not lost, is in order, is there for whoever asks, and goes with the savepoint it came in."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from ler_issuer.store import credentials, journal, stacking, tables
from ler_issuer.store.journal import Deed
from ler_issuer.store.opening import as_json
from ler_issuer.store.statements import Statement, given, listed
from records import count, credential
from world import award, found, publish

ACTS = Statement(sa.select(tables.audit.c.act).where(tables.audit.c.actor == "late").order_by(tables.audit.c.seq))
IMAGES = Statement(
    sa.select(tables.image.c.digest, tables.image.c.body)
    .where(tables.image.c.digest.in_(listed("digests")), tables.image.c.media_type == given("media_type"))
    .order_by(tables.image.c.digest)
)


class Disaster(Exception):
    """Something that goes wrong half-way."""


def disaster_expected():
    return pytest.raises(Disaster)


def key_expected():
    return pytest.raises(IntegrityError)


def write(db, tenant, at, act):
    journal.audit(db, Deed(issuer_id=tenant.issuer.id, actor="late", act=act, object_id="x", at=at))


def written(db):
    return [act for (act,) in db.rows(ACTS)]


def image(db, digest):
    db.add(tables.image, digest=digest, media_type="image/png", body=digest.encode())


def test_what_was_appended_is_there_in_order_after_the_commit(any_rt):
    tenant = found(any_rt)
    with any_rt.db.begin() as db:
        for act in "abc":
            write(db, tenant, any_rt.now(), act)

    with any_rt.db.read() as db:
        assert written(db) == ["a", "b", "c"]


def test_who_asks_for_the_table_sees_what_was_appended(any_rt):
    tenant = found(any_rt)
    with any_rt.db.begin() as db:
        write(db, tenant, any_rt.now(), "a")
        by_statement = written(db)
        write(db, tenant, any_rt.now(), "b")
        by_sqlalchemy = db.scalar(sa.select(sa.func.count()).where(tables.audit.c.actor == "late"))

    assert (by_statement, by_sqlalchemy) == (["a"], 2)


@pytest.mark.parametrize("asked", [False, True], ids=["waiting", "written in between"])
def test_a_savepoint_takes_only_its_own_with_it(any_rt, asked):
    tenant = found(any_rt)
    with any_rt.db.begin() as db:
        write(db, tenant, any_rt.now(), "before")
        with disaster_expected(), db.savepoint():
            write(db, tenant, any_rt.now(), "dropped")
            with db.savepoint():
                write(db, tenant, any_rt.now(), "dropped, too")
            if asked:
                assert written(db) == ["before", "dropped", "dropped, too"]
            raise Disaster
        with db.savepoint():
            write(db, tenant, any_rt.now(), "kept")
        write(db, tenant, any_rt.now(), "after")

    with any_rt.db.read() as db:
        assert written(db) == ["before", "kept", "after"]


def test_a_savepoint_in_which_nothing_was_asked_takes_only_its_own_with_it(any_rt):
    tenant = found(any_rt)
    with any_rt.db.begin() as db:
        with db.savepoint():
            with disaster_expected(), db.savepoint():
                write(db, tenant, any_rt.now(), "dropped")
                raise Disaster
            assert written(db) == []
            write(db, tenant, any_rt.now(), "kept")
            with disaster_expected(), db.savepoint():
                assert written(db) == ["kept"]
                write(db, tenant, any_rt.now(), "dropped, too")
                assert written(db) == ["kept", "dropped, too"]
                raise Disaster
        with disaster_expected(), db.savepoint():
            with db.savepoint():
                write(db, tenant, any_rt.now(), "dropped")
            image(db, "dropped")
            raise Disaster

    with any_rt.db.read() as db:
        assert written(db) == ["kept"]
        assert count(any_rt, tables.image) == 0


def test_a_savepoint_forgets_what_was_looked_up_in_it(any_rt):
    with any_rt.db.begin() as db:
        db.once("before", lambda: 1)
        with disaster_expected(), db.savepoint():
            db.once("since", lambda: 1)
            db.memory.pop("before")
            raise Disaster

        assert (db.once("before", lambda: 2), db.once("since", lambda: 2)) == (1, 2)


@pytest.mark.parametrize("asked", [False, True], ids=["waiting", "written in between"])
def test_a_row_that_waits_can_be_amended(any_rt, asked):
    tenant = found(any_rt)
    deeds = [Deed(issuer_id=tenant.issuer.id, actor="late", act=act, object_id="x", at=any_rt.now()) for act in "ab"]
    with any_rt.db.begin() as db:
        for deed in deeds:
            journal.audit(db, deed)
        if asked:
            written(db)
        amended = db.amend(deeds[0], act="c")

    with any_rt.db.read() as db:
        assert written(db) == (["a", "b"] if asked else ["c", "b"])
    assert amended is not asked


def test_a_savepoint_takes_back_an_amendment(any_rt):
    tenant = found(any_rt)
    deeds = [Deed(issuer_id=tenant.issuer.id, actor="late", act=act, object_id="x", at=any_rt.now()) for act in "ab"]
    with any_rt.db.begin() as db:
        journal.audit(db, deeds[0])
        with disaster_expected(), db.savepoint():
            db.amend(deeds[0], act="b")
            raise Disaster

    with any_rt.db.read() as db:
        assert written(db) == ["a"]


def test_what_raises_leaves_nothing_that_waited(any_rt):
    tenant = found(any_rt)
    with disaster_expected(), any_rt.db.begin() as db:
        write(db, tenant, any_rt.now(), "a")
        raise Disaster

    with any_rt.db.read() as db:
        assert written(db) == []


def test_a_rehearsal_leaves_nothing_that_waited(any_rt):
    tenant = found(any_rt)
    with any_rt.db.rehearse() as db:
        write(db, tenant, any_rt.now(), "a")
        assert written(db) == ["a"]

    with any_rt.db.read() as db:
        assert written(db) == []


def test_what_waits_for_different_tables_is_all_there(any_rt):
    """The leaf and the deed wait together, and asking for the one writes both."""
    tenant = found(any_rt)
    with any_rt.db.begin() as db:
        before = len(journal.new_leaves(db, tenant.issuer.id))
        journal.add_leaf(db, tenant.issuer.id, "0" * 64)
        write(db, tenant, any_rt.now(), "a")
        assert journal.has_leaf(db, tenant.issuer.id, "0" * 64)

    with any_rt.db.read() as db:
        assert len(journal.new_leaves(db, tenant.issuer.id)) == before + 1


def test_what_breaks_a_key_undoes_the_transaction_it_waited_in(any_rt):
    with key_expected(), any_rt.db.begin() as db:
        image(db, "a")
        journal.add_leaf(db, "no such issuer", "0" * 64)

    assert count(any_rt, tables.image) == 0


# ── Statements ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("digests", [[], ["a"], ["a", "b"], [*"abc"], [*"abcd"] * 30])
def test_a_list_of_any_length_can_be_asked_for(any_rt, digests):
    with any_rt.db.begin() as db:
        for digest in "abc":
            image(db, digest)
        asked = [db.rows(IMAGES, digests=digests, media_type="image/png") for _ in range(2)]
        others = db.rows(IMAGES, digests=digests, media_type="image/jpeg")

    expected = [(one, one.encode()) for one in "abc" if one in digests]
    assert [[tuple(row) for row in rows] for rows in asked] == [expected, expected]
    assert others == []


def test_a_statement_gives_what_sqlalchemy_gives(any_rt):
    """Every type of column: texts, instants, JSON, numbers, truth values, nothing."""
    found(any_rt)
    for table in (tables.issuer, tables.signing_key, tables.audit):
        construct = sa.select(table).order_by(*table.primary_key)
        with any_rt.db.read() as db:
            rows = db.rows(Statement(construct))
            assert [tuple(row) for row in rows] == [tuple(row) for row in db.run(construct)]
            assert rows


def test_how_many_rows_changed_is_told(any_rt):
    renamed = Statement(sa.update(tables.image).where(tables.image.c.body == given("was")).values(body=given("now")))
    with any_rt.db.begin() as db:
        image(db, "a")
        assert [db.do(renamed, was=was, now=b"b") for was in (b"a", b"a", b"b")] == [1, 0, 1]


@pytest.mark.parametrize(
    "value",
    [None, math.nan, math.inf, 2**70, -0.0, 1e300, "\ud800", "\U0001f393", "\x00", {"1": [None, True, 1.0]}, [(1, 2)]],
    ids=repr,
)
def test_json_is_written_as_the_standard_library_means_it(value):
    assert repr(json.loads(as_json(value))) == repr(json.loads(json.dumps(value)))


@pytest.mark.parametrize("value", [datetime(2026, 5, 4, tzinfo=UTC), Disaster(), {1, 2}, b"a"], ids=type)
def test_what_is_no_json_is_not_written(value):
    with pytest.raises(TypeError):
        as_json(value)


def test_an_instant_is_its_own_though_its_clock_reads_like_another(any_rt):
    """In the hour that comes twice, two instants of a zone are equal to Python, and differ in the database."""
    chicago = ZoneInfo("America/Chicago")
    twice = [datetime(2026, 11, 1, 1, 30, tzinfo=chicago, fold=fold) for fold in (0, 1)]
    tenant = found(any_rt)
    with any_rt.db.begin() as db:
        for at in twice:
            write(db, tenant, at, "a")
        told = db.rows(Statement(sa.select(tables.audit.c.at).where(tables.audit.c.actor == "late")))

    assert sorted(at.hour for (at,) in told) == [6, 7]


@pytest.mark.postgres
def test_a_rule_is_not_published_beside_a_credential_that_is_not_written_yet(pg_rt):
    """Otherwise the rule would miss the learner, and whoever issues would miss the rule."""
    tenant = found(pg_rt)
    publish(pg_rt, tenant)
    issued = credential(pg_rt, award(pg_rt, tenant).credential_id)

    with pg_rt.db.rehearse_here() as issuing, pg_rt.db.rehearse_here() as publishing:
        credentials.add(issuing, issued)
        publishing.run(sa.text("SET LOCAL lock_timeout = '100ms'"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            stacking.let_none_be_issued(publishing)

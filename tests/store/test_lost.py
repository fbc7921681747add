"""A connection to PostgreSQL that is lost half-way: all is refused, nothing is half done, and sent again it is done."""

from __future__ import annotations

from contextlib import suppress

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from ler_issuer.assessments import Result
from ler_issuer.errors import Conflict, Unavailable
from ler_issuer.services import intake, taking
from ler_issuer.services.intake import Receipt
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from records import count, discrepancies
from world import found, publish, result

pytestmark = pytest.mark.postgres

BODIES = [Result.model_validate(result(f"learner{number}@b.c")) for number in range(4)]
TABLES = (tables.learner, tables.result, tables.award_decision, tables.credential, tables.status_entry, tables.event)


@pytest.fixture
def biology(pg_rt):
    tenant = found(pg_rt)
    publish(pg_rt, tenant)
    return tenant


def cut(rt, db):
    """End the server's side of a connection, as somebody else who may."""
    pid = db.connection.connection.dbapi_connection.info.backend_pid
    with rt.db.engine.connect() as other:
        assert other.scalar(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def image(db, digest):
    db.add(tables.image, digest=digest, media_type="image/png", body=b"")


class Cutter:
    """Cuts a connection before one of the statements that follow the beginning of the third result of a batch."""

    def __init__(self, rt, monkeypatch, statement):
        self.left, self.began = statement, 0
        record_step, names = intake.record_step, ("_execute", "_execute_many")

        def step(db, *args):
            self.began += 1
            return record_step(db, *args)

        def counting(execute):
            def counted(db, *args):
                if self.began >= 3:
                    self.left -= 1
                    if self.left == 0:
                        cut(rt, db)
                return execute(db, *args)

            return counted

        monkeypatch.setattr(intake, "record_step", step)
        for name in names:
            monkeypatch.setattr(Db, name, counting(getattr(Db, name)))


def take_in(rt, tenant):
    """Take in the batch; tell the outcomes, or nothing where all of it was refused as not possible now."""
    try:
        answers = taking.record_batch(rt, tenant.caller, BODIES)
    except Unavailable:
        return None
    return [one.outcome for one in answers if isinstance(one, Receipt)]


def test_wherever_it_is_lost_a_batch_is_refused_as_a_whole(pg_rt, biology, monkeypatch):
    before = [count(pg_rt, table) for table in TABLES]
    told, statement = None, 0
    while told is None:
        assert [count(pg_rt, table) for table in TABLES] == before
        statement += 1
        with monkeypatch.context() as patch:
            cutter = Cutter(pg_rt, patch, statement)
            told = take_in(pg_rt, biology)
    assert cutter.left > 0  # at last there was no such statement, and nothing was cut
    assert statement > 10
    assert told == ["awarded"] * len(BODIES)
    assert take_in(pg_rt, biology) == told
    assert count(pg_rt, tables.credential) == len(BODIES)
    assert discrepancies(pg_rt) == []


def go_on_after(rt, cause, *, noticed):
    """Lose the connection behind a savepoint, and go on after whatever is said to be the reason for undoing."""
    with rt.db.begin() as db:
        image(db, "first")
        with suppress(type(cause)), db.savepoint():
            image(db, "second")
            cut(rt, db)
            with suppress(DBAPIError):
                if noticed:
                    image(db, "third")
            raise cause
        pytest.fail("went on without a connection")


@pytest.mark.parametrize("noticed", [False, True], ids=["unnoticed", "noticed"])
@pytest.mark.parametrize(
    "cause",
    [Conflict("no"), IntegrityError("", {}, psycopg.errors.UniqueViolation("no"))],
    ids=["refusal", "broken key"],
)
def test_what_is_undone_does_not_hide_that_the_connection_is_gone(pg_rt, cause, noticed):
    with pytest.raises(Unavailable, match="try again later"):
        go_on_after(pg_rt, cause, noticed=noticed)
    assert count(pg_rt, tables.image) == 0
    with pg_rt.db.begin() as db:
        image(db, "first")
    assert count(pg_rt, tables.image) == 1


def lose_and_go_on(rt):
    with rt.db.begin() as db:
        cut(rt, db)
        with suppress(DBAPIError):
            image(db, "first")
        image(db, "second")


def test_whoever_goes_on_without_a_connection_is_told_at_the_next_statement(pg_rt):
    with pytest.raises(Unavailable, match="try again later"):
        lose_and_go_on(pg_rt)
    assert count(pg_rt, tables.image) == 0

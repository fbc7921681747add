"""Learner records: the exact bytes that were signed, each in the place of an older one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Record:
    """One signed record, `body` being its exact bytes.

    `state` is `current`, `superseded` or `revoked`; `partial` says that it is a selection; `members` are the ids of the
    credentials in it, in their order.
    """

    id: str
    issuer_id: str
    learner_id: str
    signing_key_id: str
    replaces_id: str | None
    state: str
    partial: bool
    members: list[str]
    created_at: datetime
    created_by: str
    body: bytes
    digest: str
    log_salt: bytes


_RECORD = sa.select(*columns(tables.record, Record))


def add(db: Db, record: Record) -> None:
    """Keep a signed record."""
    db.keep(tables.record, record)


def get(db: Db, record_id: str) -> Record:
    """Give a record by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(Record, _RECORD.where(tables.record.c.id == record_id))
    if found is None:
        raise Missing("no such record")
    return found


def current(db: Db, learner_ids: Collection[str], *, partial: bool) -> list[Record]:
    """Give the records of these learners that no later one took the place of, the newest first."""
    row = tables.record.c
    wanted = sa.and_(row.learner_id.in_(sorted(learner_ids)), row.state == "current", row.partial.is_(partial))
    return db.all(Record, _RECORD.where(wanted).order_by(row.created_at.desc(), row.id))


def of_learners(db: Db, learner_ids: Collection[str]) -> list[Record]:
    """Give all records of these learners, the oldest first."""
    row = tables.record.c
    return db.all(Record, _RECORD.where(row.learner_id.in_(sorted(learner_ids))).order_by(row.created_at, row.id))


def mark(db: Db, record_id: str, state: str) -> None:
    """Change the state of a record."""
    db.run(sa.update(tables.record).where(tables.record.c.id == record_id).values(state=state))


def outgrown(db: Db, *, after: str, limit: int) -> list[Record]:
    """Give whole records that stand and whose learner's credentials changed since, by id, after `after`."""
    row, credential = tables.record.c, tables.credential.c
    changed = sa.exists().where(credential.learner_id == row.learner_id, credential.updated_at > row.created_at)
    wanted = (row.state == "current", row.partial.is_(False), row.id > after, changed)
    return db.all(Record, _RECORD.where(*wanted).order_by(row.id).limit(limit))


def everyone(db: Db) -> Iterator[Record]:
    """Give all records, in chunks, for the audit."""
    row = tables.record.c
    last = ""
    while chunk := db.all(Record, _RECORD.where(row.id > last).order_by(row.id).limit(100)):
        yield from chunk
        last = chunk[-1].id

"""Imports: one row for each run over a file, so that it can be told and undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import columns

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One run over one file with one mapping."""

    id: str
    issuer_id: str
    source: str
    file_name: str
    file_digest: str
    mapping_digest: str
    started_at: datetime
    finished_at: datetime | None
    counts: JsonObject | None
    revoked_at: datetime | None
    revoked_because: str | None


def add(db: Db, run: ImportRun) -> None:
    """Keep a new run."""
    db.keep(tables.import_run, run)


def held(db: Db, import_id: str) -> ImportRun:
    """Give a run, and let nobody close it until the transaction ends.

    Raises:
        Missing: there is none.
    """
    row = tables.import_run
    statement = sa.select(*columns(row, ImportRun)).where(row.c.id == import_id)
    found = db.first(ImportRun, statement if db.is_sqlite else statement.with_for_update())
    if found is None:
        raise Missing("no such import")
    return found


def of_issuer(db: Db, issuer_id: str) -> list[ImportRun]:
    """Give the issuer's runs, the newest first."""
    row = tables.import_run
    return db.all(
        ImportRun,
        sa.select(*columns(row, ImportRun))
        .where(row.c.issuer_id == issuer_id)
        .order_by(row.c.started_at.desc(), row.c.id),
    )


def finish(db: Db, import_id: str, counts: JsonObject, at: datetime) -> None:
    """Note that a run came to its end, and what it did."""
    row = tables.import_run
    db.run(sa.update(row).where(row.c.id == import_id).values(finished_at=at, counts=counts))


def revoke(db: Db, import_id: str, because: str, at: datetime) -> None:
    """Note that a run was undone."""
    row = tables.import_run
    db.run(sa.update(row).where(row.c.id == import_id).values(revoked_at=at, revoked_because=because))

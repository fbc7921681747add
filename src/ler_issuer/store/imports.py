"""Imports: one row for each run over a file, so that it can be told and undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db, columns, row_of

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
    db.add(tables.import_run, **row_of(run))


def get(db: Db, import_id: str) -> ImportRun:
    """Give a run by id.

    Raises:
        Missing: there is none.
    """
    row = tables.import_run
    found = db.first(ImportRun, sa.select(*columns(row, ImportRun)).where(row.c.id == import_id))
    if found is None:
        raise Missing("no such import")
    return found


def finish(db: Db, import_id: str, counts: JsonObject, at: datetime) -> None:
    """Note that a run came to its end, and what it did."""
    row = tables.import_run
    db.run(sa.update(row).where(row.c.id == import_id).values(finished_at=at, counts=counts))


def revoke(db: Db, import_id: str, because: str, at: datetime) -> None:
    """Note that a run was undone."""
    row = tables.import_run
    db.run(sa.update(row).where(row.c.id == import_id).values(revoked_at=at, revoked_because=because))

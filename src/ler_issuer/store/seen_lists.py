"""How new the status lists of others were that were relied on, by their addresses. Nothing about learners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.store import tables
from ler_issuer.store.statements import columns

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ler_issuer.store.db import Db
    from ler_issuer.types import Url

LONGEST_URL = 700
"""Characters of an address that is kept."""

MOST_ROWS = 100_000
"""Lists that are remembered; beyond them, the one that was noted longest ago is forgotten for each new one."""


@dataclass(frozen=True, slots=True)
class SeenList:
    """A status list as it was when the newest copy of it was seen."""

    url: Url
    issued_at: datetime
    digest: str
    seen_at: datetime


_SEEN = sa.select(*columns(tables.seen_list, SeenList))


def of(db: Db, urls: Iterable[Url]) -> dict[Url, SeenList]:
    """Give what is remembered of some lists, by address."""
    wanted = [url for url in urls if _is_kept(url)]
    found = db.all(SeenList, _SEEN.where(tables.seen_list.c.url.in_(wanted))) if wanted else []
    return {seen.url: seen for seen in found}


def note(db: Db, seen: SeenList, *, most: int = MOST_ROWS) -> bool:
    """Remember a list unless a copy as new is remembered already; tell whether it was noted."""
    if not _is_kept(seen.url):
        return False
    if db.keep_new(tables.seen_list, seen):
        _trim(db, most)
        return True
    row = tables.seen_list.c
    older = sa.update(tables.seen_list).where(row.url == seen.url, row.issued_at < seen.issued_at)
    return db.run(older.values(issued_at=seen.issued_at, digest=seen.digest, seen_at=seen.seen_at)).rowcount == 1


def _is_kept(url: Url) -> bool:
    return len(url) <= LONGEST_URL and url.isprintable()  # a database takes not every character that JSON does


def _trim(db: Db, most: int) -> None:
    row = tables.seen_list.c
    excess = db.scalar(sa.select(sa.func.count()).select_from(tables.seen_list)) - most
    if excess > 0:
        oldest = sa.select(row.url).order_by(row.seen_at, row.url).limit(excess)
        db.run(sa.delete(tables.seen_list).where(row.url.in_(oldest)))

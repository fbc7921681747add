"""Fetch links: who was given a way to one credential, until when."""

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


@dataclass(frozen=True, slots=True)
class Link:
    """A way to the bytes of one credential; its key is derived from `id` and is not kept."""

    id: str
    credential_id: str
    expires_at: datetime
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    revoked_at: datetime | None


_LINK = sa.select(*columns(tables.link, Link))


def add(db: Db, link: Link) -> None:
    """Keep a new link."""
    db.keep(tables.link, link)


def get(db: Db, link_id: str) -> Link:
    """Give a link by id.

    Raises:
        Missing: there is none.
    """
    found = db.first(Link, _LINK.where(tables.link.c.id == link_id))
    if found is None:
        raise Missing("no such link")
    return found


def used(db: Db, link_id: str, at: datetime) -> None:
    """Note when a link was last followed."""
    db.run(sa.update(tables.link).where(tables.link.c.id == link_id).values(last_used_at=at))


def revoke(db: Db, link_id: str, at: datetime) -> None:
    """End a link at once."""
    row = tables.link
    db.run(sa.update(row).where(row.c.id == link_id, row.c.revoked_at.is_(None)).values(revoked_at=at))

"""Issuers: the organisations that sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.failures import unique
from ler_issuer.store.statements import Statement, columns, given

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.types import Did, JsonObject, Url


@dataclass(frozen=True, slots=True)
class Issuer:
    """An organisation that signs. `public_url` is fixed at creation: every signed URL starts with it."""

    id: str
    slug: str
    name: str
    url: Url
    did: Did
    did_method: str
    public_url: Url
    time_zone: str
    languages: list[str]
    profile: JsonObject
    hashed_identifier_types: list[str]
    created_at: datetime

    @property
    def zone(self) -> ZoneInfo:
        """Give the time zone in which times without offset are read."""
        return ZoneInfo(self.time_zone)

    @property
    def home(self) -> Url:
        """Give the issuer's own address, under which its public documents are served."""
        return f"{self.public_url}/issuers/{self.slug}"


_ISSUER = sa.select(*columns(tables.issuer, Issuer))
_BY_ID = Statement(_ISSUER.where(tables.issuer.c.id == given("issuer_id")))
_BY_SLUG = Statement(_ISSUER.where(tables.issuer.c.slug == given("slug")))
_BY_DID = Statement(_ISSUER.where(tables.issuer.c.did == given("did")))


def add(db: Db, issuer: Issuer) -> None:
    """Keep a new issuer.

    Raises:
        Conflict: the slug or the DID is taken.
    """
    with unique(f"an issuer with the slug {issuer.slug!r} or the DID {issuer.did!r} exists already"):
        db.keep(tables.issuer, issuer)


def get(db: Db, issuer_id: str) -> Issuer:
    """Give the issuer with this id.

    Raises:
        Missing: there is none.
    """
    found = db.first(Issuer, _BY_ID, issuer_id=issuer_id)
    if found is None:
        raise Missing("no such issuer")
    return found


def by_slug(db: Db, slug: str) -> Issuer:
    """Give the issuer with this slug.

    Raises:
        Missing: there is none.
    """
    found = find(db, slug)
    if found is None:
        raise Missing(f"no issuer has the slug {slug!r}")
    return found


def find(db: Db, slug: str) -> Issuer | None:
    """Give the issuer with this slug, or None."""
    return db.first(Issuer, _BY_SLUG, slug=slug)


def move(db: Db, issuer_id: str, public_url: Url) -> None:
    """Let an issuer be found at another address from now on; what it signed before names the old one."""
    row = tables.issuer
    db.run(sa.update(row).where(row.c.id == issuer_id).values(public_url=public_url))


def by_did(db: Db, did: Did) -> Issuer | None:
    """Give the issuer of this installation that has this DID, or None."""
    return db.first(Issuer, _BY_DID, did=did)


def everyone(db: Db) -> list[Issuer]:
    """Give all issuers, by slug."""
    return db.all(Issuer, _ISSUER.order_by(tables.issuer.c.slug))


def count(db: Db) -> int:
    """Give how many issuers there are."""
    return int(db.scalar(sa.select(sa.func.count()).select_from(tables.issuer)))

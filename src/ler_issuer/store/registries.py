"""Registries that this installation asks who an issuer is, and what was last had from each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.failures import unique
from ler_issuer.store.statements import Statement, columns

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.types import Json, Url


@dataclass(frozen=True, slots=True)
class Registry:
    """One registry: `file` and `dcc` are whole lists of issuers, `oidf` a federation by its trust anchor.

    `location` is the path of the file, the URL of the list, or the anchor's identifier; `anchor_keys` the JWK Set that
    the anchor is pinned to. `body` is what was last had and `fetched_at` when; `tried_at` is when it was last asked.
    """

    id: str
    name: str
    kind: Literal["file", "dcc", "oidf"]
    location: Url
    anchor_keys: Json
    body: bytes | None
    fetched_at: datetime | None
    tried_at: datetime | None
    position: int
    added_at: datetime
    added_by: str


_REGISTRY = sa.select(*columns(tables.registry, Registry))
_ROW = tables.registry.c
_EVERYONE = Statement(_REGISTRY.order_by(_ROW.position, _ROW.id))


def add(db: Db, registry: Registry) -> None:
    """Keep a new registry.

    Raises:
        Conflict: the name is taken.
    """
    with unique(f"a registry is named {registry.name!r} already"):
        db.keep(tables.registry, registry)


def everyone(db: Db) -> list[Registry]:
    """Give all registries; the first goes before the others."""
    return db.all(Registry, _EVERYONE)


def named(db: Db, name: str) -> Registry:
    """Give the registry of this name.

    Raises:
        Missing: there is none.
    """
    found = db.first(Registry, _REGISTRY.where(_ROW.name == name))
    if found is None:
        raise Missing(f"no registry is named {name!r}")
    return found


def get(db: Db, registry_id: str) -> Registry | None:
    """Give a registry by id, or None when it was removed."""
    return db.first(Registry, _REGISTRY.where(_ROW.id == registry_id))


def next_position(db: Db) -> int:
    """Give the place after all others."""
    return int(db.scalar(sa.select(sa.func.coalesce(sa.func.max(_ROW.position), 0)))) + 1


def try_now(db: Db, registry_id: str, at: datetime, *, unless_since: datetime) -> bool:
    """Note that a registry is asked now; tell whether nobody was after `unless_since`, so that one process asks."""
    free = sa.or_(_ROW.tried_at.is_(None), _ROW.tried_at <= unless_since)
    statement = sa.update(tables.registry).where(_ROW.id == registry_id, free).values(tried_at=at)
    return db.run(statement).rowcount == 1


def keep(db: Db, registry_id: str, body: bytes, at: datetime) -> None:
    """Keep what a registry answered."""
    db.run(sa.update(tables.registry).where(_ROW.id == registry_id).values(body=body, fetched_at=at, tried_at=at))


def remove(db: Db, registry_id: str) -> None:
    """Forget a registry."""
    db.run(sa.delete(tables.registry).where(_ROW.id == registry_id))

"""API keys: random secrets, kept only as digests, each bound to one issuer and a set of scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.errors import Missing
from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import Statement, columns, given

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One API key; the secret itself is shown once, when it is made."""

    id: str
    issuer_id: str
    name: str
    secret_hash: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


_KEY = sa.select(*columns(tables.api_key, ApiKey))
_BY_SECRET = Statement(_KEY.where(tables.api_key.c.secret_hash == given("secret_hash")))
_BY_ID = Statement(_KEY.where(tables.api_key.c.id == given("key_id")))
_USED = Statement(
    sa.update(tables.api_key).where(tables.api_key.c.id == given("key_id")).values(last_used_at=given("at"))
)


def add(db: Db, key: ApiKey) -> None:
    """Keep a new API key."""
    db.keep(tables.api_key, key)


def by_secret_hash(db: Db, secret_hash: str) -> ApiKey | None:
    """Give the key whose secret has this digest, whatever its state."""
    return db.first(ApiKey, _BY_SECRET, secret_hash=secret_hash)


def by_id(db: Db, key_id: str) -> ApiKey | None:
    """Give the key with this id, whatever its state."""
    return db.first(ApiKey, _BY_ID, key_id=key_id)


def of_issuer(db: Db, issuer_id: str) -> list[ApiKey]:
    """Give the issuer's keys, oldest first."""
    key = tables.api_key.c
    return db.all(ApiKey, _KEY.where(key.issuer_id == issuer_id).order_by(key.created_at, key.id))


def used(db: Db, key_id: str, at: datetime) -> None:
    """Note when a key was last used."""
    db.do(_USED, key_id=key_id, at=at)


def revoke(db: Db, key_id: str, at: datetime) -> ApiKey:
    """End a key at once; a key that is revoked already keeps its first time.

    Raises:
        Missing: there is no such key.
    """
    found = by_id(db, key_id)
    if found is None:
        raise Missing("no such API key")
    key = tables.api_key.c
    db.run(sa.update(tables.api_key).where(key.id == key_id, key.revoked_at.is_(None)).values(revoked_at=at))
    return found

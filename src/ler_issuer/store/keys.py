"""Signing keys and their history: sealed private parts, public parts, and from when to when they were used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.failures import unique
from ler_issuer.store.statements import Statement, columns, given

if TYPE_CHECKING:
    from datetime import datetime

Purpose = Literal["assertion", "jwt", "sd", "log"]
"""What a key signs: credentials and status lists, credentials as tokens, credentials of which parts can be shown, or
checkpoints of the log. Never two of it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key of an issuer. What a retired key signed still verifies, what a revoked one signed does not."""

    id: str
    issuer_id: str
    purpose: str
    public_multibase: str
    kind: str
    sealed: bytes
    valid_from: datetime
    retired_at: datetime | None
    revoked_at: datetime | None


_KEY = sa.select(*columns(tables.signing_key, SigningKey))
_ROW = tables.signing_key.c
_IN_USE = Statement(
    _KEY.where(
        _ROW.issuer_id == given("issuer_id"),
        _ROW.purpose == given("purpose"),
        _ROW.retired_at.is_(None),
        _ROW.revoked_at.is_(None),
    )
)
_PUBLISHED = Statement(
    _KEY.where(_ROW.issuer_id == given("issuer_id"), _ROW.purpose.in_(("assertion", "jwt", "sd"))).order_by(
        _ROW.valid_from, _ROW.purpose, _ROW.retired_at.is_(None), _ROW.id
    )
)


def add(db: Db, key: SigningKey) -> None:
    """Keep a new key; an issuer has one in use for each purpose.

    Raises:
        Conflict: another key is in use.
    """
    with unique("the issuer already has a key in use for this purpose"):
        db.keep(tables.signing_key, key)


def find_in_use(db: Db, issuer_id: str, purpose: Purpose) -> SigningKey | None:
    """Give the key that the issuer signs with now for a purpose, or None."""
    return db.first(SigningKey, _IN_USE, issuer_id=issuer_id, purpose=purpose)


def in_use(db: Db, issuer_id: str, purpose: Purpose) -> SigningKey:
    """Give the key that the issuer signs with now; every issuer has one for credentials and one for its log."""
    found = find_in_use(db, issuer_id, purpose)
    if found is None:
        raise LookupError(f"issuer {issuer_id} has no {purpose} key in use")
    return found


def published(db: Db, issuer_id: str) -> list[SigningKey]:
    """Give the keys that sign credentials, oldest first: those in use, the retired, the revoked with their time."""
    return db.all(SigningKey, _PUBLISHED, issuer_id=issuer_id)


def of_issuer(db: Db, issuer_id: str) -> list[SigningKey]:
    """Give all keys of an issuer, oldest first, also the one of its log."""
    key = tables.signing_key.c
    return db.all(
        SigningKey,
        _KEY.where(key.issuer_id == issuer_id).order_by(key.valid_from, key.purpose, key.retired_at.is_(None), key.id),
    )


def find(db: Db, key_id: str) -> SigningKey | None:
    """Give the key with this id, or None."""
    return db.first(SigningKey, _KEY.where(tables.signing_key.c.id == key_id))


def any_one(db: Db) -> SigningKey | None:
    """Give some key of the installation, or None when there is none yet."""
    return db.first(SigningKey, _KEY.limit(1))


def retire(db: Db, key_id: str, at: datetime) -> None:
    """Stop signing with a key; what it signed still verifies."""
    db.run(sa.update(tables.signing_key).where(tables.signing_key.c.id == key_id).values(retired_at=at))

"""The keys of the service itself, which belong to no issuer: those that reports are signed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import columns

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key of the service, sealed; one is in use for each purpose, the retired ones are kept and published."""

    id: str
    purpose: str
    kind: str
    public_multibase: str
    sealed: bytes
    valid_from: datetime
    retired_at: datetime | None


_KEY = sa.select(*columns(tables.service_key, ServiceKey))


def add_new(db: Db, key: ServiceKey) -> bool:
    """Keep a key unless another is in use for its purpose; say whether it was kept."""
    return db.keep_new(tables.service_key, key)


def in_use(db: Db, purpose: str) -> ServiceKey | None:
    """Give the key that is in use for a purpose, or None when there is none yet."""
    row = tables.service_key.c
    return db.first(ServiceKey, _KEY.where(row.purpose == purpose, row.retired_at.is_(None)))


def retire(db: Db, purpose: str, at: datetime) -> None:
    """Put the key that is in use for a purpose aside; what it signed can still be checked."""
    row = tables.service_key
    db.run(sa.update(row).where(row.c.purpose == purpose, row.c.retired_at.is_(None)).values(retired_at=at))


def everyone(db: Db, purpose: str) -> list[ServiceKey]:
    """Give every key that was ever in use for a purpose, the oldest first."""
    row = tables.service_key.c
    return db.all(ServiceKey, _KEY.where(row.purpose == purpose).order_by(row.valid_from, row.id))

"""Idempotency keys: the answer that a request got, kept in the transaction that had the effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.store import tables
from ler_issuer.store.statements import Statement, given

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.store.db import Db
    from ler_issuer.types import Json


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered: its digest, and what it takes to give the answer again."""

    request_digest: str
    answer: Json


_ROW = tables.idempotency_key.c
_ANSWER = Statement(
    sa.select(_ROW.request_digest, _ROW.answer).where(_ROW.issuer_id == given("issuer_id"), _ROW.key == given("name"))
)


def answer_of(db: Db, issuer_id: str, key: str) -> Answered | None:
    """Give what became of the request that came with this key, or None.

    Two requests with one key wait for each other, so that only one has the effect.
    """
    db.advisory_lock([f"idempotency {issuer_id} {key}"])
    return db.first(Answered, _ANSWER, issuer_id=issuer_id, name=key)


def remember(db: Db, issuer_id: str, key: str, request_digest: str, answer: Json, at: datetime) -> None:
    """Keep the answer for whoever sends the same request again."""
    db.add(
        tables.idempotency_key,
        issuer_id=issuer_id,
        key=key,
        request_digest=request_digest,
        answer=answer,
        created_at=at,
    )


def forget(db: Db, before: datetime) -> int:
    """Drop answers older than `before`; give how many."""
    return db.run(sa.delete(tables.idempotency_key).where(tables.idempotency_key.c.created_at < before)).rowcount

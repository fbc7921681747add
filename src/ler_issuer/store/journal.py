"""What can be told afterwards: the audit trail, the events that clients follow, and the leaves of the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ler_issuer.store import tables
from ler_issuer.store.db import Db
from ler_issuer.store.statements import columns

if TYPE_CHECKING:
    from datetime import datetime

    from ler_issuer.types import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody did, for example `credential.issued`. Data holds ids, codes and digests, nothing of a learner.

    What was done to the installation itself has no issuer; it is written down, and nobody who follows events is told.
    """

    issuer_id: str | None
    actor: str
    act: str
    object_id: str
    at: datetime
    data: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed, as a client sees it: ids only, nothing about the learner."""

    seq: int
    id: str
    issuer_id: str
    type: str
    object_id: str
    data: JsonObject
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what, when. `actor` is `key:<id>` or `cli:<user>`."""

    seq: int
    issuer_id: str | None
    actor: str
    act: str
    object_id: str
    data: JsonObject
    at: datetime


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of the log that waits to be sealed: its number in the table, and the salted digest."""

    seq: int
    leaf: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A sealed state of the log: how many leaves, their Merkle root, and the signed note that says so."""

    id: str
    issuer_id: str
    signing_key_id: str
    size: int
    root: str
    note: str
    at: datetime


def audit(db: Db, deed: Deed) -> None:
    """Write down who did what."""
    db.append(tables.audit, deed)


def tell(db: Db, deed: Deed, event_id: str) -> None:
    """Tell whoever follows the issuer's events what was done, once the transaction commits."""
    db.outbox.append(
        {
            "id": event_id,
            "issuer_id": deed.issuer_id,
            "type": deed.act,
            "object_id": deed.object_id,
            "data": deed.data,
            "at": deed.at,
        }
    )


def announce(db: Db, deed: Deed, event_id: str) -> None:
    """Write down who did what, and tell it."""
    audit(db, deed)
    tell(db, deed, event_id)


def publish(db: Db) -> None:
    """Write the outbox; called as the last thing before a commit.

    On PostgreSQL the issuer's events are numbered by one transaction at a time, from here to its commit: a reader that
    has seen number n has seen every number below it.
    """
    if db.outbox:
        db.advisory_lock(f"events {row['issuer_id']}" for row in db.outbox)
        for row in db.outbox:
            db.append(tables.event, row)
        db.outbox.clear()


def events(db: Db, issuer_id: str, *, after: int, limit: int) -> list[Event]:
    """Give the issuer's events with a higher number than `after`."""
    row = tables.event.c
    return db.all(
        Event,
        sa.select(*columns(tables.event, Event))
        .where(row.issuer_id == issuer_id, row.seq > after)
        .order_by(row.seq)
        .limit(limit),
    )


def audited(db: Db, issuer_id: str) -> list[AuditRow]:
    """Give the issuer's audit trail, the first row first."""
    row = tables.audit.c
    return db.all(
        AuditRow, sa.select(*columns(tables.audit, AuditRow)).where(row.issuer_id == issuer_id).order_by(row.seq)
    )


def add_leaf(db: Db, issuer_id: str, leaf: str) -> None:
    """Append a leaf to the issuer's log; it gets its place when the next checkpoint seals it."""
    db.append(tables.log_leaf, {"issuer_id": issuer_id, "leaf": leaf})


def has_leaf(db: Db, issuer_id: str, leaf: str) -> bool:
    """Tell whether the issuer's log holds a leaf."""
    row = tables.log_leaf.c
    return db.scalar(sa.select(row.seq).where(row.issuer_id == issuer_id, row.leaf == leaf)) is not None


def sealed_leaves(db: Db, issuer_id: str) -> list[str]:
    """Give the leaves that a checkpoint has sealed, by place."""
    row = tables.log_leaf.c
    statement = sa.select(row.leaf).where(row.issuer_id == issuer_id, row.position.is_not(None)).order_by(row.position)
    return list(db.run(statement).scalars())


def new_leaves(db: Db, issuer_id: str) -> list[Leaf]:
    """Give the leaves that no checkpoint has sealed yet, in the order in which they came."""
    row = tables.log_leaf.c
    return db.all(
        Leaf, sa.select(row.seq, row.leaf).where(row.issuer_id == issuer_id, row.position.is_(None)).order_by(row.seq)
    )


def seal(db: Db, checkpoint: Checkpoint, placed: list[tuple[int, int]]) -> None:
    """Keep a checkpoint and give (sequence number, place) to each leaf that it seals."""
    db.keep(tables.log_checkpoint, checkpoint)
    row = tables.log_leaf
    for seq, position in placed:
        db.run(sa.update(row).where(row.c.seq == seq).values(position=position, checkpoint_id=checkpoint.id))


def last_checkpoint(db: Db, issuer_id: str) -> Checkpoint | None:
    """Give the issuer's newest checkpoint, or None."""
    row = tables.log_checkpoint.c
    return db.first(
        Checkpoint,
        sa.select(*columns(tables.log_checkpoint, Checkpoint))
        .where(row.issuer_id == issuer_id)
        .order_by(row.size.desc()),
    )

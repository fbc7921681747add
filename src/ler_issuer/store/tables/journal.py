"""What can be told afterwards: events, the audit trail, and the log with its checkpoints."""

from __future__ import annotations

import sqlalchemy as sa

from ler_issuer.store.instants import Instant
from ler_issuer.store.tables.columns import Id, Json, Seq, metadata, own_id, ref

event = sa.Table(
    "event",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    sa.Column("id", Id, nullable=False, unique=True),
    ref("issuer_id", "issuer"),
    sa.Column("type", sa.String(48), nullable=False),
    sa.Column("object_id", sa.String(64), nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("ix_event_issuer_seq", "issuer_id", "seq"),
    sqlite_autoincrement=True,
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    ref("issuer_id", "issuer", nullable=True, index=True),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("act", sa.String(48), nullable=False),
    sa.Column("object_id", sa.String(64), nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

log_checkpoint = sa.Table(
    "log_checkpoint",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    ref("signing_key_id", "signing_key"),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("root", sa.String(64), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("issuer_id", "size"),
)

log_leaf = sa.Table(
    "log_leaf",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    ref("issuer_id", "issuer"),
    sa.Column("leaf", sa.String(64), nullable=False),
    sa.Column("position", sa.Integer),
    ref("checkpoint_id", "log_checkpoint", nullable=True),
    sa.UniqueConstraint("issuer_id", "position"),
    sa.Index("ix_log_leaf_issuer_leaf", "issuer_id", "leaf"),
    sqlite_autoincrement=True,
)

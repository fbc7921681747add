"""What was issued besides awards and in further forms, and what verification remembers from one time to the next."""

from __future__ import annotations

import sqlalchemy as sa

from ler_issuer.store.instants import Instant
from ler_issuer.store.tables.columns import Id, Json, Seq, metadata, own_id, ref

credential_form = sa.Table(
    "credential_form",
    metadata,
    sa.Column("credential_id", Id, sa.ForeignKey("credential.id"), primary_key=True),
    sa.Column("format", sa.String(16), primary_key=True),
    ref("signing_key_id", "signing_key"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

issued_document = sa.Table(
    "issued_document",
    metadata,
    own_id(),
    ref("issuer_id", "issuer", index=True),
    sa.Column("credential_id", sa.String(700), nullable=True),
    ref("signing_key_id", "signing_key"),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String(80), nullable=False),
    sa.Column("log_salt", sa.LargeBinary, nullable=False),
    sa.Index("ix_issued_document_credential", "issuer_id", "credential_id"),
)

document_event = sa.Table(
    "document_event",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    sa.Column("id", Id, nullable=False, unique=True),
    ref("document_id", "issued_document", index=True),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("raised", sa.Boolean, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("log_salt", sa.LargeBinary, nullable=False),
)

registry = sa.Table(
    "registry",
    metadata,
    own_id(),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("location", sa.String(700), nullable=False),
    sa.Column("anchor_keys", Json),
    sa.Column("body", sa.LargeBinary),
    sa.Column("fetched_at", Instant),
    sa.Column("tried_at", Instant),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("added_by", sa.String(80), nullable=False),
)

seen_list = sa.Table(
    "seen_list",
    metadata,
    sa.Column("url", sa.String(700), primary_key=True),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
)

service_key = sa.Table(
    "service_key",
    metadata,
    own_id(),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("public_multibase", sa.String(700), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("retired_at", Instant),
    sa.Index(
        "uq_service_key_in_use",
        "purpose",
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    ),
)

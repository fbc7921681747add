"""Who there is: issuers, their keys and API keys, organisations, sessions, courses, and the learners."""

from __future__ import annotations

import sqlalchemy as sa

from ler_issuer.store.instants import Instant
from ler_issuer.store.tables.columns import Json, Seq, metadata, own_id, ref

issuer = sa.Table(
    "issuer",
    metadata,
    own_id(),
    sa.Column("slug", sa.String(63), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("did", sa.String(500), nullable=False, unique=True),
    sa.Column("did_method", sa.String(8), nullable=False),
    sa.Column("public_url", sa.String(500), nullable=False),
    sa.Column("time_zone", sa.String(64), nullable=False),
    sa.Column("languages", Json, nullable=False),
    sa.Column("profile", Json, nullable=False),
    sa.Column("hashed_identifier_types", Json, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

signing_key = sa.Table(
    "signing_key",
    metadata,
    own_id(),
    ref("issuer_id", "issuer", index=True),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False, server_default="Ed25519"),
    sa.Column("public_multibase", sa.String(700), nullable=False, unique=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("retired_at", Instant),
    sa.Column("revoked_at", Instant),
    sa.Index(
        "uq_signing_key_in_use",
        "issuer_id",
        "purpose",
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL AND revoked_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL AND revoked_at IS NULL"),
    ),
)

api_key = sa.Table(
    "api_key",
    metadata,
    own_id(),
    ref("issuer_id", "issuer", index=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("scopes", Json, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant),
    sa.Column("last_used_at", Instant),
    sa.Column("revoked_at", Instant),
)

idempotency_key = sa.Table(
    "idempotency_key",
    metadata,
    ref("issuer_id", "issuer"),
    sa.Column("key", sa.String(255), nullable=False),
    sa.Column("request_digest", sa.String(64), nullable=False),
    sa.Column("answer", Json, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.PrimaryKeyConstraint("issuer_id", "key"),
)

organisation = sa.Table(
    "organisation",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("source_id", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    ref("parent_id", "organisation", nullable=True),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_until", sa.Date),
    sa.UniqueConstraint("issuer_id", "source_id"),
)

academic_session = sa.Table(
    "academic_session",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("source_id", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("starts_on", sa.Date),
    sa.Column("ends_on", sa.Date),
    sa.Column("school_year", sa.Integer),
    ref("parent_id", "academic_session", nullable=True),
    sa.UniqueConstraint("issuer_id", "source_id"),
)

course = sa.Table(
    "course",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("source_id", sa.String(200), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("code", sa.String(64)),
    ref("organisation_id", "organisation", nullable=True),
    sa.UniqueConstraint("issuer_id", "source_id"),
)

section = sa.Table(
    "section",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("source_id", sa.String(200), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    ref("course_id", "course", nullable=True),
    ref("academic_session_id", "academic_session", nullable=True),
    sa.Column("credits", sa.Numeric(9, 2)),
    sa.UniqueConstraint("issuer_id", "source_id"),
)

programme = sa.Table(
    "programme",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("source_id", sa.String(200), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("catalog_year", sa.String(32), nullable=False),
    sa.UniqueConstraint("issuer_id", "source_id", "catalog_year"),
)

learner = sa.Table(
    "learner",
    metadata,
    own_id(),
    ref("issuer_id", "issuer", index=True),
    sa.Column("salt", sa.String(32), nullable=False),
    sa.Column("pseudonym_key", sa.String(64), nullable=False),
    sa.Column("directory_hold", sa.Boolean, nullable=False),
    sa.Column("award_hold", sa.String(200)),
    ref("merged_into_id", "learner", nullable=True, index=True),
    sa.Column("created_at", Instant, nullable=False),
)

learner_identifier = sa.Table(
    "learner_identifier",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    ref("issuer_id", "issuer"),
    ref("learner_id", "learner", index=True),
    sa.Column("type", sa.String(60), nullable=False),
    sa.Column("value", sa.String(200), nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_until", Instant),
    sa.Index(
        "uq_learner_identifier_valid",
        "issuer_id",
        "type",
        "value",
        unique=True,
        sqlite_where=sa.text("valid_until IS NULL"),
        postgresql_where=sa.text("valid_until IS NULL"),
    ),
)

learner_did = sa.Table(
    "learner_did",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    ref("learner_id", "learner", index=True),
    sa.Column("did", sa.String(500), nullable=False, index=True),
    sa.Column("bound_at", Instant, nullable=False),
    sa.Column("unbound_at", Instant),
)

learner_name = sa.Table(
    "learner_name",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    ref("learner_id", "learner", index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("value", sa.String(200), nullable=False),
    sa.Column("pronouns", sa.String(40)),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_until", Instant),
)

enrolment = sa.Table(
    "enrolment",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    ref("learner_id", "learner", index=True),
    ref("programme_id", "programme"),
    sa.Column("catalog_year", sa.String(32)),
    sa.Column("started_on", sa.Date),
    sa.Column("ended_on", sa.Date),
)

"""What it earned: achievements, awards with their decisions, credentials, their status, and links to them."""

from __future__ import annotations

import sqlalchemy as sa

from ler_issuer.store.instants import Instant
from ler_issuer.store.tables.columns import Id, Json, Seq, metadata, own_id, ref

image = sa.Table(
    "image",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("media_type", sa.String(32), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

achievement = sa.Table(
    "achievement",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("key", sa.String(99), nullable=False),
    sa.Column("uri", sa.String(700), nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("issuer_id", "key"),
)

achievement_version = sa.Table(
    "achievement_version",
    metadata,
    own_id(),
    ref("achievement_id", "achievement"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("definition", Json, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("image_digest", sa.String(64), sa.ForeignKey("image.digest")),
    sa.Column("drafted_at", Instant, nullable=False),
    sa.Column("published_at", Instant),
    sa.Column("in_force_from", Instant),
    sa.UniqueConstraint("achievement_id", "version"),
)

assessment_feed = sa.Table(
    "assessment_feed",
    metadata,
    ref("issuer_id", "issuer"),
    sa.Column("assessment", sa.String(200), nullable=False),
    sa.Column("source", sa.String(99), nullable=False),
    ref("achievement_id", "achievement", index=True),
    sa.PrimaryKeyConstraint("issuer_id", "assessment", "source", "achievement_id"),
)

award = sa.Table(
    "award",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    ref("learner_id", "learner"),
    ref("achievement_id", "achievement"),
    sa.Column("basis", sa.String(320), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("held_because", sa.String(200)),
    sa.Column("withdrawn_by", sa.String(8)),
    sa.Column("release_at", Instant),
    sa.Column("decision_id", Id, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.UniqueConstraint("learner_id", "achievement_id", "basis"),
    sa.Index("ix_award_state", "state", "release_at"),
)

award_decision = sa.Table(
    "award_decision",
    metadata,
    own_id(),
    ref("award_id", "award", index=True),
    ref("achievement_version_id", "achievement_version"),
    sa.Column("consequence", sa.String(16), nullable=False),
    sa.Column("rule_digest", sa.String(64), nullable=False),
    sa.Column("inputs", Json, nullable=False),
    sa.Column("awarded_at", Instant),
    sa.Column("overall", sa.String(99)),
    sa.Column("trace", Json, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("decided_by", sa.String(80), nullable=False),
    ref("rule_version_id", "stacking_rule_version", nullable=True),
)

credential = sa.Table(
    "credential",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    ref("award_id", "award", index=True),
    ref("decision_id", "award_decision"),
    ref("learner_id", "learner", index=True),
    ref("achievement_id", "achievement", index=True),
    ref("achievement_version_id", "achievement_version"),
    ref("signing_key_id", "signing_key"),
    ref("replaces_id", "credential", nullable=True),
    ref("import_id", "import_run", nullable=True, index=True),
    sa.Column("format", sa.String(16), nullable=False),
    sa.Column("subject_binding", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("valid_from", Instant, nullable=False),
    sa.Column("valid_until", Instant),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("log_salt", sa.LargeBinary, nullable=False),
    sa.Index("ix_credential_issuer_created", "issuer_id", "created_at", "id"),
    sa.Index("ix_credential_issuer_updated", "issuer_id", "updated_at", "id"),
    sa.Index("ix_credential_valid_until", "valid_until"),
)

status_list = sa.Table(
    "status_list",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("url", sa.String(700), nullable=False, unique=True),
    sa.Column("closed_at", Instant),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("published_revision", sa.Integer),
    sa.Column("published_at", Instant),
    sa.Column("body", sa.LargeBinary),
    sa.UniqueConstraint("issuer_id", "purpose", "ordinal"),
)

status_entry = sa.Table(
    "status_entry",
    metadata,
    ref("list_id", "status_list"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("credential_id", Id, nullable=False, index=True),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("raised", sa.Boolean, nullable=False),
    sa.PrimaryKeyConstraint("list_id", "position"),
    sa.Index(
        "ix_status_entry_list_raised",
        "list_id",
        "raised",
        "position",
        sqlite_where=sa.text("raised"),
        postgresql_where=sa.text("raised"),
    ),
)

status_event = sa.Table(
    "status_event",
    metadata,
    sa.Column("seq", Seq, primary_key=True, autoincrement=True),
    sa.Column("id", Id, nullable=False, unique=True),
    ref("credential_id", "credential", index=True),
    sa.Column("act", sa.String(16), nullable=False),
    sa.Column("reason_code", sa.String(64), nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("log_salt", sa.LargeBinary, nullable=False),
)

link = sa.Table(
    "link",
    metadata,
    own_id(),
    ref("credential_id", "credential", index=True),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String(80), nullable=False),
    sa.Column("last_used_at", Instant),
    sa.Column("revoked_at", Instant),
)

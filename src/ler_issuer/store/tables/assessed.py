"""What was assessed: imports, experiences and participations, assessments, and the results."""

from __future__ import annotations

import sqlalchemy as sa

from ler_issuer.store.instants import Instant
from ler_issuer.store.tables.columns import Id, Json, metadata, own_id, ref

import_run = sa.Table(
    "import_run",
    metadata,
    own_id(),
    ref("issuer_id", "issuer", index=True),
    sa.Column("source", sa.String(99), nullable=False),
    sa.Column("file_name", sa.String(255), nullable=False),
    sa.Column("file_digest", sa.String(64), nullable=False),
    sa.Column("mapping_digest", sa.String(64), nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("finished_at", Instant),
    sa.Column("counts", Json),
    sa.Column("revoked_at", Instant),
    sa.Column("revoked_because", sa.String(500)),
)

experience = sa.Table(
    "experience",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("source", sa.String(99), nullable=False),
    sa.Column("source_id", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("name", sa.String(200)),
    ref("partner_id", "organisation", nullable=True),
    ref("section_id", "section", nullable=True),
    sa.Column("started_on", sa.Date),
    sa.Column("ended_on", sa.Date),
    sa.UniqueConstraint("issuer_id", "source", "source_id"),
)

participation = sa.Table(
    "participation",
    metadata,
    own_id(),
    ref("learner_id", "learner"),
    ref("experience_id", "experience"),
    sa.Column("role", sa.String(200)),
    sa.Column("hours", sa.Numeric(9, 2)),
    sa.Column("started_on", sa.Date),
    sa.Column("ended_on", sa.Date),
    sa.UniqueConstraint("learner_id", "experience_id"),
)

assessment = sa.Table(
    "assessment",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("source", sa.String(99), nullable=False),
    sa.Column("source_id", sa.String(200), nullable=False),
    sa.Column("title", sa.String(200)),
    ref("section_id", "section", nullable=True),
    ref("academic_session_id", "academic_session", nullable=True),
    sa.Column("due_at", Instant),
    sa.Column("score_minimum", sa.Numeric(18, 6)),
    sa.Column("score_maximum", sa.Numeric(18, 6)),
    sa.Column("weight", sa.Numeric(18, 6)),
    sa.Column("raters", sa.String(16)),
    sa.UniqueConstraint("issuer_id", "source", "source_id"),
)

result = sa.Table(
    "result",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("source", sa.String(99), nullable=False),
    sa.Column("source_id", sa.String(200), nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    ref("learner_id", "learner"),
    ref("achievement_id", "achievement", nullable=True),
    ref("assessment_id", "assessment", nullable=True),
    ref("participation_id", "participation", nullable=True),
    sa.Column("assessment", sa.String(200)),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("assessor_kind", sa.String(32), nullable=False),
    sa.Column("result_status", sa.String(16), nullable=False),
    sa.Column("assessed_at", Instant, nullable=False),
    sa.Column("content", Json, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("raw", Json),
    ref("import_id", "import_run", nullable=True, index=True),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("recorded_by", sa.String(80), nullable=False),
    ref("superseded_by_id", "result", nullable=True),
    sa.Column("voided_at", Instant),
    sa.Column("outcome", sa.String(16)),
    sa.Column("credential_id", Id),
    sa.Column("trace", Json),
    ref("section_id", "section", nullable=True),
    sa.Index(
        "uq_result_identity",
        "issuer_id",
        "source",
        "source_id",
        "revision",
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    ),
    sa.Index("ix_result_learner_achievement", "learner_id", "achievement_id"),
)

"""What adds up: stacking rules with their versions, holdings, cases, recognitions, and learner records."""

from __future__ import annotations

import sqlalchemy as sa

from ler_issuer.store.instants import Instant
from ler_issuer.store.tables.columns import Id, Json, metadata, own_id, ref

holding = sa.Table(
    "holding",
    metadata,
    sa.Column("credential_id", Id, sa.ForeignKey("credential.id"), primary_key=True),
    ref("award_id", "award"),
    ref("issuer_id", "issuer"),
    ref("learner_id", "learner"),
    ref("achievement_id", "achievement"),
    sa.Column("awarded_at", Instant, nullable=False),
    ref("participation_id", "participation", nullable=True),
    ref("section_id", "section", nullable=True),
    sa.Column("facts", Json, nullable=False),
    sa.Index("ix_holding_learner_achievement", "learner_id", "achievement_id"),
    sa.Index("ix_holding_achievement", "achievement_id", "learner_id"),
)

stacking_rule = sa.Table(
    "stacking_rule",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    sa.Column("key", sa.String(99), nullable=False),
    sa.Column("uri", sa.String(700), nullable=False, unique=True),
    ref("achievement_id", "achievement", index=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("issuer_id", "key"),
)

stacking_rule_version = sa.Table(
    "stacking_rule_version",
    metadata,
    own_id(),
    ref("rule_id", "stacking_rule"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("definition", Json, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("text", Json, nullable=False),
    sa.Column("text_digest", sa.String(64), nullable=False),
    sa.Column("transition", sa.String(16)),
    sa.Column("grace_until", Instant),
    sa.Column("drafted_at", Instant, nullable=False),
    sa.Column("tested_at", Instant),
    sa.Column("published_at", Instant),
    sa.Column("in_force_from", Instant),
    sa.Column("retired_at", Instant),
    sa.UniqueConstraint("rule_id", "version"),
)

stacking_pin = sa.Table(
    "stacking_pin",
    metadata,
    ref("learner_id", "learner"),
    ref("rule_id", "stacking_rule"),
    ref("rule_version_id", "stacking_rule_version"),
    sa.Column("because", sa.String(32), nullable=False),
    sa.Column("pinned_at", Instant, nullable=False),
    sa.PrimaryKeyConstraint("learner_id", "rule_id"),
)

stacking_part = sa.Table(
    "stacking_part",
    metadata,
    ref("decision_id", "award_decision"),
    ref("stack_award_id", "award", index=True),
    ref("part_award_id", "award", index=True),
    ref("credential_id", "credential"),
    sa.PrimaryKeyConstraint("decision_id", "credential_id"),
)

back_award = sa.Table(
    "back_award",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    ref("rule_version_id", "stacking_rule_version", index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("after", Id, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("awarded", sa.Integer, nullable=False),
    sa.Column("cases", sa.Integer, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("finished_at", Instant),
)

review_case = sa.Table(
    "review_case",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    ref("learner_id", "learner", index=True),
    ref("award_id", "award", index=True),
    ref("credential_id", "credential"),
    sa.Column("policy", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason_code", sa.String(64), nullable=False),
    sa.Column("parts", Json, nullable=False),
    sa.Column("still_met", sa.Boolean, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("opened_by", sa.String(80), nullable=False),
    sa.Column("deadline", Instant),
    sa.Column("overdue_at", Instant),
    sa.Column("resolved_at", Instant),
    sa.Column("resolved_by", sa.String(80)),
    sa.Column("resolution", sa.String(16)),
    sa.Column("resolution_code", sa.String(64)),
    sa.Column("note", sa.Text),
    ref("replacement_id", "credential", nullable=True),
    sa.Index("ix_review_case_issuer_state", "issuer_id", "state", "opened_at", "id"),
    sa.Index("ix_review_case_deadline", "state", "deadline"),
    sa.Index(
        "uq_review_case_open",
        "award_id",
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)

recognition = sa.Table(
    "recognition",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    ref("learner_id", "learner", index=True),
    ref("achievement_id", "achievement"),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("content", Json, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("document", sa.LargeBinary),
    sa.Column("awarded_at", Instant, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("recorded_by", sa.String(80), nullable=False),
    sa.Column("withdrawn_at", Instant),
    sa.Column("withdrawn_by", sa.String(80)),
)

record = sa.Table(
    "record",
    metadata,
    own_id(),
    ref("issuer_id", "issuer"),
    ref("learner_id", "learner", index=True),
    ref("signing_key_id", "signing_key"),
    ref("replaces_id", "record", nullable=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("partial", sa.Boolean, nullable=False),
    sa.Column("members", Json, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.String(80), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("log_salt", sa.LargeBinary, nullable=False),
)

enrolled_achievement = sa.Table(
    "enrolled_achievement",
    metadata,
    ref("learner_id", "learner"),
    ref("achievement_id", "achievement"),
    sa.Column("ends_on", sa.Date),
    sa.PrimaryKeyConstraint("learner_id", "achievement_id"),
)

credential_expiry = sa.Table(
    "credential_expiry",
    metadata,
    sa.Column("credential_id", Id, sa.ForeignKey("credential.id"), primary_key=True),
    sa.Column("acted_at", Instant, nullable=False),
)

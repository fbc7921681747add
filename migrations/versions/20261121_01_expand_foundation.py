"""The foundation: issuers, people, what was assessed, what it earned, status, journal.

Revision: 20261121_01
Follows: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_01"
down_revision = None
branch_labels = None
depends_on = None

Seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "image",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_image")),
    )
    op.create_table(
        "issuer",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("slug", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("did", sa.String(length=500), nullable=False),
        sa.Column("did_method", sa.String(length=8), nullable=False),
        sa.Column("public_url", sa.String(length=500), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("hashed_identifier_types", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer")),
        sa.UniqueConstraint("did", name=op.f("uq_issuer_did")),
        sa.UniqueConstraint("slug", name=op.f("uq_issuer_slug")),
    )
    op.create_table(
        "academic_session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("school_year", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_academic_session_issuer_id_issuer")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["academic_session.id"], name=op.f("fk_academic_session_parent_id_academic_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academic_session")),
        sa.UniqueConstraint("issuer_id", "source_id", name=op.f("uq_academic_session_issuer_id_source_id")),
    )
    op.create_table(
        "achievement",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=99), nullable=False),
        sa.Column("uri", sa.String(length=700), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_achievement_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievement")),
        sa.UniqueConstraint("issuer_id", "key", name=op.f("uq_achievement_issuer_id_key")),
        sa.UniqueConstraint("uri", name=op.f("uq_achievement_uri")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_api_key_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_key_secret_hash")),
    )
    op.create_index(op.f("ix_api_key_issuer_id"), "api_key", ["issuer_id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("seq", Seq, autoincrement=True, nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=48), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_audit_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_issuer_id"), "audit", ["issuer_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("seq", Seq, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=48), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_event_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name=op.f("uq_event_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_issuer_seq", "event", ["issuer_id", "seq"], unique=False)
    op.create_table(
        "idempotency_key",
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_idempotency_key_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("issuer_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=99), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("mapping_digest", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_because", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_import_run_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(op.f("ix_import_run_issuer_id"), "import_run", ["issuer_id"], unique=False)
    op.create_table(
        "learner",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("pseudonym_key", sa.String(length=64), nullable=False),
        sa.Column("directory_hold", sa.Boolean(), nullable=False),
        sa.Column("award_hold", sa.String(length=200), nullable=True),
        sa.Column("merged_into_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_learner_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["learner.id"], name=op.f("fk_learner_merged_into_id_learner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learner")),
    )
    op.create_index(op.f("ix_learner_issuer_id"), "learner", ["issuer_id"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.String(length=36), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_organisation_issuer_id_issuer")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["organisation.id"], name=op.f("fk_organisation_parent_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("issuer_id", "source_id", name=op.f("uq_organisation_issuer_id_source_id")),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("catalog_year", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_programme_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint(
            "issuer_id", "source_id", "catalog_year", name=op.f("uq_programme_issuer_id_source_id_catalog_year")
        ),
    )
    op.create_table(
        "signing_key",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("public_multibase", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_signing_key_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("public_multibase", name=op.f("uq_signing_key_public_multibase")),
    )
    op.create_index(op.f("ix_signing_key_issuer_id"), "signing_key", ["issuer_id"], unique=False)
    op.create_index(
        "uq_signing_key_in_use",
        "signing_key",
        ["issuer_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL AND revoked_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_table(
        "status_list",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=700), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published_revision", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_status_list_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_list")),
        sa.UniqueConstraint("issuer_id", "purpose", "ordinal", name=op.f("uq_status_list_issuer_id_purpose_ordinal")),
        sa.UniqueConstraint("url", name=op.f("uq_status_list_url")),
    )
    op.create_table(
        "achievement_version",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("achievement_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("image_digest", sa.String(length=64), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_achievement_version_achievement_id_achievement")
        ),
        sa.ForeignKeyConstraint(
            ["image_digest"], ["image.digest"], name=op.f("fk_achievement_version_image_digest_image")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievement_version")),
        sa.UniqueConstraint("achievement_id", "version", name=op.f("uq_achievement_version_achievement_id_version")),
    )
    op.create_table(
        "assessment_feed",
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("assessment", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=99), nullable=False),
        sa.Column("achievement_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_assessment_feed_achievement_id_achievement")
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_assessment_feed_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("issuer_id", "assessment", "source", "achievement_id", name=op.f("pk_assessment_feed")),
    )
    op.create_table(
        "award",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("achievement_id", sa.String(length=36), nullable=False),
        sa.Column("basis", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("held_because", sa.String(length=200), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=8), nullable=True),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_award_achievement_id_achievement")
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_award_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_award_learner_id_learner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint(
            "learner_id", "achievement_id", "basis", name=op.f("uq_award_learner_id_achievement_id_basis")
        ),
    )
    op.create_index("ix_award_state", "award", ["state", "release_at"], unique=False)
    op.create_table(
        "course",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("organisation_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_course_issuer_id_issuer")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_course_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("issuer_id", "source_id", name=op.f("uq_course_issuer_id_source_id")),
    )
    op.create_table(
        "enrolment",
        sa.Column("seq", Seq, autoincrement=True, nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("programme_id", sa.String(length=36), nullable=False),
        sa.Column("catalog_year", sa.String(length=32), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_enrolment_learner_id_learner")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_enrolment_programme_id_programme")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_enrolment")),
    )
    op.create_index(op.f("ix_enrolment_learner_id"), "enrolment", ["learner_id"], unique=False)
    op.create_table(
        "learner_did",
        sa.Column("seq", Seq, autoincrement=True, nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("did", sa.String(length=500), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_learner_did_learner_id_learner")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_learner_did")),
    )
    op.create_index(op.f("ix_learner_did_learner_id"), "learner_did", ["learner_id"], unique=False)
    op.create_table(
        "learner_identifier",
        sa.Column("seq", Seq, autoincrement=True, nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_learner_identifier_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_learner_identifier_learner_id_learner")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_learner_identifier")),
    )
    op.create_index(op.f("ix_learner_identifier_learner_id"), "learner_identifier", ["learner_id"], unique=False)
    op.create_index(
        "uq_learner_identifier_valid",
        "learner_identifier",
        ["issuer_id", "type", "value"],
        unique=True,
        sqlite_where=sa.text("valid_until IS NULL"),
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.create_table(
        "learner_name",
        sa.Column("seq", Seq, autoincrement=True, nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("pronouns", sa.String(length=40), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_learner_name_learner_id_learner")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_learner_name")),
    )
    op.create_index(op.f("ix_learner_name_learner_id"), "learner_name", ["learner_id"], unique=False)
    op.create_table(
        "log_checkpoint",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("signing_key_id", sa.String(length=36), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_log_checkpoint_issuer_id_issuer")),
        sa.ForeignKeyConstraint(
            ["signing_key_id"], ["signing_key.id"], name=op.f("fk_log_checkpoint_signing_key_id_signing_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_checkpoint")),
        sa.UniqueConstraint("issuer_id", "size", name=op.f("uq_log_checkpoint_issuer_id_size")),
    )
    op.create_table(
        "status_entry",
        sa.Column("list_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("raised", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["status_list.id"], name=op.f("fk_status_entry_list_id_status_list")),
        sa.PrimaryKeyConstraint("list_id", "position", name=op.f("pk_status_entry")),
    )
    op.create_index(op.f("ix_status_entry_credential_id"), "status_entry", ["credential_id"], unique=False)
    op.create_index(
        "ix_status_entry_raised",
        "status_entry",
        ["list_id"],
        unique=False,
        sqlite_where=sa.text("raised"),
        postgresql_where=sa.text("raised"),
    )
    op.create_table(
        "award_decision",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("award_id", sa.String(length=36), nullable=False),
        sa.Column("achievement_version_id", sa.String(length=36), nullable=False),
        sa.Column("consequence", sa.String(length=16), nullable=False),
        sa.Column("rule_digest", sa.String(length=64), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overall", sa.String(length=99), nullable=True),
        sa.Column("trace", sa.JSON(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["achievement_version_id"],
            ["achievement_version.id"],
            name=op.f("fk_award_decision_achievement_version_id_achievement_version"),
        ),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_award_decision_award_id_award")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_decision")),
    )
    op.create_index(op.f("ix_award_decision_award_id"), "award_decision", ["award_id"], unique=False)
    op.create_table(
        "log_leaf",
        sa.Column("seq", Seq, autoincrement=True, nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("checkpoint_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"], ["log_checkpoint.id"], name=op.f("fk_log_leaf_checkpoint_id_log_checkpoint")
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_log_leaf_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("issuer_id", "position", name=op.f("uq_log_leaf_issuer_id_position")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_log_leaf_issuer_leaf", "log_leaf", ["issuer_id", "leaf"], unique=False)
    op.create_table(
        "section",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("course_id", sa.String(length=36), nullable=True),
        sa.Column("academic_session_id", sa.String(length=36), nullable=True),
        sa.Column("credits", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.ForeignKeyConstraint(
            ["academic_session_id"],
            ["academic_session.id"],
            name=op.f("fk_section_academic_session_id_academic_session"),
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_section_course_id_course")),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_section_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section")),
        sa.UniqueConstraint("issuer_id", "source_id", name=op.f("uq_section_issuer_id_source_id")),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=99), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("section_id", sa.String(length=36), nullable=True),
        sa.Column("academic_session_id", sa.String(length=36), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score_minimum", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("score_maximum", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("weight", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("raters", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(
            ["academic_session_id"],
            ["academic_session.id"],
            name=op.f("fk_assessment_academic_session_id_academic_session"),
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_assessment_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_assessment_section_id_section")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("issuer_id", "source", "source_id", name=op.f("uq_assessment_issuer_id_source_source_id")),
    )
    op.create_table(
        "credential",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("award_id", sa.String(length=36), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("achievement_id", sa.String(length=36), nullable=False),
        sa.Column("achievement_version_id", sa.String(length=36), nullable=False),
        sa.Column("signing_key_id", sa.String(length=36), nullable=False),
        sa.Column("replaces_id", sa.String(length=36), nullable=True),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("subject_binding", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("log_salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_credential_achievement_id_achievement")
        ),
        sa.ForeignKeyConstraint(
            ["achievement_version_id"],
            ["achievement_version.id"],
            name=op.f("fk_credential_achievement_version_id_achievement_version"),
        ),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_credential_award_id_award")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["award_decision.id"], name=op.f("fk_credential_decision_id_award_decision")
        ),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name=op.f("fk_credential_import_id_import_run")),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_credential_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_credential_learner_id_learner")),
        sa.ForeignKeyConstraint(["replaces_id"], ["credential.id"], name=op.f("fk_credential_replaces_id_credential")),
        sa.ForeignKeyConstraint(
            ["signing_key_id"], ["signing_key.id"], name=op.f("fk_credential_signing_key_id_signing_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
    )
    op.create_index(op.f("ix_credential_achievement_id"), "credential", ["achievement_id"], unique=False)
    op.create_index(op.f("ix_credential_award_id"), "credential", ["award_id"], unique=False)
    op.create_index(op.f("ix_credential_import_id"), "credential", ["import_id"], unique=False)
    op.create_index("ix_credential_issuer_created", "credential", ["issuer_id", "created_at", "id"], unique=False)
    op.create_index("ix_credential_issuer_updated", "credential", ["issuer_id", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_credential_learner_id"), "credential", ["learner_id"], unique=False)
    op.create_table(
        "experience",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=99), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("partner_id", sa.String(length=36), nullable=True),
        sa.Column("section_id", sa.String(length=36), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_experience_issuer_id_issuer")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["organisation.id"], name=op.f("fk_experience_partner_id_organisation")
        ),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_experience_section_id_section")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience")),
        sa.UniqueConstraint("issuer_id", "source", "source_id", name=op.f("uq_experience_issuer_id_source_source_id")),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("credential_id", sa.String(length=36), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["credential_id"], ["credential.id"], name=op.f("fk_link_credential_id_credential")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    op.create_index(op.f("ix_link_credential_id"), "link", ["credential_id"], unique=False)
    op.create_table(
        "participation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("experience_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=True),
        sa.Column("hours", sa.Numeric(precision=9, scale=2), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["experience_id"], ["experience.id"], name=op.f("fk_participation_experience_id_experience")
        ),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_participation_learner_id_learner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
        sa.UniqueConstraint("learner_id", "experience_id", name=op.f("uq_participation_learner_id_experience_id")),
    )
    op.create_table(
        "status_event",
        sa.Column("seq", Seq, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("credential_id", sa.String(length=36), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("reason_code", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("log_salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credential.id"], name=op.f("fk_status_event_credential_id_credential")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_status_event")),
        sa.UniqueConstraint("id", name=op.f("uq_status_event_id")),
    )
    op.create_index(op.f("ix_status_event_credential_id"), "status_event", ["credential_id"], unique=False)
    op.create_table(
        "result",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=99), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("achievement_id", sa.String(length=36), nullable=True),
        sa.Column("assessment_id", sa.String(length=36), nullable=True),
        sa.Column("participation_id", sa.String(length=36), nullable=True),
        sa.Column("assessment", sa.String(length=200), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("assessor_kind", sa.String(length=32), nullable=False),
        sa.Column("result_status", sa.String(length=16), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=True),
        sa.Column("import_id", sa.String(length=36), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("superseded_by_id", sa.String(length=36), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("credential_id", sa.String(length=36), nullable=True),
        sa.Column("trace", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_result_achievement_id_achievement")
        ),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name=op.f("fk_result_assessment_id_assessment")),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name=op.f("fk_result_import_id_import_run")),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_result_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_result_learner_id_learner")),
        sa.ForeignKeyConstraint(
            ["participation_id"], ["participation.id"], name=op.f("fk_result_participation_id_participation")
        ),
        sa.ForeignKeyConstraint(["superseded_by_id"], ["result.id"], name=op.f("fk_result_superseded_by_id_result")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
    )
    op.create_index(op.f("ix_result_import_id"), "result", ["import_id"], unique=False)
    op.create_index("ix_result_learner_achievement", "result", ["learner_id", "achievement_id"], unique=False)
    op.create_index(
        "uq_result_identity",
        "result",
        ["issuer_id", "source", "source_id", "revision"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index(
        "uq_result_identity",
        table_name="result",
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.drop_index("ix_result_learner_achievement", table_name="result")
    op.drop_index(op.f("ix_result_import_id"), table_name="result")
    op.drop_table("result")
    op.drop_index(op.f("ix_status_event_credential_id"), table_name="status_event")
    op.drop_table("status_event")
    op.drop_table("participation")
    op.drop_index(op.f("ix_link_credential_id"), table_name="link")
    op.drop_table("link")
    op.drop_table("experience")
    op.drop_index(op.f("ix_credential_learner_id"), table_name="credential")
    op.drop_index("ix_credential_issuer_updated", table_name="credential")
    op.drop_index("ix_credential_issuer_created", table_name="credential")
    op.drop_index(op.f("ix_credential_import_id"), table_name="credential")
    op.drop_index(op.f("ix_credential_award_id"), table_name="credential")
    op.drop_index(op.f("ix_credential_achievement_id"), table_name="credential")
    op.drop_table("credential")
    op.drop_table("assessment")
    op.drop_table("section")
    op.drop_index("ix_log_leaf_issuer_leaf", table_name="log_leaf")
    op.drop_table("log_leaf")
    op.drop_index(op.f("ix_award_decision_award_id"), table_name="award_decision")
    op.drop_table("award_decision")
    op.drop_index(
        "ix_status_entry_raised",
        table_name="status_entry",
        sqlite_where=sa.text("raised"),
        postgresql_where=sa.text("raised"),
    )
    op.drop_index(op.f("ix_status_entry_credential_id"), table_name="status_entry")
    op.drop_table("status_entry")
    op.drop_table("log_checkpoint")
    op.drop_index(op.f("ix_learner_name_learner_id"), table_name="learner_name")
    op.drop_table("learner_name")
    op.drop_index(
        "uq_learner_identifier_valid",
        table_name="learner_identifier",
        sqlite_where=sa.text("valid_until IS NULL"),
        postgresql_where=sa.text("valid_until IS NULL"),
    )
    op.drop_index(op.f("ix_learner_identifier_learner_id"), table_name="learner_identifier")
    op.drop_table("learner_identifier")
    op.drop_index(op.f("ix_learner_did_learner_id"), table_name="learner_did")
    op.drop_table("learner_did")
    op.drop_index(op.f("ix_enrolment_learner_id"), table_name="enrolment")
    op.drop_table("enrolment")
    op.drop_table("course")
    op.drop_index("ix_award_state", table_name="award")
    op.drop_table("award")
    op.drop_table("assessment_feed")
    op.drop_table("achievement_version")
    op.drop_table("status_list")
    op.drop_index(
        "uq_signing_key_in_use",
        table_name="signing_key",
        sqlite_where=sa.text("retired_at IS NULL AND revoked_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL AND revoked_at IS NULL"),
    )
    op.drop_index(op.f("ix_signing_key_issuer_id"), table_name="signing_key")
    op.drop_table("signing_key")
    op.drop_table("programme")
    op.drop_table("organisation")
    op.drop_index(op.f("ix_learner_issuer_id"), table_name="learner")
    op.drop_table("learner")
    op.drop_index(op.f("ix_import_run_issuer_id"), table_name="import_run")
    op.drop_table("import_run")
    op.drop_table("idempotency_key")
    op.drop_index("ix_event_issuer_seq", table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_audit_issuer_id"), table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("ix_api_key_issuer_id"), table_name="api_key")
    op.drop_table("api_key")
    op.drop_table("achievement")
    op.drop_table("academic_session")
    op.drop_table("issuer")
    op.drop_table("image")

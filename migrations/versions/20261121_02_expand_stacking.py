"""Stacking: rules and their versions, holdings, cases, recognitions, learner records.

Revision: 20261121_02
Follows: 20261121_01
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_02"
down_revision = "20261121_01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "enrolled_achievement",
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("achievement_id", sa.String(length=36), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_enrolled_achievement_achievement_id_achievement")
        ),
        sa.ForeignKeyConstraint(
            ["learner_id"], ["learner.id"], name=op.f("fk_enrolled_achievement_learner_id_learner")
        ),
        sa.PrimaryKeyConstraint("learner_id", "achievement_id", name=op.f("pk_enrolled_achievement")),
    )
    op.create_table(
        "recognition",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("achievement_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_recognition_achievement_id_achievement")
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_recognition_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_recognition_learner_id_learner")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recognition")),
    )
    op.create_index(op.f("ix_recognition_learner_id"), "recognition", ["learner_id"], unique=False)
    op.create_table(
        "record",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("signing_key_id", sa.String(length=36), nullable=False),
        sa.Column("replaces_id", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("log_salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_record_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_record_learner_id_learner")),
        sa.ForeignKeyConstraint(["replaces_id"], ["record.id"], name=op.f("fk_record_replaces_id_record")),
        sa.ForeignKeyConstraint(
            ["signing_key_id"], ["signing_key.id"], name=op.f("fk_record_signing_key_id_signing_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record")),
    )
    op.create_index(op.f("ix_record_learner_id"), "record", ["learner_id"], unique=False)
    op.create_table(
        "stacking_rule",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=99), nullable=False),
        sa.Column("uri", sa.String(length=700), nullable=False),
        sa.Column("achievement_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_stacking_rule_achievement_id_achievement")
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_stacking_rule_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stacking_rule")),
        sa.UniqueConstraint("issuer_id", "key", name=op.f("uq_stacking_rule_issuer_id_key")),
        sa.UniqueConstraint("uri", name=op.f("uq_stacking_rule_uri")),
    )
    op.create_index(op.f("ix_stacking_rule_achievement_id"), "stacking_rule", ["achievement_id"], unique=False)
    op.create_table(
        "stacking_rule_version",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("rule_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.JSON(), nullable=False),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("transition", sa.String(length=16), nullable=True),
        sa.Column("grace_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["stacking_rule.id"], name=op.f("fk_stacking_rule_version_rule_id_stacking_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stacking_rule_version")),
        sa.UniqueConstraint("rule_id", "version", name=op.f("uq_stacking_rule_version_rule_id_version")),
    )
    op.create_table(
        "back_award",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("rule_version_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("after", sa.String(length=36), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("awarded", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_back_award_issuer_id_issuer")),
        sa.ForeignKeyConstraint(
            ["rule_version_id"],
            ["stacking_rule_version.id"],
            name=op.f("fk_back_award_rule_version_id_stacking_rule_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_back_award")),
    )
    op.create_index(op.f("ix_back_award_rule_version_id"), "back_award", ["rule_version_id"], unique=False)
    op.create_table(
        "stacking_pin",
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("rule_id", sa.String(length=36), nullable=False),
        sa.Column("rule_version_id", sa.String(length=36), nullable=False),
        sa.Column("because", sa.String(length=32), nullable=False),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_stacking_pin_learner_id_learner")),
        sa.ForeignKeyConstraint(["rule_id"], ["stacking_rule.id"], name=op.f("fk_stacking_pin_rule_id_stacking_rule")),
        sa.ForeignKeyConstraint(
            ["rule_version_id"],
            ["stacking_rule_version.id"],
            name=op.f("fk_stacking_pin_rule_version_id_stacking_rule_version"),
        ),
        sa.PrimaryKeyConstraint("learner_id", "rule_id", name=op.f("pk_stacking_pin")),
    )
    op.create_table(
        "credential_expiry",
        sa.Column("credential_id", sa.String(length=36), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credential.id"], name=op.f("fk_credential_expiry_credential_id_credential")
        ),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_credential_expiry")),
    )
    op.create_table(
        "holding",
        sa.Column("credential_id", sa.String(length=36), nullable=False),
        sa.Column("award_id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("achievement_id", sa.String(length=36), nullable=False),
        sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("participation_id", sa.String(length=36), nullable=True),
        sa.Column("section_id", sa.String(length=36), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievement.id"], name=op.f("fk_holding_achievement_id_achievement")
        ),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_holding_award_id_award")),
        sa.ForeignKeyConstraint(["credential_id"], ["credential.id"], name=op.f("fk_holding_credential_id_credential")),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_holding_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_holding_learner_id_learner")),
        sa.ForeignKeyConstraint(
            ["participation_id"], ["participation.id"], name=op.f("fk_holding_participation_id_participation")
        ),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_holding_section_id_section")),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_holding")),
    )
    op.create_index("ix_holding_achievement", "holding", ["achievement_id", "learner_id"], unique=False)
    op.create_index("ix_holding_learner_achievement", "holding", ["learner_id", "achievement_id"], unique=False)
    op.create_table(
        "review_case",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("learner_id", sa.String(length=36), nullable=False),
        sa.Column("award_id", sa.String(length=36), nullable=False),
        sa.Column("credential_id", sa.String(length=36), nullable=False),
        sa.Column("policy", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason_code", sa.String(length=64), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("still_met", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=80), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=80), nullable=True),
        sa.Column("resolution", sa.String(length=16), nullable=True),
        sa.Column("resolution_code", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("replacement_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_review_case_award_id_award")),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credential.id"], name=op.f("fk_review_case_credential_id_credential")
        ),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_review_case_issuer_id_issuer")),
        sa.ForeignKeyConstraint(["learner_id"], ["learner.id"], name=op.f("fk_review_case_learner_id_learner")),
        sa.ForeignKeyConstraint(
            ["replacement_id"], ["credential.id"], name=op.f("fk_review_case_replacement_id_credential")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_case")),
    )
    op.create_index(op.f("ix_review_case_award_id"), "review_case", ["award_id"], unique=False)
    op.create_index("ix_review_case_deadline", "review_case", ["state", "deadline"], unique=False)
    op.create_index(
        "ix_review_case_issuer_state", "review_case", ["issuer_id", "state", "opened_at", "id"], unique=False
    )
    op.create_index(op.f("ix_review_case_learner_id"), "review_case", ["learner_id"], unique=False)
    op.create_index(
        "uq_review_case_open",
        "review_case",
        ["award_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "stacking_part",
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("stack_award_id", sa.String(length=36), nullable=False),
        sa.Column("part_award_id", sa.String(length=36), nullable=False),
        sa.Column("credential_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credential.id"], name=op.f("fk_stacking_part_credential_id_credential")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["award_decision.id"], name=op.f("fk_stacking_part_decision_id_award_decision")
        ),
        sa.ForeignKeyConstraint(["part_award_id"], ["award.id"], name=op.f("fk_stacking_part_part_award_id_award")),
        sa.ForeignKeyConstraint(["stack_award_id"], ["award.id"], name=op.f("fk_stacking_part_stack_award_id_award")),
        sa.PrimaryKeyConstraint("decision_id", "credential_id", name=op.f("pk_stacking_part")),
    )
    op.create_index(op.f("ix_stacking_part_part_award_id"), "stacking_part", ["part_award_id"], unique=False)
    op.create_index(op.f("ix_stacking_part_stack_award_id"), "stacking_part", ["stack_award_id"], unique=False)
    op.execute(
        "ALTER TABLE award_decision ADD COLUMN rule_version_id VARCHAR(36) "
        "CONSTRAINT fk_award_decision_rule_version_id_stacking_rule_version REFERENCES stacking_rule_version (id)"
    )  # one statement that both databases understand: SQLite adds no constraint afterwards
    op.create_index("ix_credential_valid_until", "credential", ["valid_until"], unique=False)
    op.create_index(op.f("ix_learner_merged_into_id"), "learner", ["merged_into_id"], unique=False)
    op.execute(
        "ALTER TABLE result ADD COLUMN section_id VARCHAR(36) "
        "CONSTRAINT fk_result_section_id_section REFERENCES section (id)"
    )  # one statement that both databases understand: SQLite adds no constraint afterwards


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("result") as batch:
        batch.drop_column("section_id")
    op.drop_index(op.f("ix_learner_merged_into_id"), table_name="learner")
    op.drop_index("ix_credential_valid_until", table_name="credential")
    with op.batch_alter_table("award_decision") as batch:
        batch.drop_column("rule_version_id")
    op.drop_index(op.f("ix_stacking_part_stack_award_id"), table_name="stacking_part")
    op.drop_index(op.f("ix_stacking_part_part_award_id"), table_name="stacking_part")
    op.drop_table("stacking_part")
    op.drop_index(
        "uq_review_case_open",
        table_name="review_case",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index(op.f("ix_review_case_learner_id"), table_name="review_case")
    op.drop_index("ix_review_case_issuer_state", table_name="review_case")
    op.drop_index("ix_review_case_deadline", table_name="review_case")
    op.drop_index(op.f("ix_review_case_award_id"), table_name="review_case")
    op.drop_table("review_case")
    op.drop_index("ix_holding_learner_achievement", table_name="holding")
    op.drop_index("ix_holding_achievement", table_name="holding")
    op.drop_table("holding")
    op.drop_table("credential_expiry")
    op.drop_table("stacking_pin")
    op.drop_index(op.f("ix_back_award_rule_version_id"), table_name="back_award")
    op.drop_table("back_award")
    op.drop_table("stacking_rule_version")
    op.drop_index(op.f("ix_stacking_rule_achievement_id"), table_name="stacking_rule")
    op.drop_table("stacking_rule")
    op.drop_index(op.f("ix_record_learner_id"), table_name="record")
    op.drop_table("record")
    op.drop_index(op.f("ix_recognition_learner_id"), table_name="recognition")
    op.drop_table("recognition")
    op.drop_table("enrolled_achievement")

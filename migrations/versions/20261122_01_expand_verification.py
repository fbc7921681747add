"""Verification: JWT forms, VC-API documents, registries, lists that were seen, keys of the service itself.

Revision: 20261122_01
Follows: 20261121_02
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_01"
down_revision = "20261121_02"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "registry",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("location", sa.String(length=700), nullable=False),
        sa.Column("anchor_keys", sa.JSON(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry")),
        sa.UniqueConstraint("name", name=op.f("uq_registry_name")),
    )
    op.create_table(
        "seen_list",
        sa.Column("url", sa.String(length=700), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_seen_list")),
    )
    op.create_table(
        "service_key",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("public_multibase", sa.String(length=700), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_key")),
    )
    op.create_index(
        "uq_service_key_in_use",
        "service_key",
        ["purpose"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )

    op.create_table(
        "issued_document",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("issuer_id", sa.String(length=36), nullable=False),
        sa.Column("credential_id", sa.String(length=700), nullable=True),
        sa.Column("signing_key_id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("log_salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_issued_document_issuer_id_issuer")),
        sa.ForeignKeyConstraint(
            ["signing_key_id"], ["signing_key.id"], name=op.f("fk_issued_document_signing_key_id_signing_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_document")),
    )
    op.create_index("ix_issued_document_credential", "issued_document", ["issuer_id", "credential_id"], unique=False)
    op.create_index(op.f("ix_issued_document_issuer_id"), "issued_document", ["issuer_id"], unique=False)

    op.create_table(
        "document_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("raised", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("log_salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk_document_event_document_id_issued_document")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_document_event")),
        sa.UniqueConstraint("id", name=op.f("uq_document_event_id")),
    )
    op.create_index(op.f("ix_document_event_document_id"), "document_event", ["document_id"], unique=False)

    op.create_table(
        "credential_form",
        sa.Column("credential_id", sa.String(length=36), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("signing_key_id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credential.id"], name=op.f("fk_credential_form_credential_id_credential")
        ),
        sa.ForeignKeyConstraint(
            ["signing_key_id"], ["signing_key.id"], name=op.f("fk_credential_form_signing_key_id_signing_key")
        ),
        sa.PrimaryKeyConstraint("credential_id", "format", name=op.f("pk_credential_form")),
    )
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=16), server_default="Ed25519", nullable=False))
        batch_op.alter_column(
            "public_multibase",
            existing_type=sa.VARCHAR(length=200),
            type_=sa.String(length=700),
            existing_nullable=False,
        )


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("signing_key", schema=None) as batch_op:
        batch_op.alter_column(
            "public_multibase",
            existing_type=sa.String(length=700),
            type_=sa.VARCHAR(length=200),
            existing_nullable=False,
        )
        batch_op.drop_column("kind")

    op.drop_table("credential_form")
    op.drop_index(op.f("ix_document_event_document_id"), "document_event")

    op.drop_table("document_event")
    op.drop_index(op.f("ix_issued_document_issuer_id"), "issued_document")
    op.drop_index("ix_issued_document_credential", "issued_document")

    op.drop_table("issued_document")
    op.drop_index(
        "uq_service_key_in_use",
        "service_key",
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )

    op.drop_table("service_key")
    op.drop_table("seen_list")
    op.drop_table("registry")

"""Growth: what is looked up for every result or list has an index, also when there are a million.

Revision: 20261122_02
Follows: 20261122_01
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_02"
down_revision = "20261122_01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index(op.f("ix_learner_did_did"), "learner_did", ["did"])
    op.create_index(op.f("ix_assessment_feed_achievement_id"), "assessment_feed", ["achievement_id"])
    op.create_index(
        "ix_status_entry_list_raised",
        "status_entry",
        ["list_id", "raised", "position"],
        sqlite_where=sa.text("raised"),
        postgresql_where=sa.text("raised"),
    )
    op.drop_index("ix_status_entry_raised", table_name="status_entry")


def downgrade() -> None:
    """Take back."""
    op.create_index(
        "ix_status_entry_raised",
        "status_entry",
        ["list_id"],
        sqlite_where=sa.text("raised"),
        postgresql_where=sa.text("raised"),
    )
    op.drop_index("ix_status_entry_list_raised", table_name="status_entry")
    op.drop_index(op.f("ix_assessment_feed_achievement_id"), table_name="assessment_feed")
    op.drop_index(op.f("ix_learner_did_did"), table_name="learner_did")

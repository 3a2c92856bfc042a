"""Whose work an application is, and which ones are nobody's."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

IS_UNASSIGNED = "assignee_id is null and state not in ('closed','no_offer','rejected','withdrawn','expired')"


def upgrade() -> None:
    op.add_column("application", sa.Column("assignee_id", sa.Uuid(), nullable=True))
    op.add_column("application", sa.Column("is_unassigned", sa.Boolean(), sa.Computed(IS_UNASSIGNED, persisted=False)))
    op.create_index("ix_application_assignee", "application", ["assignee_id", "updated_at", "id", "market"])
    op.create_index("ix_application_unassigned", "application", ["is_unassigned", "updated_at", "id", "market"])
    # Every value is NULL still: without the check of the rows there are, the table is not copied.
    op.execute("SET SESSION foreign_key_checks = 0")
    op.create_foreign_key("fk_application_assignee_id", "application", "staff", ["assignee_id"], ["id"])
    op.execute("SET SESSION foreign_key_checks = 1")


def downgrade() -> None:
    op.drop_constraint("fk_application_assignee_id", "application", type_="foreignkey")
    op.drop_index("ix_application_unassigned", "application")
    op.drop_index("ix_application_assignee", "application")
    op.drop_column("application", "is_unassigned")
    op.drop_column("application", "assignee_id")

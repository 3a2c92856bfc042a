"""The branch that each person looked at last."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "last_branch",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("branch_code", columns.code(16), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_last_branch")),
    )


def downgrade() -> None:
    op.drop_table("last_branch")

"""Branches that hand over outside their hours, and how long they need for a vehicle that came back."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "location", sa.Column("allows_out_of_hours", sa.Boolean(), server_default=sa.text("0"), nullable=False)
    )

    op.add_column(
        "location", sa.Column("turnaround_minutes", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("location", "turnaround_minutes")
    op.drop_column("location", "allows_out_of_hours")

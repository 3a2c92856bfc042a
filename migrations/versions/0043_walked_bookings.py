"""Bookings that take the place of others."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("replaces_id", sa.Uuid(), nullable=True))
    op.create_index("ix_booking_replaces", "booking", ["replaces_id"])


def downgrade() -> None:
    op.drop_index("ix_booking_replaces", "booking")
    op.drop_column("booking", "replaces_id")

"""Quotes for those whose car was lost: what is booked takes the place of a booking."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quote", sa.Column("replaces_booking_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("quote", "replaces_booking_id")

"""What is taken with a booking, and the quote that it was made from."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("choices", columns.document(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("booking", sa.Column("quote_id", sa.Uuid(), nullable=True))
    op.create_index("uq_booking_quote", "booking", ["quote_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_booking_quote", "booking")
    op.drop_column("booking", "quote_id")
    op.drop_column("booking", "choices")

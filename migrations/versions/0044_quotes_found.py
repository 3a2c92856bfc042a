"""Quotes are found by their class."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

INDEX = "ix_quote_class"


def upgrade() -> None:
    op.create_index(INDEX, "quote", ["class_code", "created_at", "id", "market", "pickup_location"])


def downgrade() -> None:
    op.drop_index(INDEX, "quote")

"""Whom people call when a supplier's machine does not say."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("supplier", sa.Column("phone", sa.String(length=40), server_default="", nullable=False))
    op.alter_column("supplier", "phone", existing_type=sa.String(length=40), server_default=None)


def downgrade() -> None:
    op.drop_column("supplier", "phone")

"""Which approval a row of a bulk run asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bulk_row", sa.Column("approval_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("bulk_row", "approval_id")

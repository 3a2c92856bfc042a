"""Which batch a booking came with."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("batch", columns.code(32), nullable=True))


def downgrade() -> None:
    op.drop_column("booking", "batch")

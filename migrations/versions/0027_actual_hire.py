"""When a vehicle really left and really came back."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("picked_up_at", columns.moment(), nullable=True))
    op.add_column("booking", sa.Column("returned_at", columns.moment(), nullable=True))


def downgrade() -> None:
    op.drop_column("booking", "returned_at")
    op.drop_column("booking", "picked_up_at")

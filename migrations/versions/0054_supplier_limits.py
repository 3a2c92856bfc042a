"""What a supplier never hires out, so that it is not asked for it."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("supplier", sa.Column("limits", columns.document(), server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    op.drop_column("supplier", "limits")

"""Where people get their vehicle: in the terminal, by shuttle, met with it, or at the branch."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("location", sa.Column("delivery", columns.choice(), nullable=False, server_default="at_branch"))
    op.add_column("location", sa.Column("delivery_note", sa.String(length=300), nullable=True))
    op.add_column("supplier_branch", sa.Column("delivery", columns.choice(), nullable=True))


def downgrade() -> None:
    op.drop_column("supplier_branch", "delivery")
    op.drop_column("location", "delivery_note")
    op.drop_column("location", "delivery")

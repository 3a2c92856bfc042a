"""Changes and cancellations that a supplier is asked for, the drift of its price, and terms of a booking that wait."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("supplier_reservation", sa.Column("amendment", columns.document(), nullable=True))
    op.add_column("supplier_reservation", sa.Column("cancel_asked_at", columns.moment(), nullable=True))
    op.add_column(
        "supplier_reservation",
        sa.Column("drift", columns.document(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.add_column("booking", sa.Column("pending_terms", columns.document(), nullable=True))


def downgrade() -> None:
    op.drop_column("booking", "pending_terms")
    op.drop_column("supplier_reservation", "drift")
    op.drop_column("supplier_reservation", "cancel_asked_at")
    op.drop_column("supplier_reservation", "amendment")

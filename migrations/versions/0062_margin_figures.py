"""What suppliers' cars earn is counted by month, so that its page reads no bookings."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "margin_figure",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("location_code", columns.code(16), nullable=False),
        sa.Column("bookings", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("unkept", sa.Integer(), nullable=False),
        sa.Column("retail_minor", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("commission_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "month", "supplier_id", "currency", "market", "location_code", name=op.f("pk_margin_figure")
        ),
    )


def downgrade() -> None:
    op.drop_table("margin_figure")

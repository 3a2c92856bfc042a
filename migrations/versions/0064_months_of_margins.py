"""Of which bookings a month of margins was counted, so that it is counted again only when they changed."""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "margin_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("bookings", sa.Integer(), nullable=False),
        sa.Column("versions", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_margin_month")),
    )


def downgrade() -> None:
    op.drop_table("margin_month")

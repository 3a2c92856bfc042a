"""Figures of each day, and how late vehicles come back."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

COUNTED = ("booked", "pickups", "cancelled", "no_shows")


def upgrade() -> None:
    op.create_table(
        "day_figure",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("location_code", columns.code(16), nullable=False),
        sa.Column("class_code", columns.code(4), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("rented_minutes", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("revenue_minor", sa.BigInteger(), nullable=False, server_default="0"),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in COUNTED),
        sa.PrimaryKeyConstraint("day", "location_code", "class_code", "currency", name=op.f("pk_day_figure")),
    )
    op.create_index("ix_day_figure_market", "day_figure", ["market", "day"])
    op.create_table(
        "day_fleet",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("location_code", columns.code(16), nullable=False),
        sa.Column("class_code", columns.code(4), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("vehicles", sa.Integer(), nullable=False),
        sa.Column("available_minutes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "location_code", "class_code", name=op.f("pk_day_fleet")),
    )
    op.create_table(
        "return_delay",
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("location_code", columns.code(16), nullable=False),
        sa.Column("class_code", columns.code(4), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("market", "location_code", "class_code", "step", name=op.f("pk_return_delay")),
    )
    op.create_table(
        "figure_state",
        sa.Column("kind", columns.code(16), nullable=False),
        sa.Column("counted_at", columns.moment(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_figure_state")),
    )


def downgrade() -> None:
    for table in ("figure_state", "return_delay", "day_fleet", "day_figure"):
        op.drop_table(table)

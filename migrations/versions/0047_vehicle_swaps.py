"""Vehicles that took the place of others during a hire, and what was read in both."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vehicle_swap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("swapped_at", columns.moment(), nullable=False),
        sa.Column("swapped_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("taken_id", sa.Uuid(), nullable=False),
        sa.Column("taken_km", sa.Integer(), nullable=True),
        sa.Column("taken_fuel_percent", sa.SmallInteger(), nullable=True),
        sa.Column("given_id", sa.Uuid(), nullable=False),
        sa.Column("given_km", sa.Integer(), nullable=True),
        sa.Column("given_fuel_percent", sa.SmallInteger(), nullable=True),
        sa.Column("is_battery", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_vehicle_swap_booking_id")),
        sa.ForeignKeyConstraint(["taken_id"], ["vehicle.id"], name=op.f("fk_vehicle_swap_taken_id")),
        sa.ForeignKeyConstraint(["given_id"], ["vehicle.id"], name=op.f("fk_vehicle_swap_given_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle_swap")),
    )
    op.create_index("uq_vehicle_swap_number", "vehicle_swap", ["booking_id", "number"], unique=True)
    op.create_index("ix_vehicle_swap_taken", "vehicle_swap", ["taken_id", "swapped_at"])


def downgrade() -> None:
    op.drop_table("vehicle_swap")

"""Fines and tolls of vehicles."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None
SCOPE = ("id", "market", "branch")


def upgrade() -> None:
    op.create_table(
        "fine",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("reference", columns.code(12), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("branch", columns.code(16), nullable=True),
        sa.Column("kind", columns.choice(), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("authority", sa.String(length=120), nullable=False),
        sa.Column("authority_reference", sa.String(length=60), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_name", sa.String(length=120), nullable=False),
        sa.Column("happened_local", sa.DateTime(), nullable=False),
        sa.Column("time_zone", columns.code(64), nullable=False),
        sa.Column("happened_at", columns.moment(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("booking_reference", columns.code(12), nullable=True),
        sa.Column("driver_name", sa.String(length=160), nullable=False),
        sa.Column("charge_id", sa.Uuid(), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_fine_vehicle_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_fine_booking_id")),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_fine_charge_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_fine_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fine")),
        sa.UniqueConstraint("reference", name=op.f("uq_fine_reference")),
    )
    op.create_index("uq_fine_authority", "fine", ["authority", "authority_reference"], unique=True)
    op.create_index("ix_fine_updated_at", "fine", ["updated_at", *SCOPE])
    op.create_index("ix_fine_state", "fine", ["state", "updated_at", *SCOPE])
    op.create_index("ix_fine_vehicle", "fine", ["vehicle_id", "updated_at", *SCOPE])
    op.create_index("ix_fine_booking", "fine", ["booking_id", "id"])


def downgrade() -> None:
    op.drop_table("fine")

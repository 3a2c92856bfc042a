"""Bookings, and the terms that they had before."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SCOPE = ["market", "pickup_location"]
INDICES = {
    **{
        f"ix_booking_{order}": [order, "id", *SCOPE]
        for order in ("updated_at", "created_at", "pickup_at", "return_at", "total_minor")
    },
    "ix_booking_state": ["state", "pickup_at", "id", *SCOPE],
    "ix_booking_branch": ["pickup_location", "pickup_at", "id", "market"],
    "ix_booking_return_branch": ["return_location", "return_at", "id", "market"],
    "ix_booking_customer": ["customer_id", "pickup_at", "id", *SCOPE],
    "ix_booking_vehicle": ["vehicle_id", "pickup_at", "id", *SCOPE],
    "ix_booking_driver": ["driver_name"],
    "ix_booking_phone": ["driver_phone"],
    "ix_booking_supplier_reference": ["supplier_reference"],
}
TARGETS = {
    "customer_id": "customer.id",
    "pickup_location": "location.code",
    "return_location": "location.code",
    "vehicle_id": "vehicle.id",
}


def upgrade() -> None:
    op.create_table(
        "booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("reference", columns.code(12), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("source", columns.choice(), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("driver_name", sa.String(160), nullable=False),
        sa.Column("driver_phone", columns.code(20), nullable=True),
        sa.Column("driver_email", sa.String(254), nullable=True),
        sa.Column("driver_born_on", sa.Date(), nullable=True),
        *_ends(),
        sa.Column("class_code", columns.code(4), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_currency", columns.code(3), nullable=False),
        sa.Column("price_lines", columns.document(), nullable=False),
        sa.Column("rate_snapshot", columns.document(), nullable=False),
        sa.Column("fee_windows", columns.document(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("cancel_requested_at", columns.moment(), nullable=True),
        sa.Column("terms_number", sa.Integer(), nullable=False),
        sa.Column("supplier_reference", columns.code(40), nullable=True),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.Column("tags", columns.document(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_booking_{column}"))
            for column, target in TARGETS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("reference", name=op.f("uq_booking_reference")),
    )
    for name, named in INDICES.items():
        op.create_index(name, "booking", named)
    op.create_table(
        "booking_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("terms", columns.document(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_currency", columns.code(3), nullable=False),
        sa.Column("replaced_at", columns.moment(), nullable=False),
        sa.Column("replaced_by", sa.String(120), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_booking_terms_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_terms")),
    )
    op.create_index("uq_booking_terms_number", "booking_terms", ["booking_id", "number"], unique=True)


def downgrade() -> None:
    op.drop_table("booking_terms")
    op.drop_table("booking")


def _ends() -> list[sa.Column]:
    return [
        column
        for end in ("pickup", "return")
        for column in (
            sa.Column(f"{end}_location", columns.code(16), nullable=False),
            sa.Column(f"{end}_local", sa.DateTime(), nullable=False),
            sa.Column(f"{end}_zone", columns.code(64), nullable=False),
            sa.Column(f"{end}_at", columns.moment(), nullable=False),
        )
    ]

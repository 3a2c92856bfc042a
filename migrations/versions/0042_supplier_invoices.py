"""Invoices of suppliers and their lines; the fee of a reservation is frozen when its cancellation is asked for."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def record_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
    ]


def upgrade() -> None:
    op.add_column("supplier_reservation", sa.Column("fee_minor", sa.Integer(), nullable=True))
    op.create_index("ix_supplier_reservation_number", "supplier_reservation", ["supplier_id", "supplier_number"])
    op.create_index("ix_supplier_reservation_pickup", "supplier_reservation", ["supplier_id", "pickup_local"])
    op.create_table(
        "supplier_invoice",
        *record_columns(),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("number", columns.exact(64), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_invoice_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_invoice")),
    )
    op.create_index("uq_supplier_invoice_number", "supplier_invoice", ["supplier_id", "number"], unique=True)
    op.create_index("ix_supplier_invoice_issued", "supplier_invoice", ["issued_on", "id", "market"])
    create_lines()


def create_lines() -> None:
    op.create_table(
        "supplier_invoice_line",
        *record_columns(),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("row_key", columns.exact(120), nullable=False),
        sa.Column("supplier_number", columns.exact(64), nullable=False),
        sa.Column("our_reference", columns.exact(16), nullable=False),
        sa.Column("driver", sa.String(length=160), nullable=False),
        sa.Column("pickup_on", sa.Date(), nullable=True),
        sa.Column("return_on", sa.Date(), nullable=True),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("tax_percent", sa.Numeric(precision=6, scale=3), nullable=True),
        sa.Column("exchange_rate", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("agreed_rate", sa.Numeric(precision=18, scale=8), nullable=True),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("matched_by", columns.choice(), nullable=False),
        sa.Column("expected_minor", sa.BigInteger(), nullable=False),
        sa.Column("cause", columns.choice(), nullable=True),
        sa.Column("parts", columns.document(), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("decided_at", columns.moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["supplier_invoice.id"], name=op.f("fk_supplier_invoice_line_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["reservation_id"], ["supplier_reservation.id"], name=op.f("fk_supplier_invoice_line_reservation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_invoice_line")),
    )
    for name, indexed, is_unique in (
        ("uq_supplier_invoice_line_key", ["invoice_id", "row_key"], True),
        ("ix_supplier_invoice_line_invoice", ["invoice_id", "id"], False),
        ("ix_supplier_invoice_line_state", ["state", "id", "market"], False),
        ("ix_supplier_invoice_line_reservation", ["reservation_id"], False),
    ):
        op.create_index(name, "supplier_invoice_line", indexed, unique=is_unique)


def downgrade() -> None:
    op.drop_table("supplier_invoice_line")
    op.drop_table("supplier_invoice")
    op.drop_index("ix_supplier_reservation_pickup", "supplier_reservation")
    op.drop_index("ix_supplier_reservation_number", "supplier_reservation")
    op.drop_column("supplier_reservation", "fee_minor")

"""Invoices of hires, and the series of their numbers."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invoice_series",
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("market", "year", name=op.f("pk_invoice_series")),
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", columns.code(20), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", columns.moment(), nullable=False),
        sa.Column("issued_by", sa.String(length=120), nullable=False),
        sa.Column("customer", columns.document(), nullable=False),
        sa.Column("lines", columns.document(), nullable=False),
        sa.Column("vat_percent", columns.code(8), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_invoice_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_invoice_booking_id")),
    )


def downgrade() -> None:
    op.drop_table("invoice")
    op.drop_table("invoice_series")

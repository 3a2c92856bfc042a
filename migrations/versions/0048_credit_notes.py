"""Several invoices for one booking, credit notes with a series of their own, and tax by rate."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None
EARLIER = """
UPDATE invoice SET taxes = JSON_ARRAY(JSON_OBJECT(
  'percent', vat_percent, 'net_minor', net_minor, 'tax_minor', tax_minor, 'gross_minor', gross_minor
))
"""


def upgrade() -> None:
    op.create_index("ix_invoice_booking", "invoice", ["booking_id", "id"])
    op.drop_constraint("uq_invoice_booking_id", "invoice", type_="unique")
    op.add_column("invoice", sa.Column("kind", columns.choice(), server_default="invoice", nullable=False))
    op.add_column("invoice", sa.Column("refers_to_id", sa.Uuid(), nullable=True))
    op.add_column("invoice", sa.Column("reason", sa.String(length=500), server_default="", nullable=False))
    op.add_column("invoice", sa.Column("taxes", columns.document(), nullable=True))
    op.execute(EARLIER)
    op.alter_column("invoice", "taxes", existing_type=columns.document(), nullable=False)
    op.create_foreign_key(op.f("fk_invoice_refers_to_id"), "invoice", "invoice", ["refers_to_id"], ["id"])
    op.add_column("invoice_series", sa.Column("kind", columns.choice(), server_default="invoice", nullable=False))
    op.execute("ALTER TABLE invoice_series DROP PRIMARY KEY, ADD PRIMARY KEY (market, year, kind)")


def downgrade() -> None:
    op.execute("DELETE FROM invoice_series WHERE kind <> 'invoice'")
    op.execute("ALTER TABLE invoice_series DROP PRIMARY KEY, ADD PRIMARY KEY (market, year)")
    op.drop_column("invoice_series", "kind")
    op.drop_constraint(op.f("fk_invoice_refers_to_id"), "invoice", type_="foreignkey")
    op.execute("DELETE FROM invoice WHERE kind <> 'invoice'")
    for name in ("taxes", "reason", "refers_to_id", "kind"):
        op.drop_column("invoice", name)
    op.create_unique_constraint(op.f("uq_invoice_booking_id"), "invoice", ["booking_id"])
    op.drop_index("ix_invoice_booking", "invoice")

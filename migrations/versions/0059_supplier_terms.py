"""Terms with suppliers: sheets that count from a day on once somebody has agreed to them."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "supplier_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.String(120), nullable=False),
        sa.Column("agreed_by_name", sa.String(120), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("lines", columns.document(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("agreed_at", columns.moment(), nullable=True),
        sa.CheckConstraint("(state = 'in_force') = (agreed_at IS NOT NULL)", name=op.f("ck_supplier_terms_agreed")),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_terms_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_terms")),
    )
    op.create_index("ix_supplier_terms_valid", "supplier_terms", ["valid_from", "id"])
    op.create_index("ix_supplier_terms_supplier", "supplier_terms", ["supplier_id", "valid_from", "agreed_at"])


def downgrade() -> None:
    op.drop_table("supplier_terms")

"""Exchange rates come in sheets: of any pair, with their source, counting once somebody has agreed."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_rate_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.String(120), nullable=False),
        sa.Column("agreed_by_name", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rate_sheet")),
    )
    op.create_index("ix_exchange_rate_sheet_valid", "exchange_rate_sheet", ["valid_from", "id"])
    # No page has ever entered a rate, and what offers were compared by is kept with each search.
    op.drop_table("exchange_rate")
    op.create_table(
        "exchange_rate",
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("base", columns.code(3), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(18, 8), nullable=False),
        sa.Column("agreed_at", columns.moment(), nullable=True),
        sa.CheckConstraint("rate > 0", name=op.f("ck_exchange_rate_worth")),
        sa.ForeignKeyConstraint(["sheet_id"], ["exchange_rate_sheet.id"], name=op.f("fk_exchange_rate_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", "base", "currency", name=op.f("pk_exchange_rate")),
    )
    op.create_index("ix_exchange_rate_valid", "exchange_rate", ["valid_from", "agreed_at", "base", "currency", "rate"])
    op.add_column("quote", sa.Column("currencies", columns.document(), nullable=True))


def downgrade() -> None:
    op.drop_column("quote", "currencies")
    op.drop_table("exchange_rate")
    op.create_table(
        "exchange_rate",
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("per_euro", sa.Numeric(18, 8), nullable=False),
        sa.CheckConstraint("per_euro > 0", name=op.f("ck_exchange_rate_worth")),
        sa.PrimaryKeyConstraint("currency", "valid_from", name=op.f("pk_exchange_rate")),
    )
    op.drop_table("exchange_rate_sheet")

"""Car searches with what each source answered, exchange rates, and how much is asked for by day."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "car_search",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        *(sa.Column(name, columns.document(), nullable=False) for name in ("locations", "question", "notes", "rates")),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        *(sa.Column(name, columns.moment(), nullable=False) for name in ("created_at", "deadline_at", "expires_at")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_car_search")),
    )
    op.create_index("ix_car_search_expires_at", "car_search", ["expires_at"])
    op.create_table(
        "car_search_answer",
        sa.Column("search_id", sa.Uuid(), nullable=False),
        sa.Column("source", columns.code(32), nullable=False),
        sa.Column("pickup_location", columns.code(16), nullable=False),
        sa.Column("source_name", sa.String(120), nullable=False),
        sa.Column("content", columns.document(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["search_id"], ["car_search.id"], name=op.f("fk_car_search_answer_search_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("search_id", "source", "pickup_location", name=op.f("pk_car_search_answer")),
    )
    op.create_table(
        "exchange_rate",
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("per_euro", sa.Numeric(18, 8), nullable=False),
        sa.CheckConstraint("per_euro > 0", name=op.f("ck_exchange_rate_worth")),
        sa.PrimaryKeyConstraint("currency", "valid_from", name=op.f("pk_exchange_rate")),
    )
    op.create_table(
        "search_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("location_code", columns.code(16), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("searches", "without_offer", "quotes", "bookings")
        ),
        sa.PrimaryKeyConstraint("day", "location_code", name=op.f("pk_search_day")),
    )


def downgrade() -> None:
    for table in ("search_day", "exchange_rate", "car_search_answer", "car_search"):
        op.drop_table(table)

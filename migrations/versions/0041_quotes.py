"""Quotes: a hire at a price that is frozen for a quarter of an hour."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("reference", columns.code(12), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("source", columns.code(32), nullable=False),
        sa.Column("source_name", sa.String(120), nullable=False),
        *_end("pickup"),
        *_end("return"),
        sa.Column("class_code", columns.code(4), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("driver_age", sa.SmallInteger(), nullable=False),
        sa.Column("residence", columns.code(2), nullable=False),
        sa.Column("choices", columns.document(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_currency", columns.code(3), nullable=False),
        *(
            sa.Column(name, columns.document(), nullable=False)
            for name in ("price_lines", "rate_snapshot", "fee_windows", "stages", "offer")
        ),
        sa.Column("rate_key", columns.exact(500), nullable=False),
        sa.Column("expires_at", columns.moment(), nullable=False),
        *(
            sa.Column(name, sa.Uuid(), nullable=True)
            for name in ("replaces_id", "replaced_by_id", "booking_id", "created_by")
        ),
        *(
            sa.ForeignKeyConstraint([f"{name}_location"], ["location.code"], name=op.f(f"fk_quote_{name}_location"))
            for name in ("pickup", "return")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("reference", name=op.f("uq_quote_reference")),
    )
    op.create_index("ix_quote_created_at", "quote", ["created_at", "id", "market", "pickup_location"])
    op.create_index("ix_quote_due", "quote", ["state", "expires_at"])
    op.create_index("ix_quote_state", "quote", ["state", "created_at", "id", "market", "pickup_location"])
    op.create_index("ix_quote_market", "quote", ["market", "created_at", "id", "pickup_location"])
    op.create_index("ix_quote_source", "quote", ["source", "created_at", "id", "market", "pickup_location"])
    op.create_index("ix_quote_branch", "quote", ["pickup_location", "created_at", "id", "market"])
    op.create_index("uq_quote_booking", "quote", ["booking_id"], unique=True)


def _end(name: str) -> list[sa.Column[object]]:
    return [
        sa.Column(f"{name}_location", columns.code(16), nullable=False),
        sa.Column(f"{name}_local", sa.DateTime(), nullable=False),
        sa.Column(f"{name}_zone", columns.code(64), nullable=False),
        sa.Column(f"{name}_at", columns.moment(), nullable=False),
    ]


def downgrade() -> None:
    op.drop_table("quote")

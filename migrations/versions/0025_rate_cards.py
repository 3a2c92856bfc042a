"""Rate cards and their versions."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_card",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("brand", columns.code(40), nullable=False),
        sa.Column("acriss", columns.code(4), nullable=False),
        sa.Column("branches", columns.code(250), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("newest_number", sa.Integer(), nullable=False),
        sa.Column("draft_number", sa.Integer(), nullable=True),
        sa.Column("draft_digest", columns.code(64), nullable=False),
        sa.Column("active_number", sa.Integer(), nullable=True),
        sa.Column("active_from", sa.Date(), nullable=True),
        sa.Column("next_number", sa.Integer(), nullable=True),
        sa.Column("next_from", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_card")),
        sa.Index("uq_rate_card_scope", "market", "brand", "acriss", "branches", unique=True),
        sa.Index("ix_rate_card_updated_at", "updated_at", "id", "market"),
        sa.Index("ix_rate_card_name", "name", "id", "market"),
        sa.Index("ix_rate_card_acriss", "acriss", "id", "market"),
        sa.Index("ix_rate_card_state", "state", "updated_at", "id", "market"),
        sa.Index("ix_rate_card_market", "market", "updated_at", "id"),
    )
    op.create_table(
        "rate_card_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rate_card_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("terms", columns.document(), nullable=False),
        sa.Column("made_by_name", sa.String(length=200), nullable=False),
        sa.Column("made_at", columns.moment(), nullable=False),
        sa.Column("approved_by_name", sa.String(length=200), nullable=True),
        sa.Column("approved_at", columns.moment(), nullable=True),
        sa.CheckConstraint("valid_until is null or valid_until >= valid_from", name=op.f("ck_rate_card_version_dates")),
        sa.ForeignKeyConstraint(["rate_card_id"], ["rate_card.id"], name=op.f("fk_rate_card_version_rate_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_card_version")),
        sa.Index("uq_rate_card_version_number", "rate_card_id", "number", unique=True),
        sa.Index("ix_rate_card_version_due", "state", "valid_from", "valid_until"),
    )


def downgrade() -> None:
    op.drop_table("rate_card_version")
    op.drop_table("rate_card")

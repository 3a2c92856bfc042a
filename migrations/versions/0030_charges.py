"""Charges, and what was asked of the payment provider about them."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SOUND = (
    "0 <= refunded_minor AND refunded_minor <= captured_minor AND captured_minor <= held_minor "
    "AND held_minor <= amount_minor AND amount_minor > 0"
)


def upgrade() -> None:
    op.create_table(
        "charge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("reference", columns.code(12), nullable=False),
        sa.Column("subject_kind", columns.code(32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_name", sa.String(length=120), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("branch", columns.code(16), nullable=True),
        sa.Column("purpose", columns.choice(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("held_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("payment_token", columns.exact(64), nullable=True),
        sa.Column("card_words", sa.String(length=40), nullable=False),
        sa.Column("provider_number", columns.exact(64), nullable=True),
        sa.Column("covered_by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(SOUND, name=op.f("ck_charge_sound")),
        sa.ForeignKeyConstraint(["covered_by_id"], ["charge.id"], name=op.f("fk_charge_covered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint("reference", name=op.f("uq_charge_reference")),
    )
    scope = ["market", "branch"]
    op.create_index("ix_charge_updated_at", "charge", ["updated_at", "id", *scope], unique=False)
    op.create_index("ix_charge_state", "charge", ["state", "updated_at", "id", *scope], unique=False)
    op.create_index("ix_charge_subject", "charge", ["subject_kind", "subject_id", "id"], unique=False)
    op.create_index("ix_charge_subject_id", "charge", ["subject_id", "updated_at", "id", *scope], unique=False)
    create_operations()


def create_operations() -> None:
    open_key = sa.Computed("IF(state IN ('pending', 'unknown'), charge_id, NULL)", persisted=True)
    op.create_table(
        "charge_operation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("charge_id", sa.Uuid(), nullable=False),
        sa.Column("kind", columns.choice(), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("covers", columns.document(), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", columns.moment(), nullable=False),
        sa.Column("sent_at", columns.moment(), nullable=True),
        sa.Column("ended_at", columns.moment(), nullable=True),
        sa.Column("polls", sa.SmallInteger(), nullable=False),
        sa.Column("next_poll_at", columns.moment(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("open_key", sa.Uuid(), open_key, nullable=True),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_charge_operation_charge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge_operation")),
    )
    op.create_index("uq_charge_operation_open", "charge_operation", ["open_key"], unique=True)
    op.create_index("ix_charge_operation_charge", "charge_operation", ["charge_id", "id"], unique=False)
    op.create_index("ix_charge_operation_due", "charge_operation", ["state", "next_poll_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("charge_operation")
    op.drop_table("charge")

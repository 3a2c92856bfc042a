"""Requests that wait for somebody else's consent."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DECISIONS = "'approved','executed','failed','rejected'"


def upgrade() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("reference", columns.code(16), nullable=False),
        sa.Column("kind", columns.code(64), nullable=False),
        sa.Column("seen_with", columns.code(64), nullable=False),
        sa.Column("decided_with", columns.code(64), nullable=False),
        sa.Column("subject_kind", columns.code(32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_title", sa.String(length=200), nullable=False),
        sa.Column("market", columns.code(2), nullable=True),
        sa.Column("branch_code", columns.code(16), nullable=True),
        sa.Column("payload", columns.document(), nullable=False),
        sa.Column("changes", columns.document(), nullable=False),
        sa.Column("digest", columns.code(64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("amount_currency", columns.code(3), nullable=True),
        sa.Column("why", sa.String(length=1000), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("maker_id", sa.Uuid(), nullable=True),
        sa.Column("maker_name", sa.String(length=200), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=True),
        sa.Column("approver_name", sa.String(length=200), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("expires_at", columns.moment(), nullable=False),
        sa.Column("closed_at", columns.moment(), nullable=True),
        sa.Column("executed_at", columns.moment(), nullable=True),
        sa.Column(
            "live_key",
            columns.code(128),
            sa.Computed("case when `state` = 'pending' then concat(`kind`,':',`subject_id`) end", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint(
            "approver_id IS NULL OR maker_id IS NULL OR approver_id <> maker_id", name=op.f("ck_approval_four_eyes")
        ),
        sa.CheckConstraint("approver_id IS NULL OR approver_id <> subject_id", name=op.f("ck_approval_not_own_rights")),
        sa.CheckConstraint(
            f"(state IN ({DECISIONS})) = (approver_id IS NOT NULL)", name=op.f("ck_approval_decided_by_somebody")
        ),
        sa.CheckConstraint("(state = 'executed') = (executed_at IS NOT NULL)", name=op.f("ck_approval_executed_once")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index("ix_approval_expires_at", "approval", ["state", "expires_at", "id"], unique=False)
    op.create_index("ix_approval_maker", "approval", ["maker_id", "id"], unique=False)
    op.create_index("ix_approval_state", "approval", ["state", "id"], unique=False)
    op.create_index("ix_approval_subject", "approval", ["subject_kind", "subject_id", "state"], unique=False)
    op.create_index(op.f("uq_approval_live_key"), "approval", ["live_key"], unique=True)
    op.create_index(op.f("uq_approval_reference"), "approval", ["reference"], unique=True)


def downgrade() -> None:
    op.drop_table("approval")

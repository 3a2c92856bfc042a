"""Accounts of the identity provider, and emergency accounts beside them."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("is_emergency", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "staff_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", columns.exact(255), nullable=False),
        sa.Column("subject", columns.exact(255), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("linked_at", columns.moment(), nullable=False),
        sa.Column("last_used_at", columns.moment(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_identity_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_identity")),
    )
    op.create_index("uq_staff_identity_subject", "staff_identity", ["issuer", "subject"], unique=True)
    op.create_index("uq_staff_identity_staff", "staff_identity", ["staff_id", "issuer"], unique=True)


def downgrade() -> None:
    op.drop_table("staff_identity")
    op.drop_column("staff", "is_emergency")

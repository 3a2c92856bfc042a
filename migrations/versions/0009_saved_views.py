"""How people want their lists, and the views that they saved."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "list_preference",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("list_key", columns.code(32), nullable=False),
        sa.Column("columns", columns.document(), nullable=False),
        sa.Column("density", columns.choice(16), nullable=False),
        sa.Column("page_size", sa.Integer(), nullable=False),
        sa.Column("default_view", columns.code(36), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "list_key", name=op.f("pk_list_preference")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("list_key", columns.code(32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("filters", columns.document(), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("sort", columns.code(48), nullable=False),
        sa.Column("columns", columns.document(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index("uq_saved_view_name", "saved_view", ["owner_id", "list_key", "name"], unique=True)
    op.create_index("ix_saved_view_shared", "saved_view", ["list_key", "is_shared", "position"], unique=False)


def downgrade() -> None:
    op.drop_table("saved_view")
    op.drop_table("list_preference")

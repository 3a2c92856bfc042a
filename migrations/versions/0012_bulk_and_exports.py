"""Runs over many records with their rows, and exports."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("kind", columns.code(32), nullable=False),
        sa.Column("action", columns.code(64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", columns.choice(32), nullable=False),
        sa.Column("query", sa.String(length=4000), nullable=False),
        sa.Column("ids", columns.document(), nullable=False),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("pending_count", sa.Integer(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.Column("finished_at", columns.moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_run")),
    )
    op.create_index("ix_bulk_run_created_at", "bulk_run", ["created_at", "kind"], unique=False)
    op.create_index("ix_bulk_run_creator", "bulk_run", ["created_by", "created_at"], unique=False)
    op.create_index("ix_bulk_run_state", "bulk_run", ["state", "created_at"], unique=False)
    op.create_table(
        "bulk_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("result", columns.choice(32), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("at", columns.moment(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["bulk_run.id"], name=op.f("fk_bulk_row_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_row")),
    )
    op.create_index("ix_bulk_row_result", "bulk_row", ["run_id", "result", "number"], unique=False)
    op.create_index("uq_bulk_row_number", "bulk_row", ["run_id", "number"], unique=True)
    op.create_table(
        "export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("kind", columns.code(32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("format", columns.choice(8), nullable=False),
        sa.Column("has_mark", sa.Boolean(), nullable=False),
        sa.Column("columns", columns.document(), nullable=False),
        sa.Column("query", sa.String(length=4000), nullable=False),
        sa.Column("ids", columns.document(), nullable=False),
        sa.Column("state", columns.choice(32), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.Column("expires_at", columns.moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_index("ix_export_creator", "export", ["created_by", "created_at"], unique=False)
    op.create_index("ix_export_expires_at", "export", ["state", "expires_at"], unique=False)


def downgrade() -> None:
    op.drop_table("export")
    op.drop_table("bulk_row")
    op.drop_table("bulk_run")

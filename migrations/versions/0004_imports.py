"""imports"""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("kind", columns.code(32), nullable=False),
        sa.Column("state", columns.choice(32), nullable=False),
        sa.Column("source", columns.code(64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("headers", columns.document(), nullable=False),
        sa.Column("header_key", columns.code(64), nullable=False),
        sa.Column("mapping", columns.document(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("created_count", sa.Integer(), nullable=False),
        sa.Column("updated_count", sa.Integer(), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.Column("finished_at", columns.moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index("ix_import_run_created_at", "import_run", ["created_at", "kind"], unique=False)
    op.create_index("ix_import_run_creator", "import_run", ["created_by", "created_at"], unique=False)
    op.create_index("ix_import_run_header", "import_run", ["kind", "header_key", "created_at"], unique=False)
    op.create_index("ix_import_run_state", "import_run", ["state", "created_at"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_key", columns.exact(120), nullable=False),
        sa.Column("cells", columns.document(), nullable=False),
        sa.Column("result", columns.choice(32), nullable=True),
        sa.Column("refusals", columns.document(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_row_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_key", "import_row", ["run_id", "row_key"], unique=False)
    op.create_index("ix_import_row_result", "import_row", ["run_id", "result", "number"], unique=False)


def downgrade() -> None:
    op.drop_table("import_row")
    op.drop_table("import_run")

"""Which records an import was about, so that lists can show those alone."""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_import_row_record", "import_row", ["run_id", "record_id"])


def downgrade() -> None:
    op.drop_index("ix_import_row_record", "import_row")

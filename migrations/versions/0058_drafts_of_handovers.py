"""Drafts of check-outs and check-ins by when somebody last went on with them."""

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_handover_state", "handover", ["state", "updated_at"])


def downgrade() -> None:
    op.drop_index("ix_handover_state", "handover")

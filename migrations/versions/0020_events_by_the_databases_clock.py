"""Events get their time from the database: whoever writes one may have a clock that is wrong."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE outbox_event ALTER COLUMN created_at SET DEFAULT (UTC_TIMESTAMP(6))")


def downgrade() -> None:
    op.execute("ALTER TABLE outbox_event ALTER COLUMN created_at DROP DEFAULT")

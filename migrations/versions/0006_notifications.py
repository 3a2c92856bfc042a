"""What people were told, and how each wants to be told."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", columns.code(48), nullable=False),
        sa.Column("subject_kind", columns.code(32), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.String(length=1000), nullable=False),
        sa.Column("href", sa.String(length=500), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("at", columns.moment(), nullable=False),
        sa.Column("read_at", columns.moment(), nullable=True),
        sa.Column("collapse_key", columns.code(190), nullable=True),
        sa.Column(
            "live_key",
            columns.code(190),
            sa.Computed("case when `read_at` is null then `collapse_key` end", persisted=True),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    op.create_index("ix_notification_recipient", "notification", ["recipient_id", "at", "id"], unique=False)
    op.create_index("ix_notification_unread", "notification", ["recipient_id", "read_at", "at", "id"], unique=False)
    op.create_index("ix_notification_at", "notification", ["at"], unique=False)
    op.create_index("uq_notification_live_key", "notification", ["live_key"], unique=True)
    op.create_table(
        "notification_setting",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", columns.code(48), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "kind", name=op.f("pk_notification_setting")),
    )


def downgrade() -> None:
    op.drop_table("notification_setting")
    op.drop_table("notification")

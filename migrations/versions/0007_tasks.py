"""Tasks and their queues."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

IS_LIVE = "state in ('open','in_progress','snoozed')"
URGENCY = (
    f"case when not ({IS_LIVE}) then 500000000000 + 99999999999 - coalesce(to_seconds(closed_at), 0)"
    " when overdue_since is not null then coalesce(to_seconds(due_at), 99999999999)"
    " else (case priority when 'urgent' then 100000000000 when 'high' then 200000000000"
    " when 'normal' then 300000000000 else 400000000000 end) + coalesce(to_seconds(due_at), 99999999999) end"
)
SCOPE = ["market", "branch", "audience"]
INDEXES = {
    "ix_task_queue": ["is_live", "urgency", "id", "team", "assignee_id", "snoozed_until", "due_at", *SCOPE],
    "ix_task_urgency": ["urgency", "id", "team", "state", "kind", "priority", *SCOPE],
    "ix_task_team": ["team", "state", "urgency", "id", *SCOPE],
    "ix_task_assignee": ["assignee_id", "is_live", "urgency", "id", "snoozed_until", "due_at", *SCOPE],
    "ix_task_state": ["state", "closed_at", "id", *SCOPE],
    "ix_task_subject": ["subject_kind", "subject_id", "is_live", "urgency", "id"],
    "ix_task_snoozed": ["state", "snoozed_until", "id"],
    "ix_task_due": ["is_live", "overdue_since", "due_at", "id"],
    "ix_task_created": ["created_at", "id", *SCOPE],
    "ix_task_due_at": ["due_at", "id", *SCOPE],
}


def upgrade() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("reference", columns.code(12), nullable=False),
        sa.Column("kind", columns.code(64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("subject_kind", columns.code(32), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("branch", columns.code(16), nullable=False),
        sa.Column("audience", columns.code(64), nullable=False),
        sa.Column("team", columns.code(32), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("state", columns.choice(32), nullable=False),
        sa.Column("priority", columns.choice(32), nullable=False),
        sa.Column("due_at", columns.moment(), nullable=True),
        sa.Column("overdue_since", columns.moment(), nullable=True),
        sa.Column("snoozed_until", columns.moment(), nullable=True),
        sa.Column("started_at", columns.moment(), nullable=True),
        sa.Column("outcome", columns.code(32), nullable=True),
        sa.Column("closing_note", sa.String(length=1000), nullable=True),
        sa.Column("closed_at", columns.moment(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("unique_key", columns.code(190), nullable=True),
        sa.Column(
            "live_key",
            columns.code(190),
            sa.Computed(f"case when {IS_LIVE} then unique_key end", persisted=True),
            nullable=True,
        ),
        sa.Column("is_live", sa.Boolean(), sa.Computed(IS_LIVE, persisted=True), nullable=True),
        sa.Column("urgency", sa.BigInteger(), sa.Computed(URGENCY, persisted=True), nullable=True),
        sa.CheckConstraint(
            "(state <> 'open' or assignee_id is null) and (state <> 'in_progress' or assignee_id is not null)",
            name=op.f("ck_task_holder"),
        ),
        sa.CheckConstraint("(state = 'snoozed') = (snoozed_until is not null)", name=op.f("ck_task_snoozed")),
        sa.CheckConstraint("(state in ('done','cancelled')) = (closed_at is not null)", name=op.f("ck_task_closed")),
        sa.CheckConstraint("(subject_kind is null) = (subject_id is null)", name=op.f("ck_task_subject")),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_task_assignee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("reference", name=op.f("uq_task_reference")),
    )
    for name, over in INDEXES.items():
        op.create_index(name, "task", over, unique=False)
    op.create_index("uq_task_live_key", "task", ["live_key"], unique=True)


def downgrade() -> None:
    op.drop_table("task")

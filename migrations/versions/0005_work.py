"""Jobs, schedules, leases, and what the consumers of events have done."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_applied",
        sa.Column("consumer", columns.code(64), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.moment(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_event_applied")),
    )
    op.create_table(
        "event_consumer",
        sa.Column("name", columns.code(64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_event_consumer")),
    )
    op.create_table(
        "event_failure",
        sa.Column("consumer", columns.code(64), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("aggregatetype", columns.code(32), nullable=False),
        sa.Column("aggregateid", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("quarantined_at", columns.moment(), nullable=True),
        sa.Column("next_try_at", columns.moment(), nullable=True),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_event_failure")),
    )
    op.create_index(
        "ix_event_failure_aggregate",
        "event_failure",
        ["consumer", "aggregateid", "aggregatetype", "position"],
        unique=False,
    )
    op.create_index(
        "ix_event_failure_due", "event_failure", ["consumer", "quarantined_at", "next_try_at"], unique=False
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("kind", columns.code(64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", columns.choice(32), nullable=False),
        sa.Column("run_at", columns.moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", columns.moment(), nullable=True),
        sa.Column("worker", sa.String(length=120), nullable=True),
        sa.Column("progress_done", sa.BigInteger(), nullable=False),
        sa.Column("progress_total", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("unique_key", columns.code(190), nullable=True),
        sa.Column(
            "live_key",
            columns.code(190),
            sa.Computed("case when `state` in ('queued','running') then `unique_key` end", persisted=True),
            nullable=True,
        ),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", columns.moment(), nullable=True),
        sa.Column("finished_at", columns.moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_finished_at", "job", ["finished_at", "id"], unique=False)
    op.create_index("ix_job_state_lease_until", "job", ["state", "lease_until", "id"], unique=False)
    op.create_index("ix_job_state_run_at", "job", ["state", "run_at", "id"], unique=False)
    op.create_index("uq_job_live_key", "job", ["live_key"], unique=True)
    op.create_table(
        "job_schedule",
        sa.Column("key", columns.code(64), nullable=False),
        sa.Column("next_run_at", columns.moment(), nullable=False),
        sa.Column("last_queued_at", columns.moment(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_job_schedule")),
    )
    op.create_table(
        "worker_heartbeat",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("at", columns.moment(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_heartbeat")),
    )
    op.create_table(
        "worker_lease",
        sa.Column("name", columns.code(96), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", columns.moment(), nullable=True),
        sa.Column("worker", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_lease")),
    )


def downgrade() -> None:
    op.drop_table("worker_lease")
    op.drop_table("worker_heartbeat")
    op.drop_table("job_schedule")
    op.drop_table("job")
    op.drop_table("event_failure")
    op.drop_table("event_consumer")
    op.drop_table("event_applied")

"""Fee windows travel with reservations of suppliers, and what hangs has an order."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

OPEN = ("amend_pending", "cancel_pending", "on_request", "submitting", "unknown")
LIMBO = (
    "case when state in ('amend_pending','cancel_pending','on_request','submitting','unknown')"
    " then coalesce(boundary_at, created_at) end"
)
TABLE = sa.table(
    "supplier_reservation",
    sa.column("id", sa.Uuid()),
    sa.column("state"),
    sa.column("pickup_local", sa.DateTime()),
    sa.column("time_zone"),
    sa.column("offered_minor"),
    sa.column("confirmed_minor"),
    sa.column("fee_windows", sa.JSON()),
    sa.column("boundary_at", sa.DateTime()),
    sa.column("exposed_minor"),
)


def upgrade() -> None:
    op.add_column(
        "supplier_reservation", sa.Column("fee_windows", columns.document(), server_default="[]", nullable=False)
    )
    op.alter_column("supplier_reservation", "fee_windows", existing_type=columns.document(), server_default=None)
    op.add_column("supplier_reservation", sa.Column("boundary_at", columns.moment(), nullable=True))
    op.add_column("supplier_reservation", sa.Column("exposed_minor", sa.Integer(), server_default="0", nullable=False))
    op.alter_column("supplier_reservation", "exposed_minor", existing_type=sa.Integer(), server_default=None)
    op.add_column(
        "supplier_reservation",
        sa.Column("limbo_at", columns.moment(), sa.Computed(LIMBO, persisted=True), nullable=True),
    )
    op.create_index(
        "ix_supplier_reservation_limbo", "supplier_reservation", ["limbo_at", "id", "market", "pickup_location"]
    )
    work_out_what_hangs()


def work_out_what_hangs() -> None:
    """The usual windows for what is open now; everything else gets its own when it is opened again."""
    connection, now = op.get_bind(), datetime.now(UTC)
    hanging = sa.select(TABLE).where(TABLE.c.state.in_(OPEN), TABLE.c.fee_windows == sa.literal([], sa.JSON()))
    for row in connection.execute(hanging).mappings().all():
        pickup = row["pickup_local"].replace(tzinfo=ZoneInfo(row["time_zone"])).astimezone(UTC)
        ends = [(pickup - timedelta(hours=48), 0), (pickup, 50), (None, 100)]
        boundary = next((until for until, _ in ends if until and now < until), None)
        percent = next(percent for until, percent in ends if until is None or (boundary or now) < until)
        total = row["offered_minor"] if row["confirmed_minor"] is None else row["confirmed_minor"]
        connection.execute(
            sa.update(TABLE)
            .where(TABLE.c.id == row["id"])
            .values(
                fee_windows=[{"until": until.isoformat() if until else None, "percent": each} for until, each in ends],
                boundary_at=boundary.replace(tzinfo=None) if boundary else None,
                exposed_minor=(total * percent * 2 + 100) // 200,
            )
        )


def downgrade() -> None:
    op.drop_index("ix_supplier_reservation_limbo", "supplier_reservation")
    for name in ("limbo_at", "exposed_minor", "boundary_at", "fee_windows"):
        op.drop_column("supplier_reservation", name)

"""Calls to partners are counted while they are kept, and prices that are checked again."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SLOTS = (("5m", 300, 6), ("1h", 3_600, 72), ("6h", 21_600, 1_080))
"""Name, seconds of a slot, and how many hours its rows are kept."""


def upgrade() -> None:
    op.create_table(
        "partner_tally",
        sa.Column("span", columns.code(4), nullable=False),
        sa.Column("slot_at", columns.moment(), nullable=False),
        sa.Column("partner", columns.code(64), nullable=False),
        sa.Column("operation", columns.code(48), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("kind", columns.code(32), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("last_at", columns.moment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "span", "slot_at", "partner", "operation", "market", "kind", "bucket", name=op.f("pk_partner_tally")
        ),
    )
    op.create_index("ix_partner_tally_partner", "partner_tally", ["span", "partner", "slot_at"])
    op.create_table(
        "supplier_drift",
        sa.Column("slot_at", columns.moment(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_drift_supplier_id")),
        sa.PrimaryKeyConstraint("slot_at", "supplier_id", "market", name=op.f("pk_supplier_drift")),
    )
    op.create_index(
        "ix_supplier_reservation_health",
        "supplier_reservation",
        ["created_at", "supplier_id", "market", "state", "currency", "offered_minor", "confirmed_minor"],
    )
    for name, seconds, hours in SLOTS:
        op.execute(count_what_is_kept(name, seconds, hours))


def count_what_is_kept(name: str, seconds: int, hours: int) -> str:
    """The statement that counts the exchanges that are there already."""
    slot = f"FROM_UNIXTIME(FLOOR(UNIX_TIMESTAMP(at) / {seconds}) * {seconds})"
    prefix = "SUBSTRING_INDEX(reason, ':', 1)"
    kind = f"IF(outcome = 'refused' AND {prefix} REGEXP BINARY '^[a-z_]{{1,32}}$', {prefix}, outcome)"
    bucket = "IF(milliseconds > 1, LEAST(160, CEIL(LOG2(milliseconds) * 8 - 1e-9)), 0)"
    return (
        "INSERT INTO partner_tally (span, slot_at, partner, operation, market, kind, bucket, calls, last_at)"  # noqa: S608 - our own words
        f" SELECT '{name}', {slot}, partner, operation, COALESCE(market, ''), {kind}, {bucket}, COUNT(*), MAX(at)"
        f" FROM partner_exchange WHERE at >= UTC_TIMESTAMP(6) - INTERVAL {hours} HOUR GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )


def downgrade() -> None:
    op.drop_index("ix_supplier_reservation_health", "supplier_reservation")
    op.drop_table("supplier_drift")
    op.drop_table("partner_tally")

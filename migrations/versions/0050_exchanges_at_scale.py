"""Exchanges in the order of their ids under every filter, and tallies that are read by the thousand."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

TABLE = "partner_exchange"
WIDER = {
    "ix_partner_exchange_partner": ("partner", "operation", "outcome"),
    "ix_partner_exchange_outcome": ("outcome", "partner", "operation"),
}
NEW = {
    "ix_partner_exchange_operation": ["operation", "id", "partner", "outcome", "market"],
    "ix_partner_exchange_market": ["market", "id", "partner", "operation", "outcome"],
}
RESERVATIONS = "supplier_reservation"
REORDERED = {
    ("ix_partner_exchange_subject", TABLE): (
        ["subject_kind", "subject_id", "id"], ["subject_id", "id", "subject_kind", "market"],
    ),
    ("ix_supplier_reservation_health", RESERVATIONS): (
        ["created_at", "supplier_id", "market", "state", "currency", "offered_minor", "confirmed_minor"],
        ["supplier_id", "state", "created_at", "market", "currency", "offered_minor", "confirmed_minor"],
    ),
    ("ix_supplier_reservation_number", RESERVATIONS): (
        ["supplier_id", "supplier_number"], ["supplier_number", "supplier_id"],
    ),
}  # fmt: skip
"""What each index was, and what it is."""
KEY = ("span", "market", "operation", "slot_at", "partner", "kind", "bucket")
LESS = (("'*'", "'*'"), ("'*'", "operation"), ("market", "'*'"))
"""Market and operation of what is counted with less in it."""


def upgrade() -> None:
    for name, (first, *others) in WIDER.items():
        op.drop_index(name, TABLE)
        op.create_index(name, TABLE, [first, "id", *others, "market"])
    for name, ordered in NEW.items():
        op.create_index(name, TABLE, ordered)
    for (name, table), (_, ordered) in REORDERED.items():
        op.drop_index(name, table)
        op.create_index(name, table, ordered)
    op.create_index("ix_supplier_reservation_location", RESERVATIONS, ["pickup_location", "id"])
    op.drop_index("ix_partner_exchange_at", TABLE)
    op.create_table(
        "partner_rollup",
        sa.Column("span", columns.code(4), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("operation", columns.code(48), nullable=False),
        sa.Column("slot_at", columns.moment(), nullable=False),
        sa.Column("partner", columns.code(64), nullable=False),
        sa.Column("kind", columns.code(32), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("last_at", columns.moment(), nullable=False),
        sa.PrimaryKeyConstraint(*KEY, name=op.f("pk_partner_rollup")),
    )
    op.create_index("ix_partner_rollup_partner", "partner_rollup", ["span", "partner", "market", "slot_at"])
    for market, operation in LESS:
        for kind, bucket in (("kind", "-1"), ("'*'", "bucket")):
            op.execute(roll_up(market, operation, kind, bucket))


def roll_up(market: str, operation: str, kind: str, bucket: str) -> str:
    """The statement that counts what is tallied already with less in it."""
    return (
        f"INSERT INTO partner_rollup ({', '.join(KEY)}, calls, last_at)"  # noqa: S608 - our own words
        f" SELECT span, {market}, {operation}, slot_at, partner, {kind}, {bucket}, SUM(calls), MAX(last_at)"
        " FROM partner_tally WHERE span <> '5m' GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )


def downgrade() -> None:
    op.drop_table("partner_rollup")
    op.create_index("ix_partner_exchange_at", TABLE, ["at"])
    op.drop_index("ix_supplier_reservation_location", RESERVATIONS)
    for (name, table), (ordered, _) in REORDERED.items():
        op.drop_index(name, table)
        op.create_index(name, table, ordered)
    for name in NEW:
        op.drop_index(name, TABLE)
    for name, (first, *_) in WIDER.items():
        op.drop_index(name, TABLE)
        op.create_index(name, TABLE, [first, "id"])

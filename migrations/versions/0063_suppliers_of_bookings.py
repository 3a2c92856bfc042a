"""Bookings say whose car they are of, so that their list finds a supplier's by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

CODE = "supplier_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL"
INDEXES = {"ix_booking_supplier": "pickup_at", "ix_booking_supplier_updated": "updated_at"}
BATCH = 5_000
FIRST = "00000000-0000-0000-0000-000000000000"
LAST = sa.text(
    "SELECT MAX(id) FROM (SELECT id FROM supplier_reservation WHERE id > :after ORDER BY id LIMIT :batch) some"
)
FILL = sa.text(
    "UPDATE supplier_reservation r FORCE INDEX (PRIMARY) STRAIGHT_JOIN booking b ON b.id = r.subject_id "
    "JOIN supplier s ON s.id = r.supplier_id LEFT JOIN supplier_reservation later "
    "ON later.subject_kind = 'booking' AND later.subject_id = b.id AND later.id > r.id SET b.supplier_code = s.code "
    "WHERE r.id > :after AND r.id <= :last AND r.subject_kind = 'booking' AND b.source = 'supplier' "
    "AND later.id IS NULL"
)


def upgrade() -> None:
    op.execute(f"ALTER TABLE booking ADD COLUMN {CODE}, ALGORITHM=INSTANT")
    _fill()
    added = ", ".join(
        f"ADD INDEX IF NOT EXISTS {name} (supplier_code, {order}, id, market, pickup_location)"
        for name, order in INDEXES.items()
    )
    op.execute(f"ALTER TABLE booking {added}, ALGORITHM=INPLACE, LOCK=NONE")


def _fill() -> None:
    """From the reservations that were made for them: a batch at a time, so that few rows are locked together."""
    connection, after = op.get_bind(), FIRST
    while last := connection.execute(LAST, {"after": after, "batch": BATCH}).scalar():
        connection.execute(FILL, {"after": after, "last": last})
        connection.execute(sa.text("COMMIT"))
        after = str(last)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "booking")
    op.drop_column("booking", "supplier_code")

"""Orders of bookings whose indices hold what the list filters by, so that no filter reads rows one by one."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

ORDERS = ("updated_at", "created_at", "pickup_at", "return_at", "total_minor")
SCOPE = ["market", "pickup_location"]
FILTERS = ["state", "class_code", "return_location"]
ADDED = {
    "ix_booking_state_return": ["state", "return_at", "id", *SCOPE],
    "ix_booking_class": ["class_code", "pickup_at", "id", *SCOPE],
}


def upgrade() -> None:
    for order in ORDERS:
        op.drop_index(f"ix_booking_{order}", "booking")
        op.create_index(f"ix_booking_{order}", "booking", [order, "id", *SCOPE, *FILTERS])
    for name, columns in ADDED.items():
        op.create_index(name, "booking", columns)


def downgrade() -> None:
    for name in ADDED:
        op.drop_index(name, "booking")
    for order in ORDERS:
        op.drop_index(f"ix_booking_{order}", "booking")
        op.create_index(f"ix_booking_{order}", "booking", [order, "id", *SCOPE])

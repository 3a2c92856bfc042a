"""The planner reads the hires of a vehicle by when they end."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_booking_vehicle_return", "booking", ["vehicle_id", "return_at", "pickup_at", "state"])


def downgrade() -> None:
    op.drop_index("ix_booking_vehicle_return", "booking")

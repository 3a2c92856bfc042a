"""Transfers by where and when they end: each booking asks what will have come to its branch."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX IF NOT EXISTS ix_vehicle_period_arrival "
        "ON vehicle_period (to_location_code, ends_at, vehicle_id, kind)"
    )


def downgrade() -> None:
    op.create_index("fk_vehicle_period_to_location_code", "vehicle_period", ["to_location_code"])
    op.drop_index("ix_vehicle_period_arrival", "vehicle_period")

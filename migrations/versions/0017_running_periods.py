"""Periods of a kind that are not over, without reading the rest."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INDEX = "ix_vehicle_period_running"


def upgrade() -> None:
    op.create_index(INDEX, "vehicle_period", ["kind", "ends_at", "starts_at", "vehicle_id"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="vehicle_period")

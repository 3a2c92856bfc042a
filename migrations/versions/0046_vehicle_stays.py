"""Where each vehicle was in the fleet, from when until when; the fleet in the order of its sheet; hires by days."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

_KEPT = "(vehicle_id, starts_at, ends_at, market, location_code, class_code)"
_ARRIVED = (
    "SELECT p.vehicle_id, MAX(p.ends_at) AS at FROM vehicle_period p JOIN vehicle v ON v.id = p.vehicle_id "
    "AND v.location_code = p.to_location_code WHERE p.kind = 'transfer' AND p.ends_at <= UTC_TIMESTAMP(6) "
    "GROUP BY p.vehicle_id"
)
_TOLD = (
    "SELECT subject_id, MAX(at) AS at FROM audit_entry FORCE INDEX (ix_audit_entry_action) WHERE action = '{}' "
    "GROUP BY subject_id"
)
_VEHICLES = (
    f"FROM vehicle v LEFT JOIN ({_ARRIVED}) t ON t.vehicle_id = v.id "
    f"LEFT JOIN ({_TOLD.format('vehicle.commissioned')}) c ON c.subject_id = v.id "
    f"LEFT JOIN ({_TOLD.format('vehicle.retired')}) r ON r.subject_id = v.id "
    "WHERE v.base_state IN ('in_service', 'retired') AND v.location_code IS NOT NULL AND v.acriss IS NOT NULL"
)
PRESENT = (
    f"INSERT IGNORE INTO vehicle_stay {_KEPT} "
    "SELECT v.id, COALESCE(t.at, c.at, v.created_at), "
    "IF(v.base_state = 'retired', GREATEST(COALESCE(r.at, v.updated_at), COALESCE(t.at, c.at, v.created_at)), NULL), "
    f"v.market, v.location_code, v.acriss {_VEHICLES}"
)
BEFORE_THE_LAST_TRANSFER = (
    f"INSERT IGNORE INTO vehicle_stay {_KEPT} "
    "SELECT v.id, COALESCE(c.at, v.created_at), t.at, v.market, COALESCE(v.home_location_code, v.location_code), "
    f"v.acriss {_VEHICLES} AND t.at > COALESCE(c.at, v.created_at)"
)


def upgrade() -> None:
    """What is known of vehicles that are there already: their last arrival, and when they came and went.

    Before their last transfer they are taken to have been at their home branch.
    """
    op.create_table(
        "vehicle_stay",
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", columns.moment(), nullable=False),
        sa.Column("ends_at", columns.moment(), nullable=True),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("location_code", columns.code(16), nullable=False),
        sa.Column("class_code", columns.code(4), nullable=False),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_vehicle_stay_vehicle_id")),
        sa.PrimaryKeyConstraint("vehicle_id", "starts_at", name=op.f("pk_vehicle_stay")),
    )
    op.create_index(
        "ix_vehicle_stay_fleet",
        "vehicle_stay",
        ["location_code", "class_code", "market", "starts_at", "ends_at", "vehicle_id"],
    )
    op.create_index(
        "ix_vehicle_fleet", "vehicle", ["location_code", "base_state", "acriss", "plate_key", "id", "market"]
    )
    op.create_index("ix_booking_stretch", "booking", ["return_at", "pickup_at"])
    op.execute(PRESENT)
    op.execute(BEFORE_THE_LAST_TRANSFER)


def downgrade() -> None:
    op.drop_index("ix_booking_stretch", "booking")
    op.drop_index("ix_vehicle_fleet", "vehicle")
    op.drop_table("vehicle_stay")

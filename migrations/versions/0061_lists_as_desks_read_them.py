"""A branch's vehicles by plate, applications of a state by age, and documents that are due counted from their index."""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

DUE = ("due_on", "id", "market", "location_code")
ADDED = {
    "vehicle": ("ix_vehicle_location_plate", ("location_code", "plate_key", "id", "market")),
    "application": ("ix_application_state_created", ("state", "created_at", "id", "market")),
}


def upgrade() -> None:
    _make("vehicle", "ix_vehicle_due", *DUE, "state")
    for table, (name, columns) in ADDED.items():
        _make(table, name, *columns)


def downgrade() -> None:
    for table, (name, _) in ADDED.items():
        op.drop_index(name, table)
    _make("vehicle", "ix_vehicle_due", *DUE)


def _make(table: str, index: str, *columns: str) -> None:
    """One statement, with writes going on: lists name their indexes, so that none may be missing in between."""
    op.execute(
        f"ALTER TABLE {table} DROP INDEX IF EXISTS {index}, ADD INDEX {index} ({', '.join(columns)}), "
        "ALGORITHM=INPLACE, LOCK=NONE"
    )

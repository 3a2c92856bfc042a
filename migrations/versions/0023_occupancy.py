"""Who holds which vehicle from when until when: the database refuses overlaps."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

NO_OVERLAP = (
    "ALTER TABLE occupancy ADD PERIOD IF NOT EXISTS FOR held (starts_at, free_at), "
    "ADD UNIQUE INDEX IF NOT EXISTS uq_occupancy_vehicle (vehicle_id, held WITHOUT OVERLAPS)"
)


def upgrade() -> None:
    op.create_table(
        "occupancy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("class_code", columns.code(4), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("pickup_location", columns.code(16), nullable=False),
        sa.Column("return_location", columns.code(16), nullable=False),
        sa.Column("starts_at", columns.moment(), nullable=False),
        sa.Column("ends_at", columns.moment(), nullable=False),
        sa.Column("free_at", columns.moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupancy")),
        sa.UniqueConstraint("holder_id", name=op.f("uq_occupancy_holder_id")),
    )
    op.execute(NO_OVERLAP)
    for column, table, target in (
        ("vehicle_id", "vehicle", "id"),
        ("pickup_location", "location", "code"),
        ("return_location", "location", "code"),
    ):
        op.create_foreign_key(op.f(f"fk_occupancy_{column}"), "occupancy", table, [column], [target])
    op.create_index(
        "ix_occupancy_demand", "occupancy", ["pickup_location", "class_code", "free_at", "starts_at", "vehicle_id"]
    )
    op.create_index("ix_occupancy_return", "occupancy", ["return_location", "free_at", "vehicle_id"])
    op.create_index("ix_occupancy_starts_at", "occupancy", ["starts_at", "vehicle_id"])
    op.create_table(
        "class_stock",
        sa.Column("location_code", columns.code(16), nullable=False),
        sa.Column("class_code", columns.code(4), nullable=False),
        sa.Column("overbooking_limit", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["location_code"], ["location.code"], name=op.f("fk_class_stock_location_code")),
        sa.PrimaryKeyConstraint("location_code", "class_code", name=op.f("pk_class_stock")),
    )


def downgrade() -> None:
    op.drop_table("class_stock")
    op.drop_table("occupancy")

"""Check-outs and check-ins, marks of damage on vehicles, and damage cases."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def record_columns() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "damage_case",
        *record_columns(),
        sa.Column("reference", columns.code(12), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("branch", columns.code(16), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("booking_reference", columns.code(12), nullable=False),
        sa.Column("vehicle_name", sa.String(length=120), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("party", columns.choice(), nullable=False),
        sa.Column("estimate_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_damage_case_booking_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_damage_case_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_damage_case")),
        sa.UniqueConstraint("reference", name=op.f("uq_damage_case_reference")),
    )
    scope = ["market", "branch"]
    op.create_index("ix_damage_case_updated_at", "damage_case", ["updated_at", "id", *scope], unique=False)
    op.create_index("ix_damage_case_state", "damage_case", ["state", "updated_at", "id", *scope], unique=False)
    op.create_index("ix_damage_case_booking", "damage_case", ["booking_id", "id"], unique=False)
    op.create_index("ix_damage_case_vehicle", "damage_case", ["vehicle_id", "updated_at", "id", *scope], unique=False)
    create_marks()
    create_handovers()


def create_marks() -> None:
    op.create_table(
        "damage_mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("zone", columns.code(32), nullable=False),
        sa.Column("x", sa.SmallInteger(), nullable=False),
        sa.Column("y", sa.SmallInteger(), nullable=False),
        sa.Column("kind", columns.choice(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("found_by", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("found_at", columns.moment(), nullable=False),
        sa.Column("mended_at", columns.moment(), nullable=True),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_damage_mark_vehicle_id")),
        sa.ForeignKeyConstraint(["case_id"], ["damage_case.id"], name=op.f("fk_damage_mark_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_damage_mark")),
    )
    op.create_index("ix_damage_mark_vehicle", "damage_mark", ["vehicle_id", "mended_at", "id"], unique=False)
    op.create_index("ix_damage_mark_found_by", "damage_mark", ["found_by", "id"], unique=False)
    op.create_index("ix_damage_mark_case", "damage_mark", ["case_id"], unique=False)


def create_handovers() -> None:
    op.create_table(
        "handover",
        *record_columns(),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("booking_reference", columns.code(12), nullable=False),
        sa.Column("direction", columns.choice(), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("branch", columns.code(16), nullable=False),
        sa.Column("location", columns.code(16), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=True),
        sa.Column("licence_number_sealed", sa.LargeBinary(length=500), nullable=True),
        sa.Column("licence_number_masked", sa.String(length=40), nullable=True),
        sa.Column("licence_country", columns.code(2), nullable=True),
        sa.Column("licence_expires_on", sa.Date(), nullable=True),
        sa.Column("document_kind", columns.code(20), nullable=True),
        sa.Column("document_number_sealed", sa.LargeBinary(length=500), nullable=True),
        sa.Column("document_number_masked", sa.String(length=40), nullable=True),
        sa.Column("odometer_km", sa.Integer(), nullable=True),
        sa.Column("fuel_percent", sa.SmallInteger(), nullable=True),
        sa.Column("is_battery", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.Column("deposit_charge_id", sa.Uuid(), nullable=True),
        sa.Column("signature", columns.document(), nullable=False),
        sa.Column("signed_name", sa.String(length=160), nullable=False),
        sa.Column("agreed_at", columns.moment(), nullable=True),
        sa.Column("agreed", columns.document(), nullable=False),
        sa.Column("done_at", columns.moment(), nullable=True),
        sa.Column("done_by", sa.String(length=120), nullable=False),
        sa.Column("saved_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_handover_booking_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_handover_vehicle_id")),
        sa.ForeignKeyConstraint(["deposit_charge_id"], ["charge.id"], name=op.f("fk_handover_deposit_charge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index("uq_handover_booking", "handover", ["booking_id", "direction"], unique=True)
    op.create_index("ix_handover_vehicle", "handover", ["vehicle_id", "id"], unique=False)


def downgrade() -> None:
    for table in ("handover", "damage_mark", "damage_case"):
        op.drop_table(table)

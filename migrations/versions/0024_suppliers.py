"""Suppliers of cars, their branches, and what is reserved with them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from migrations import columns

revision = "0024"
down_revision = "0023"
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
        "supplier",
        *record_columns(),
        sa.Column("code", columns.code(32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("dialect", columns.choice(), nullable=False),
        sa.Column("base_url", sa.String(length=300), nullable=False),
        sa.Column("account", sa.String(length=120), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(length=1000), nullable=True),
        sa.Column("webhook_sealed", sa.LargeBinary(length=1000), nullable=True),
        sa.Column("webhook_before_sealed", sa.LargeBinary(length=1000), nullable=True),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("capabilities", columns.document(), nullable=False),
        sa.Column("has_period_quirk", sa.Boolean(), nullable=False),
        sa.Column("stops", columns.document(), nullable=False),
        sa.Column("search_milliseconds", sa.Integer(), nullable=False),
        sa.Column("most_calls", sa.SmallInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("branches_read_at", columns.moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier")),
    )
    op.create_index("uq_supplier_code", "supplier", ["code"], unique=True)
    op.create_table(
        "supplier_branch",
        *record_columns(),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("code", columns.exact(64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=120), nullable=False),
        sa.Column("country", columns.code(2), nullable=False),
        sa.Column("iata", columns.code(3), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("location_code", columns.code(16), nullable=True),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_branch_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_branch")),
    )
    op.create_index("uq_supplier_branch_code", "supplier_branch", ["supplier_id", "code"], unique=True)
    op.create_index("ix_supplier_branch_location", "supplier_branch", ["location_code", "supplier_id"], unique=False)
    create_reservations()


def create_reservations() -> None:
    op.create_table(
        "supplier_reservation",
        *record_columns(),
        sa.Column("reference", columns.code(16), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("state", columns.choice(), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("pickup_location", columns.code(16), nullable=False),
        sa.Column("return_location", columns.code(16), nullable=False),
        sa.Column("pickup_branch", columns.exact(64), nullable=False),
        sa.Column("return_branch", columns.exact(64), nullable=False),
        sa.Column("pickup_local", mysql.DATETIME(), nullable=False),
        sa.Column("return_local", mysql.DATETIME(), nullable=False),
        sa.Column("time_zone", columns.code(64), nullable=False),
        sa.Column("surname", sa.String(length=100), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("driver_age", sa.SmallInteger(), nullable=False),
        sa.Column("acriss", columns.code(4), nullable=False),
        sa.Column("rate_key", columns.exact(500), nullable=False),
        sa.Column("offered_minor", sa.Integer(), nullable=False),
        sa.Column("confirmed_minor", sa.Integer(), nullable=True),
        sa.Column("currency", columns.code(3), nullable=False),
        sa.Column("offer", columns.document(), nullable=False),
        sa.Column("supplier_number", columns.exact(64), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("sent_at", columns.moment(), nullable=True),
        sa.Column("polls", sa.SmallInteger(), nullable=False),
        sa.Column("next_poll_at", columns.moment(), nullable=True),
        sa.Column("subject_kind", columns.code(32), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_reservation_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_reservation")),
    )
    op.create_index("uq_supplier_reservation_reference", "supplier_reservation", ["reference"], unique=True)
    op.create_index(
        "ix_supplier_reservation_state", "supplier_reservation", ["state", "next_poll_at", "id"], unique=False
    )
    op.create_index("ix_supplier_reservation_supplier", "supplier_reservation", ["supplier_id", "id"], unique=False)
    op.create_index(
        "ix_supplier_reservation_subject", "supplier_reservation", ["subject_kind", "subject_id"], unique=False
    )

    op.create_table(
        "supplier_notification",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", columns.exact(100), nullable=False),
        sa.Column("received_at", columns.moment(), nullable=False),
        sa.Column("number", columns.exact(64), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_notification_supplier_id")),
        sa.PrimaryKeyConstraint("supplier_id", "message_id", name=op.f("pk_supplier_notification")),
    )


def downgrade() -> None:
    op.drop_table("supplier_notification")
    op.drop_table("supplier_reservation")
    op.drop_table("supplier_branch")
    op.drop_table("supplier")

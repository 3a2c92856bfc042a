"""foundation"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from migrations import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("kind", columns.code(8), nullable=False),
        sa.Column("token_hash", columns.code(64), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("expires_at", columns.moment(), nullable=False),
        sa.Column("used_at", columns.moment(), nullable=True),
        sa.Column("revoked_at", columns.moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index("ix_api_token_family_id", "api_token", ["family_id"], unique=False)
    op.create_index("ix_api_token_staff_id", "api_token", ["staff_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.moment(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("action", columns.code(64), nullable=False),
        sa.Column("subject_kind", columns.code(32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("request_id", columns.code(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "at", "id"], unique=False)
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor_id", "at", "id"], unique=False)
    op.create_index("ix_audit_entry_at", "audit_entry", ["at", "id"], unique=False)
    op.create_index("ix_audit_entry_request_id", "audit_entry", ["request_id", "at", "id"], unique=False)
    op.create_index("ix_audit_entry_kind", "audit_entry", ["subject_kind", "at", "id"], unique=False)
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_id", "at", "id"], unique=False)
    op.create_table(
        "auth_attempt",
        sa.Column("bucket", columns.code(128), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_ends_at", columns.moment(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_auth_attempt")),
    )
    op.create_table(
        "auth_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", columns.code(64), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("last_seen_at", columns.moment(), nullable=False),
        sa.Column("idle_seconds", sa.Integer(), nullable=False),
        sa.Column("expires_at", columns.moment(), nullable=False),
        sa.Column("ended_at", columns.moment(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_auth_session_token_hash")),
    )
    op.create_index("ix_auth_session_staff_id", "auth_session", ["staff_id", "ended_at"], unique=False)
    op.create_table(
        "development_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.moment(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_development_mail")),
    )
    op.create_index(op.f("ix_development_mail_at"), "development_mail", ["at"], unique=False)
    op.create_table(
        "idempotent_answer",
        sa.Column("key_hash", columns.code(64), nullable=False),
        sa.Column("body_hash", columns.code(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", mysql.TEXT(), nullable=False),
        sa.Column(
            "body",
            sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mariadb").with_variant(mysql.MEDIUMBLOB(), "mysql"),
            nullable=False,
        ),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_idempotent_answer")),
    )
    op.create_index(op.f("ix_idempotent_answer_created_at"), "idempotent_answer", ["created_at"], unique=False)
    op.create_table(
        "location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("code", columns.code(16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", columns.code(16), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("city", sa.String(length=120), nullable=False),
        sa.Column("country", columns.code(2), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("time_zone", columns.code(64), nullable=False),
        sa.Column("opening_hours", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
        sa.UniqueConstraint("code", name=op.f("uq_location_code")),
    )
    op.create_index("ix_location_market", "location", ["market", "code"], unique=False)
    op.create_index("ix_location_name", "location", ["name", "id"], unique=False)
    op.create_table(
        "outbox_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("aggregatetype", columns.code(32), nullable=False),
        sa.Column("aggregateid", sa.Uuid(), nullable=False),
        sa.Column("type", columns.code(64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_event")),
    )
    op.create_index(
        "ix_outbox_event_aggregate", "outbox_event", ["aggregatetype", "aggregateid", "position"], unique=False
    )
    op.create_index("uq_outbox_event_position", "outbox_event", ["position"], unique=True)
    op.create_table(
        "single_use_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", columns.code(16), nullable=False),
        sa.Column("token_hash", columns.code(64), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("expires_at", columns.moment(), nullable=False),
        sa.Column("used_at", columns.moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_single_use_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_single_use_link_token_hash")),
    )
    op.create_index(op.f("ix_single_use_link_staff_id"), "single_use_link", ["staff_id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", columns.code(255), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("markets", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("branches", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.VARBINARY(length=255), nullable=True),
        sa.Column("totp_since", columns.moment(), nullable=True),
        sa.Column("last_signed_in_at", columns.moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_index("ix_staff_name", "staff", ["name", "id"], unique=False)
    op.create_table(
        "used_totp_step",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "step", name=op.f("pk_used_totp_step")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", columns.code(64), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("used_at", columns.moment(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_staff_id"), "recovery_code", ["staff_id"], unique=False)
    op.create_table(
        "vehicle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("make", sa.String(length=60), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=True),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("fleet_number", sa.String(length=20), nullable=True),
        sa.Column("plate", sa.String(length=20), nullable=True),
        sa.Column("plate_key", sa.String(length=20), nullable=True),
        sa.Column("vin", columns.code(17), nullable=True),
        sa.Column("acriss", columns.code(4), nullable=True),
        sa.Column("category", columns.code(32), nullable=True),
        sa.Column("body_type", columns.code(32), nullable=True),
        sa.Column("transmission", columns.code(32), nullable=True),
        sa.Column("fuel", columns.code(32), nullable=True),
        sa.Column("air_conditioning", sa.Boolean(), nullable=True),
        sa.Column("seats", sa.SmallInteger(), nullable=True),
        sa.Column("doors", sa.SmallInteger(), nullable=True),
        sa.Column("bags", sa.SmallInteger(), nullable=True),
        sa.Column("power_kw", sa.SmallInteger(), nullable=True),
        sa.Column("colour", sa.String(length=40), nullable=True),
        sa.Column("odometer_km", sa.Integer(), nullable=True),
        sa.Column("fuel_level_percent", sa.SmallInteger(), nullable=True),
        sa.Column("equipment", sa.JSON(), nullable=False),
        sa.Column("day_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("day_price_currency", columns.code(3), nullable=True),
        sa.Column("home_location_code", columns.code(16), nullable=True),
        sa.Column("location_code", columns.code(16), nullable=True),
        sa.Column("registration_expires_on", sa.Date(), nullable=True),
        sa.Column("insurance_expires_on", sa.Date(), nullable=True),
        sa.Column("inspection_expires_on", sa.Date(), nullable=True),
        sa.Column(
            "due_on",
            sa.Date(),
            sa.Computed(
                "NULLIF(LEAST(COALESCE(registration_expires_on, DATE'9999-12-31'), COALESCE(insurance_expires_on, DATE'9999-12-31'), COALESCE(inspection_expires_on, DATE'9999-12-31')), DATE'9999-12-31')",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column("owner", sa.String(length=120), nullable=True),
        sa.Column("base_state", columns.choice(32), nullable=False),
        sa.Column("state", columns.choice(32), nullable=False),
        sa.Column("next_change_at", columns.moment(), nullable=True),
        sa.Column("source", columns.code(64), nullable=True),
        sa.Column("source_key", columns.exact(120), nullable=True),
        sa.Column("source_fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["home_location_code"], ["location.code"], name=op.f("fk_vehicle_home_location_code")),
        sa.ForeignKeyConstraint(["location_code"], ["location.code"], name=op.f("fk_vehicle_location_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
        sa.UniqueConstraint("fleet_number", name=op.f("uq_vehicle_fleet_number")),
        sa.UniqueConstraint("plate_key", name=op.f("uq_vehicle_plate_key")),
        sa.UniqueConstraint("vin", name=op.f("uq_vehicle_vin")),
    )
    op.create_index("uq_vehicle_source", "vehicle", ["source", "source_key"], unique=True)
    op.create_index("ix_vehicle_updated_at", "vehicle", ["updated_at", "id", "market", "location_code"])
    op.create_index("ix_vehicle_created_at", "vehicle", ["created_at", "id", "market", "location_code"])
    op.create_index("ix_vehicle_make", "vehicle", ["make", "id", "market", "location_code"])
    op.create_index("ix_vehicle_make_updated_at", "vehicle", ["make", "updated_at", "id", "market", "location_code"])
    op.create_index("ix_vehicle_plate", "vehicle", ["plate_key", "id", "market", "location_code"])
    op.create_index("ix_vehicle_day_price", "vehicle", ["day_price_minor", "id", "market", "location_code"])
    op.create_index("ix_vehicle_odometer", "vehicle", ["odometer_km", "id", "market", "location_code"])
    op.create_index("ix_vehicle_year", "vehicle", ["year", "id", "market", "location_code"])
    op.create_index("ix_vehicle_due", "vehicle", ["due_on", "id", "market", "location_code"])
    op.create_index("ix_vehicle_state", "vehicle", ["state", "updated_at", "id", "market", "location_code"])
    op.create_index("ix_vehicle_location", "vehicle", ["location_code", "updated_at", "id", "market"])
    op.create_index("ix_vehicle_market", "vehicle", ["market", "updated_at", "id", "location_code"])
    op.create_index("ix_vehicle_acriss", "vehicle", ["acriss", "updated_at", "id"])
    op.create_index("ix_vehicle_next_change", "vehicle", ["next_change_at"])
    op.create_table(
        "vehicle_period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("vehicle_id", sa.Uuid(), nullable=False),
        sa.Column("kind", columns.choice(32), nullable=False),
        sa.Column("starts_at", columns.moment(), nullable=False),
        sa.Column("ends_at", columns.moment(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("to_location_code", columns.code(16), nullable=True),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["to_location_code"], ["location.code"], name=op.f("fk_vehicle_period_to_location_code")
        ),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_vehicle_period_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle_period")),
    )
    op.create_index("ix_vehicle_period_vehicle", "vehicle_period", ["vehicle_id", "starts_at"], unique=False)


def downgrade() -> None:

    op.drop_index("ix_vehicle_period_vehicle", table_name="vehicle_period")
    op.drop_table("vehicle_period")
    op.drop_index("uq_vehicle_source", table_name="vehicle")
    op.drop_table("vehicle")
    op.drop_index(op.f("ix_recovery_code_staff_id"), table_name="recovery_code")
    op.drop_table("recovery_code")
    op.drop_table("used_totp_step")
    op.drop_index("ix_staff_name", table_name="staff")
    op.drop_table("staff")
    op.drop_index(op.f("ix_single_use_link_staff_id"), table_name="single_use_link")
    op.drop_table("single_use_link")
    op.drop_index("uq_outbox_event_position", table_name="outbox_event")
    op.drop_index("ix_outbox_event_aggregate", table_name="outbox_event")
    op.drop_table("outbox_event")
    op.drop_index("ix_location_name", table_name="location")
    op.drop_index("ix_location_market", table_name="location")
    op.drop_table("location")
    op.drop_index(op.f("ix_idempotent_answer_created_at"), table_name="idempotent_answer")
    op.drop_table("idempotent_answer")
    op.drop_index(op.f("ix_development_mail_at"), table_name="development_mail")
    op.drop_table("development_mail")
    op.drop_index("ix_auth_session_staff_id", table_name="auth_session")
    op.drop_table("auth_session")
    op.drop_table("auth_attempt")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_index("ix_audit_entry_kind", table_name="audit_entry")
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.drop_index("ix_audit_entry_actor", table_name="audit_entry")
    op.drop_index("ix_audit_entry_action", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_index("ix_api_token_staff_id", table_name="api_token")
    op.drop_index("ix_api_token_family_id", table_name="api_token")
    op.drop_table("api_token")

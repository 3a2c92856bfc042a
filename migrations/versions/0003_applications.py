"""Applications for credit."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("reference", columns.code(12), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("product", columns.choice(32), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_currency", columns.code(3), nullable=False),
        sa.Column("term_months", sa.SmallInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("co_applicant_id", sa.Uuid(), nullable=True),
        sa.Column("previous_id", sa.Uuid(), nullable=True),
        sa.Column("household", sa.JSON(), nullable=False),
        sa.Column("employment", sa.JSON(), nullable=False),
        sa.Column("debts", sa.JSON(), nullable=False),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("campaign", sa.String(length=100), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("state", columns.choice(32), nullable=False),
        sa.Column("submitted_at", columns.moment(), nullable=True),
        sa.Column("information_items", sa.JSON(), nullable=False),
        sa.Column("information_due_on", sa.Date(), nullable=True),
        sa.Column("decided_at", columns.moment(), nullable=True),
        sa.Column("decided_reason", sa.String(length=500), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("source", columns.code(64), nullable=True),
        sa.Column("source_key", columns.exact(120), nullable=True),
        sa.Column("source_fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["co_applicant_id"], ["customer.id"], name=op.f("fk_application_co_applicant_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_application_customer_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["application.id"], name=op.f("fk_application_previous_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("reference", name=op.f("uq_application_reference")),
    )
    op.create_index("ix_application_amount", "application", ["amount_minor", "market"], unique=False)
    op.create_index("ix_application_channel", "application", ["channel", "updated_at", "market"], unique=False)
    op.create_index("ix_application_created_at", "application", ["created_at", "market"], unique=False)
    op.create_index("ix_application_created_by", "application", ["created_by", "updated_at"], unique=False)
    op.create_index("ix_application_customer", "application", ["customer_id", "updated_at"], unique=False)
    op.create_index("ix_application_due", "application", ["information_due_on", "market"], unique=False)
    op.create_index("ix_application_market", "application", ["market", "updated_at"], unique=False)
    op.create_index("ix_application_overdue", "application", ["state", "information_due_on"], unique=False)
    op.create_index("ix_application_product", "application", ["product", "updated_at", "market"], unique=False)
    op.create_index("ix_application_state", "application", ["state", "updated_at", "market"], unique=False)
    op.create_index("ix_application_state_submitted", "application", ["state", "submitted_at", "market"], unique=False)
    op.create_index("ix_application_submitted_at", "application", ["submitted_at", "market"], unique=False)
    op.create_index("ix_application_term", "application", ["term_months", "market"], unique=False)
    op.create_index("ix_application_updated_at", "application", ["updated_at", "market"], unique=False)
    op.create_index("uq_application_source", "application", ["source", "source_key"], unique=True)


def downgrade() -> None:
    op.drop_table("application")

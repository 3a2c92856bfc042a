"""People and companies that hire or borrow."""

import sqlalchemy as sa
from alembic import op

from migrations import columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.moment(), nullable=False),
        sa.Column("updated_at", columns.moment(), nullable=False),
        sa.Column("market", columns.code(2), nullable=False),
        sa.Column("kind", columns.choice(16), nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("given_name", sa.String(length=120), nullable=True),
        sa.Column("family_name", sa.String(length=120), nullable=True),
        sa.Column("company_name", sa.String(length=120), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("identity_number_sealed", sa.VARBINARY(length=255), nullable=True),
        sa.Column("identity_number_masked", sa.String(length=16), nullable=True),
        sa.Column("identity_number_hash", columns.code(64), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", columns.code(20), nullable=True),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("iban_sealed", sa.VARBINARY(length=255), nullable=True),
        sa.Column("iban_masked", sa.String(length=16), nullable=True),
        sa.Column("language", columns.code(2), nullable=True),
        sa.Column("source", columns.code(64), nullable=True),
        sa.Column("source_key", columns.exact(120), nullable=True),
        sa.Column("source_fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_index("ix_customer_created_at", "customer", ["created_at", "market"], unique=False)
    op.create_index("ix_customer_email", "customer", ["email"], unique=False)
    op.create_index("ix_customer_family_name", "customer", ["family_name"], unique=False)
    op.create_index("ix_customer_identity_number_hash", "customer", ["identity_number_hash"], unique=False)
    op.create_index("ix_customer_kind", "customer", ["kind", "updated_at", "market"], unique=False)
    op.create_index("ix_customer_market", "customer", ["market", "updated_at"], unique=False)
    op.create_index("ix_customer_name", "customer", ["name", "market"], unique=False)
    op.create_index("ix_customer_phone", "customer", ["phone"], unique=False)
    op.create_index("ix_customer_updated_at", "customer", ["updated_at", "market"], unique=False)
    op.create_index("uq_customer_source", "customer", ["source", "source_key"], unique=True)


def downgrade() -> None:
    op.drop_table("customer")

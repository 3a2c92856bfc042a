"""What is said to partners, and what they answer."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from migrations import columns

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner_exchange",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", columns.moment(), nullable=False),
        sa.Column("partner", columns.code(64), nullable=False),
        sa.Column("operation", columns.code(48), nullable=False),
        sa.Column("outcome", columns.choice(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("method", columns.code(8), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("request_headers", columns.document(), nullable=False),
        sa.Column("request_body", mysql.MEDIUMTEXT(), nullable=False),
        sa.Column("response_headers", columns.document(), nullable=False),
        sa.Column("response_body", mysql.MEDIUMTEXT(), nullable=False),
        sa.Column("request_bytes", sa.Integer(), nullable=False),
        sa.Column("response_bytes", sa.Integer(), nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("market", columns.code(2), nullable=True),
        sa.Column("subject_kind", columns.code(32), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("correlation", columns.code(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_exchange")),
    )
    op.create_index("ix_partner_exchange_at", "partner_exchange", ["at"], unique=False)
    op.create_index("ix_partner_exchange_correlation", "partner_exchange", ["correlation", "id"], unique=False)
    op.create_index("ix_partner_exchange_outcome", "partner_exchange", ["outcome", "id"], unique=False)
    op.create_index("ix_partner_exchange_partner", "partner_exchange", ["partner", "id"], unique=False)
    op.create_index(
        "ix_partner_exchange_subject", "partner_exchange", ["subject_kind", "subject_id", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("partner_exchange")

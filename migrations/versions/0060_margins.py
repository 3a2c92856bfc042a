"""What suppliers' cars earn is kept with quotes and bookings, and suppliers know whether their prices are net."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.text("ALTER TABLE quote ADD COLUMN margin JSON NULL, ALGORITHM=INSTANT"))
    op.execute(sa.text("ALTER TABLE supplier ADD COLUMN has_net_prices BOOLEAN NOT NULL DEFAULT 0, ALGORITHM=INSTANT"))
    op.execute(sa.text("ALTER TABLE booking ADD COLUMN margin JSON NULL, ALGORITHM=INSTANT"))


def downgrade() -> None:
    op.drop_column("booking", "margin")
    op.drop_column("supplier", "has_net_prices")
    op.drop_column("quote", "margin")

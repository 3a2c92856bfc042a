"""Lists of applications and customers read in the order of an index: rows of one value stand by their ids."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BEFORE = {
    "application": {
        "updated_at": ["updated_at"],
        "created_at": ["created_at"],
        "submitted_at": ["submitted_at"],
        "amount": ["amount_minor"],
        "term": ["term_months"],
        "due": ["information_due_on"],
        "state": ["state", "updated_at"],
        "state_submitted": ["state", "submitted_at"],
        "product": ["product", "updated_at"],
        "channel": ["channel", "updated_at"],
    },
    "customer": {
        "updated_at": ["updated_at"],
        "created_at": ["created_at"],
        "name": ["name"],
        "kind": ["kind", "updated_at"],
    },
}
"""What each index begins with; the market stands at its end."""


def upgrade() -> None:
    _make("id", "market")


def downgrade() -> None:
    _make("market")


def _make(*ends: str) -> None:
    """One statement for each index: lists name them, so that none may be missing in between."""
    for table, indexes in BEFORE.items():
        for name, begins in indexes.items():
            index, columns = f"ix_{table}_{name}", ", ".join([*begins, *ends])
            op.execute(
                f"ALTER TABLE {table} DROP INDEX IF EXISTS {index}, ADD INDEX {index} ({columns}), "
                "ALGORITHM=INPLACE, LOCK=NONE"
            )

"""What the demo's people were told: a few things of the last days, some of them not read yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from app.cli.seeds.ids import seeded_id
from app.desk.notifications.models import Notification

if TYPE_CHECKING:
    from app.cli.seeds.accounts import Person
    from app.core.db import Database

SEED: Final = "demo notifications"
TOLD: Final = (
    (0.4, "import.finished", "Checked, ready to import: winter-tyres.csv", "184 updated, 2 refused", "/imports", False),
    (3.5, "import.finished", "Imported: airport-transfers.xlsx", "61 updated", "/imports", False),
    (
        26,
        "import.finished",
        "Import stopped: returns-october.csv",
        "The file has headers and no rows.",
        "/imports",
        True,
    ),
    (27, "import.finished", "Imported: new-arrivals.csv", "37 created, 1 refused", "/imports", True),
    (74, "import.finished", "Imported: odometer-readings.csv", "412 updated, 5 unchanged", "/imports", True),
)
"""Hours ago, kind, title, body, address, whether it was read."""


async def load_notifications(database: Database, people: Sequence[Person], present: datetime) -> None:
    """Write them beside each other's, once per database."""
    async with database.unit() as session:
        session.add_all(
            Notification(
                id=seeded_id(SEED, person.id, title),
                recipient_id=UUID(person.id),
                kind=kind,
                title=title,
                body=body,
                href=href,
                actor_name="Forecourt",
                at=present - timedelta(hours=hours),
                read_at=present - timedelta(hours=hours / 2) if is_read else None,
            )
            for person in people
            for hours, kind, title, body, href, is_read in TOLD
        )

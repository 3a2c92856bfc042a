"""What margins are asked for."""

from datetime import date
from typing import ClassVar

from app.core.forms import Form
from app.rental.margins.services import PERIODS, USUAL_PERIOD, Asked

MOST_CHOSEN = 20


class MarginsForm(Form):
    """A period, or months of one's own, and suppliers; what does not exist is as if it were not asked."""

    many: ClassVar[frozenset[str]] = frozenset({"supplier"})

    def asked(self) -> Asked:
        period, first, last = self.text("period"), read_month(self.text("first")), read_month(self.text("last"))
        is_own = first is not None and last is not None and first <= last
        return Asked(
            period=period if period in PERIODS else USUAL_PERIOD,
            first=first if is_own else None,
            last=last if is_own else None,
            suppliers=self.chosen("supplier")[:MOST_CHOSEN],
        )


def read_month(text: str | None) -> date | None:
    """`2026-06` as its first day; None for what is no month of this age."""
    try:
        found = date.fromisoformat(f"{text or ''}-01")
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None

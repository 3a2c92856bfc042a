"""What figures are asked for."""

from datetime import date
from typing import ClassVar

from app.core.forms import Form
from app.rental.figures.services import PERIODS, USUAL_PERIOD, Asked

GROUPS = ("location", "class", "month", "day")
MOST_CHOSEN = 20


class FiguresForm(Form):
    """Days, branches, classes, a market, and what rows stand for; what does not exist is as if it were not asked."""

    many: ClassVar[frozenset[str]] = frozenset({"branch", "class"})

    since: date | None = None
    until: date | None = None

    def asked(self) -> Asked:
        period, by = self.text("period"), self.text("by")
        is_own = self.since is not None and self.until is not None and self.since < self.until
        return Asked(
            period=period if period in PERIODS else USUAL_PERIOD,
            since=self.since if is_own else None,
            until=self.until if is_own else None,
            branches=self.chosen("branch")[:MOST_CHOSEN],
            classes=self.chosen("class")[:MOST_CHOSEN],
            market=self.text("market")[:2],
            by=by if by in GROUPS else GROUPS[0],
        )

"""What the planner is asked for."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from app.core.errors import InvalidFields
from app.core.forms import Form
from app.kit.problems import Problem
from app.rental.planner import rules
from app.rental.planner.services.moves import NOWHERE, Wish
from app.rental.planner.services.plans import MOST_CHOSEN, MOST_PAGES, ROWS, USUAL_ROWS, Asked

USUAL_REASON = "Moved on the planner"


class PlanForm(Form):
    """A sheet of the planner; whatever cannot be read is as if it were not asked for."""

    many: ClassVar[frozenset[str]] = frozenset({"branch", "class"})

    branch: list[str] = []
    days: int = rules.USUAL_DAYS
    first: date | None = None
    rows: int = USUAL_ROWS
    page: int = 1
    show: Literal["bars", "table"] = "bars"

    def asked(self) -> Asked:
        """The sheet, with the usual in the place of what does not exist."""
        return Asked(
            branches=self.chosen("branch")[:MOST_CHOSEN],
            classes=[code for code in self.chosen("class") if len(code) == 4 and code.isascii()][:MOST_CHOSEN],
            days=_of(self, "days", rules.COLUMNS_A_DAY, rules.USUAL_DAYS),
            first_day=None if "first" in self.errors else getattr(self, "first", None),
            rows=_of(self, "rows", ROWS, USUAL_ROWS),
            page=min(max(_whole(self, "page", 1), 1), MOST_PAGES),
        )

    @property
    def is_table(self) -> bool:
        return self.text("show") == "table"


def _whole(form: PlanForm, name: str, usual: int) -> int:
    text = form.text(name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else usual


def _of(form: PlanForm, name: str, known: object, usual: int) -> int:
    value = _whole(form, name, usual)
    return value if value in known else usual  # pyright: ignore[reportOperatorIssue]


class MoveForm(Form):
    """Where a booking is to go: a vehicle's id or `none`, and wall times of its branches."""

    vehicle: str | None = None
    pickup_local: datetime | None = None
    return_local: datetime | None = None
    swap_with: UUID | None = None
    reason: str | None = None
    expected: str | None = None

    def wish(self) -> Wish:
        """Raises InvalidFields for what cannot be read."""
        self.require_clean()
        if self.vehicle and self.vehicle != NOWHERE and not _is_id(self.vehicle):
            raise InvalidFields([Problem("vehicle", "malformed", "Choose a vehicle")])
        pickup, back = (moment and moment.replace(tzinfo=None) for moment in (self.pickup_local, self.return_local))
        return Wish(self.vehicle, pickup, back, self.swap_with, self.reason or USUAL_REASON)

    @property
    def is_asked(self) -> bool:
        return any(self.text(name) for name in ("vehicle", "pickup_local", "return_local"))


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False

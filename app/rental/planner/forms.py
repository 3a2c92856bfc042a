"""What the planner is asked for."""

from datetime import date
from typing import ClassVar, Literal

from app.core.forms import Form
from app.rental.planner import rules
from app.rental.planner.services import MOST_CHOSEN, MOST_PAGES, ROWS, USUAL_ROWS, Asked


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

"""What a branch's day is asked by."""

from datetime import date

from app.core.errors import InvalidFields
from app.kit.problems import Problem


def read_day(text: str | None) -> date | None:
    """Raises InvalidFields for what is no day between 2000 and 2100."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidFields([Problem("day", "malformed", "A date such as 2026-06-25")]) from None
    if not 2000 <= day.year <= 2100:
        raise InvalidFields([Problem("day", "out_of_range", "Between 2000 and 2100")])
    return day

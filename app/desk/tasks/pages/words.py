"""Tasks in words: when they are due, what they are about, what can be done with them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.core import registry
from app.core.filters import to_datetime
from app.desk.tasks.rules import SOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PRIORITY_TONES: Mapping[str, str] = {"urgent": "act", "high": "soon"}


def due_in_words(due_at: datetime | str | None, now: datetime) -> tuple[str, str]:
    """`2 h over` and `act`, `in 3 h` and `soon`, `in 5 d` and no tone; nothing without a due time."""
    if not due_at:
        return "", ""
    left = to_datetime(due_at) - now
    if left < timedelta():
        return f"{span_in_words(-left)} over", "act"
    return f"in {span_in_words(left)}", "soon" if left <= SOON else ""


def span_in_words(span: timedelta) -> str:
    """`40 min`, `3 h`, `5 d`."""
    if span < HOUR:
        return f"{max(span // MINUTE, 1)} min"
    return f"{span // HOUR} h" if span < 2 * DAY else f"{span // DAY} d"


def subject_address(kind: str, record_id: str) -> str:
    """Where the record stands; nothing for a kind without pages."""
    known = registry.record_kinds.get(kind)
    return known.address(record_id) if known else ""


def subject_kind_in_words(kind: str) -> str:
    known = registry.record_kinds.get(kind)
    return known.title if known else kind

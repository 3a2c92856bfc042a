"""Times of hires: each test has weeks of its own, so that no car is missing because another test has it."""

from datetime import datetime, timedelta
from itertools import count

NUMBERS = count(1)


def next_hire(days: int = 3) -> tuple[datetime, datetime]:
    pickup = datetime.fromisoformat("2028-03-06T10:00") + timedelta(weeks=next(NUMBERS))
    return pickup, pickup + timedelta(days=days)

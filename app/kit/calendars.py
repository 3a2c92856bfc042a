"""Public holidays by country."""

from collections.abc import Container, Mapping
from datetime import date
from functools import lru_cache


@lru_cache(maxsize=64)
def public_holidays(country: str) -> Container[date]:
    """The public holidays of an ISO 3166 country; none where the calendar is not known."""
    from holidays import country_holidays  # every calendar of the world: only for those who ask for one

    try:
        return country_holidays(country)
    except NotImplementedError:
        return frozenset()


def holiday_name(country: str, day: date) -> str:
    """The name of the public holiday on a date, or nothing."""
    known = public_holidays(country)
    return str(known.get(day) or "") if isinstance(known, Mapping) else ""

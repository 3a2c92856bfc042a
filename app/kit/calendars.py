"""Public holidays by country."""

from collections.abc import Container
from datetime import date
from functools import lru_cache

from holidays import country_holidays


@lru_cache(maxsize=64)
def public_holidays(country: str) -> Container[date]:
    """The public holidays of an ISO 3166 country; none where the calendar is not known."""
    try:
        return country_holidays(country)
    except NotImplementedError:
        return frozenset()

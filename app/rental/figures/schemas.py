"""Figures in the JSON API."""

import msgspec

from app.core.values import Day, Maybe, MoneyValue, Timestamp


class FigureItem(msgspec.Struct):
    """Sums of a group. Shares are of 1; money is absent where it is in several currencies.

    `utilisation` = `rented_days` / `available_days`; `adr` = `revenue` / `rented_days`; `revpac` = `revenue` /
    `available_days` = `adr` x `utilisation`, each rounded by itself.
    """

    group: str
    utilisation: Maybe[float]
    rented_days: float
    available_days: float
    revenue: Maybe[MoneyValue]
    adr: Maybe[MoneyValue]
    revpac: Maybe[MoneyValue]
    booked: int
    pickups: int
    cancelled: int
    no_shows: int


class FigureReport(msgspec.Struct):
    """Figures of the days from `since` until before `until`, of as many days before them, and by group."""

    since: Day
    until: Day
    by: str
    counted_at: Maybe[Timestamp]
    counted_since: Maybe[Day]
    overdue: int
    searches: int
    quotes: int
    look_to_book: Maybe[float]
    """Searches for each booking from a quote."""
    whole: FigureItem
    before: FigureItem
    items: list[FigureItem]

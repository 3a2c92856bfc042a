"""What the demo's bookings cost: by the version of the rate card that is in force on the day of their pick-up."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, Final

from app.cli.seeds.ids import seeded_id
from app.cli.seeds.locations import location_rows
from app.cli.seeds.rate_cards import CATEGORIES, card_name, terms_of_version, versions_on
from app.kit.hire_pricing.card_terms import Snapshot
from app.kit.markets import MARKETS
from app.rental.bookings import rules
from app.rental.bookings.rules import Choices
from app.rental.bookings.services import pricing
from app.rental.locations.models import Location
from app.rental.locations.services import HandoverTime

if TYPE_CHECKING:
    from collections.abc import Mapping

PRODUCTS: Final = ("", "PAY_LATER", "PAY_LATER", "PREPAID", "PREPAID")
TAKES_COVER, TAKES_GPS, TAKES_CHILD_SEAT, CROSSES_BORDER, BRINGS_DRIVER = 0.35, 0.12, 0.15, 0.06, 0.1


class CardPrices:
    """Prices bookings as they would be by the demo's cards; what is taken with each is drawn from its own dice."""

    def __init__(self, seed: str, today: date) -> None:
        self._seed, self._today = seed, today

    def of(self, row: Mapping[str, Any], number: int) -> dict[str, Any] | None:
        """The columns of a booking that say what it costs; None where no card prices its class on that day."""
        pickup, back = _handover(row, "pickup"), _handover(row, "return")
        snapshot = self._in_force(row["market"], row["class_code"][0], pickup.local.date())
        if snapshot is None:
            return None
        choices = _choices(Random(f"{self._seed}/choices/{number}"))  # noqa: S311 - made-up records, not secrets
        priced = pricing.by_card(snapshot, pricing.hire_of(pickup, back, choices, row["driver_born_on"]))
        return {
            "choices": rules.write_choices(choices),
            "total_minor": priced.total.minor,
            "total_currency": priced.total.currency,
            "price_lines": priced.lines,
            "rate_snapshot": priced.snapshot,
            "fee_windows": priced.fee_windows,
        }

    def _in_force(self, market: str, letter: str, day: date) -> Snapshot | None:
        found = [number for number, start, end in versions_on(self._today) if start <= day and (not end or day < end)]
        return snapshot_of(market, letter, found[0], self._today) if found and letter in CATEGORIES else None


@cache
def snapshot_of(market: str, letter: str, number: int, today: date) -> Snapshot:
    """A version of a demo's card as it is kept with a price."""
    start = next(start for each, start, _ in versions_on(today) if each == number)
    return Snapshot(
        card_id=str(seeded_id("rates", "rate_card", f"{market}/{letter}")),
        card_name=card_name(market, letter),
        version_number=number,
        market=market,
        currency=MARKETS[market].currency,
        acriss=f"{letter}***",
        valid_from=start,
        terms=terms_of_version(market, letter, number, start),
    )


def _choices(random: Random) -> Choices:
    draw = random.random
    extras = (
        ("GPS", int(draw() < TAKES_GPS)),
        ("CHILD_SEAT", (draw() < TAKES_CHILD_SEAT) * (1 + (draw() < TAKES_CHILD_SEAT))),
        ("CROSS_BORDER", int(draw() < CROSSES_BORDER)),
    )
    return Choices(
        product=PRODUCTS[int(draw() * len(PRODUCTS))],
        covers=("SCDW",) if draw() < TAKES_COVER else (),
        extras=tuple((code, count) for code, count in extras if count),
        additional_drivers=int(draw() < BRINGS_DRIVER),
    )


def _handover(row: Mapping[str, Any], name: str) -> HandoverTime:
    local = datetime.fromisoformat(row[f"{name}_local"])
    return HandoverTime(_places()[row[f"{name}_location"]], local, row[f"{name}_at"], is_out_of_hours=False)


@cache
def _places() -> dict[str, Location]:
    opened_at = datetime.min  # noqa: DTZ901 - only what prices look at is read
    return {
        row["code"]: Location(**row) for row in location_rows(opened_at.date() + timedelta(days=740_000), opened_at)
    }

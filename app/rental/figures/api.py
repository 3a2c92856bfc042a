"""Figures in the JSON API."""

from datetime import date

from litestar import Controller, Response, get

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, answer
from app.core.openapi_vocabulary import QueryField
from app.core.values import UNSET, MoneyValue, UnsetType, money_value
from app.kit.markets import MARKETS
from app.kit.money import Money
from app.kit.problems import Problem
from app.rental.figures import services
from app.rental.figures.forms import GROUPS, MOST_CHOSEN
from app.rental.figures.rules import Figures
from app.rental.figures.schemas import FigureItem, FigureReport
from app.rental.figures.services import LONGEST_DAYS, PERIODS, USUAL_PERIOD, Asked

CODES = {"type": "array", "items": {"type": "string", "maxLength": 16}, "maxItems": MOST_CHOSEN}
DAY = {"type": "string", "format": "date"}
QUERY = (
    QueryField("period", "Which days.", {"type": "string", "enum": list(PERIODS), "default": USUAL_PERIOD}),
    QueryField("since", "Days of one's own: the first.", DAY),
    QueryField("until", f"And the day after the last, at most {LONGEST_DAYS} later.", DAY),
    QueryField("branch", "Only these branches.", CODES),
    QueryField("class", "Only these ACRISS codes.", CODES),
    QueryField("market", "Only this market.", {"type": "string", "enum": sorted(MARKETS)}),
    QueryField("by", "What the items are of.", {"type": "string", "enum": list(GROUPS), "default": GROUPS[0]}),
)


class FiguresApi(Controller):
    """What was hired out, earned and lost."""

    path = "/api/v1/rental-figures"
    tags = ("Planner",)
    opt = {"permission": "figures.view"}

    @get(name="api.figures.show", operation_id="getRentalFigures", summary="Read the figures of a period", query=QUERY)
    async def show(self, request: Request, actor: CurrentActor) -> Response[FigureReport]:
        """Utilisation, ADR, RevPAC, bookings, cancellations and no-shows, with the days before to compare with.

        Counted every quarter of an hour: `counted_at` tells when. `overdue` is of this moment.
        """
        asked = _asked(request)
        found = await services.read_report(request.runtime.database.reads, actor, asked)
        fresh = found.freshness
        return answer(
            FigureReport(
                since=found.span.since.isoformat(),
                until=found.span.until.isoformat(),
                by=asked.by,
                counted_at=fresh.counted_at if fresh else UNSET,
                counted_since=fresh.since.isoformat() if fresh else UNSET,
                overdue=found.overdue,
                searches=found.looks.searches,
                quotes=found.looks.quotes,
                look_to_book=UNSET if found.looks.per_booking is None else round(found.looks.per_booking, 2),
                whole=_item("", found.whole),
                before=_item("", found.before),
                items=[_item(group, figures) for group, figures in found.groups.items()],
            )
        )


def _asked(request: Request) -> Asked:
    given = request.query_params
    since, until = (_day(given.get(name), name) for name in ("since", "until"))
    if (since is None) != (until is None) or (since and until and until <= since):
        raise InvalidFields([Problem("until", "out_of_range", "Both since and until, and until after it")])
    period, by = given.get("period", USUAL_PERIOD), given.get("by", GROUPS[0])
    for name, value, known in (("period", period, tuple(PERIODS)), ("by", by, GROUPS)):
        if value not in known:
            raise InvalidFields([Problem(name, "out_of_range", f"One of {', '.join(known)}")])
    market = given.get("market", "")
    if market and market not in MARKETS:
        raise InvalidFields([Problem("market", "unknown_value", "There is no such market")])
    branches, classes = (given.getall(name, [])[:MOST_CHOSEN] for name in ("branch", "class"))
    return Asked(period, since, until, branches, classes, market, by)


def _day(text: str | None, name: str) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidFields([Problem(name, "malformed", "A date such as 2026-06-25")]) from None
    if not 2000 <= day.year <= 2100:
        raise InvalidFields([Problem(name, "out_of_range", "Between 2000 and 2100")])
    return day


def _item(group: str, figures: Figures) -> FigureItem:
    share = figures.utilisation
    return FigureItem(
        group=group,
        utilisation=UNSET if share is None else round(float(share), 4),
        rented_days=round(float(figures.rented_days), 3),
        available_days=round(float(figures.available_days), 3),
        revenue=_money(figures.revenue),
        adr=_money(figures.adr),
        revpac=_money(figures.revpac),
        booked=figures.booked,
        pickups=figures.pickups,
        cancelled=figures.cancelled,
        no_shows=figures.no_shows,
    )


def _money(amount: Money | None) -> MoneyValue | UnsetType:
    return (money_value(amount.minor, amount.currency) if amount else None) or UNSET

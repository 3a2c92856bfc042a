"""Margins of suppliers' cars in the JSON API."""

from datetime import date
from typing import Any

from litestar import Controller, Response, get

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, answer
from app.core.openapi_vocabulary import QueryField
from app.core.values import UNSET, MoneyValue
from app.kit.problems import Problem
from app.rental.margins import services
from app.rental.margins.forms import MOST_CHOSEN, read_month
from app.rental.margins.rules import Sums, months_between
from app.rental.margins.schemas import MarginReport, MarginSums, SupplierMonth
from app.rental.margins.services import MOST_MONTHS, PERIODS, USUAL_PERIOD, Asked
from app.rental.suppliers.rules import SEES_MARGINS

MONTH = {"type": "string", "pattern": r"^\d{4}-\d{2}$"}
SUPPLIERS = {"type": "array", "items": {"type": "string", "maxLength": 32}, "maxItems": MOST_CHOSEN}
QUERY = (
    QueryField("period", "Which months.", {"type": "string", "enum": list(PERIODS), "default": USUAL_PERIOD}),
    QueryField("first", "Months of one's own: the first.", MONTH),
    QueryField("last", f"And the last, at most {MOST_MONTHS} in all.", MONTH),
    QueryField("supplier", "Only these suppliers, by their codes.", SUPPLIERS),
)


class SupplierMarginsApi(Controller):
    """What suppliers' cars earn."""

    path = "/api/v1/supplier-margins"
    tags = ("Suppliers",)
    opt = {"permission": SEES_MARGINS}

    @get(
        name="api.supplier_margins.show",
        operation_id="getSupplierMargins",
        summary="Read what suppliers' cars earn",
        query=QUERY,
    )
    async def show(self, request: Request, actor: CurrentActor) -> Response[MarginReport]:
        """Bookings, retail, cost, commission, mark-up and margin by supplier and month of pick-up, by currency.

        Counted every quarter of an hour: `counted_at` tells when. Cancelled bookings and no-shows earn nothing here.
        """
        found = await services.read_report(request.runtime.database.reads, actor, _asked(request))
        fresh = found.freshness
        return answer(
            MarginReport(
                first=f"{found.span.first:%Y-%m}",
                last=f"{found.span.last:%Y-%m}",
                counted_at=fresh.counted_at if fresh else UNSET,
                totals=[MarginSums(**_sums(sums)) for sums in found.totals],
                items=[
                    SupplierMonth(
                        **_sums(row.sums),
                        month=f"{row.month:%Y-%m}",
                        supplier=row.supplier,
                        supplier_name=row.supplier_name,
                    )
                    for row in found.rows
                ],
            )
        )


def _asked(request: Request) -> Asked:
    given = request.query_params
    first, last = (_month(given.get(name), name) for name in ("first", "last"))
    if (first is None) != (last is None) or (first and last and not 0 < months_between(first, last) <= MOST_MONTHS):
        raise InvalidFields([Problem("last", "out_of_range", f"Both first and last, at most {MOST_MONTHS} months")])
    period = given.get("period", USUAL_PERIOD)
    if period not in PERIODS:
        raise InvalidFields([Problem("period", "out_of_range", f"One of {', '.join(PERIODS)}")])
    return Asked(period, first, last, given.getall("supplier", [])[:MOST_CHOSEN])


def _month(text: str | None, name: str) -> date | None:
    if text is None:
        return None
    found = read_month(text)
    if found is None:
        raise InvalidFields([Problem(name, "malformed", "A month such as 2026-06")])
    return found


def _sums(sums: Sums) -> dict[str, Any]:
    def value(minor: int) -> MoneyValue:
        return MoneyValue(sums.money(minor).amount, sums.currency)

    return {
        "currency": sums.currency,
        "bookings": sums.bookings,
        "lost": sums.lost,
        "unkept": sums.unkept,
        "retail": value(sums.earned.retail_minor),
        "cost": value(sums.earned.cost_minor),
        "commission": value(sums.earned.commission_minor),
        "markup": value(sums.earned.markup_minor),
        "margin": value(sums.earned.margin_minor),
        "margin_share": UNSET if sums.share is None else round(float(sums.share), 4),
    }

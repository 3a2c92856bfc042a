"""Exchange rates in the JSON API."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core import clock
from app.core.api import list_answer
from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL, QueryField
from app.kit.cells import read_decimal
from app.kit.problems import Problem
from app.rental.agreed_sheets import services as agreed
from app.rental.exchange_rates import pages, queries, services
from app.rental.exchange_rates.models import ExchangeRateSheet
from app.rental.exchange_rates.pages import EDIT, VIEW
from app.rental.exchange_rates.schemas import NewSheet, RateList, SheetAnswer, SheetItem, SheetPage

TAGS = ("Rates",)
ON = QueryField("on", "The day, today when it is left out.", {"type": "string", "format": "date"})


class ExchangeRateApi(Controller):
    """What offers in several currencies are compared by."""

    path = "/api/v1/exchange-rates"
    tags = TAGS
    opt = {"permission": VIEW}

    @get(
        name="api.exchange_rates.index",
        operation_id="listExchangeRates",
        summary="Read the exchange rates of a day",
        query=(ON,),
    )
    async def index(self, request: Request, session: Session) -> Response[RateList]:
        """The youngest rate of each pair that somebody has agreed to; rates older than 60 days are not told."""
        day = _day(request.query_params.get("on"))
        rates = await services.rates_on(session, day)
        items = [pages.rate_item(rates[pair], day) for pair in sorted(rates)]
        return answer(RateList(day.isoformat(), items))


class ExchangeRateSheetApi(Controller):
    """Rates as they were entered."""

    path = "/api/v1/exchange-rate-sheets"
    tags = TAGS
    opt = {"permission": VIEW}

    @get(
        name="api.exchange_rate_sheets.index",
        operation_id="listExchangeRateSheets",
        summary="List sheets of exchange rates",
        spec=queries.SPEC,
        query=(TOTAL,),
        selects=SheetItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[SheetPage]:
        """The sheets, that of the latest day first."""
        return await list_answer(request, actor, queries.sheets, queries.SPEC)

    @get(
        "/{sheet_id:uuid}",
        name="api.exchange_rate_sheets.show",
        operation_id="getExchangeRateSheet",
        summary="Read a sheet of exchange rates",
    )
    async def show(self, session: Session, sheet_id: FromPath[UUID]) -> Response[SheetAnswer]:
        """A sheet with its rates."""
        sheet = await agreed.get_sheet(session, ExchangeRateSheet, sheet_id)
        return answer(pages.sheet_answer(sheet, await queries.list_lines(session, sheet.id)), etag=sheet.etag)

    @post(
        name="api.exchange_rate_sheets.create",
        operation_id="createExchangeRateSheet",
        summary="Enter exchange rates",
        permission=EDIT,
        refuses=(409,),
    )
    async def create(self, session: Session, actor: CurrentActor, data: JSONBody[NewSheet]) -> Response[SheetAnswer]:
        """They count once somebody else has agreed; a later sheet of the same day takes their place."""
        rates = [{"base": each.base, "currency": each.currency, "rate": read_decimal(each.rate)} for each in data.rates]
        fields: dict[str, Any] = {"valid_from": data.valid_from, "source": data.source, "rates": rates}
        chosen = data.id if isinstance(data.id, UUID) else None
        sheet, approval = await services.enter_sheet(session, fields=fields, actor=actor, sheet_id=chosen)
        made = pages.sheet_answer(sheet, await queries.list_lines(session, sheet.id))
        made.approval_id = str(approval.id)
        return answer(made, status=201, etag=sheet.etag, location=f"/api/v1/exchange-rate-sheets/{sheet.id}")

    @post(
        "/{sheet_id:uuid}/withdrawal",
        name="api.exchange_rate_sheets.withdrawal.create",
        operation_id="withdrawExchangeRateSheet",
        summary="Withdraw exchange rates",
        permission=EDIT,
        refuses=(409,),
    )
    async def withdraw(
        self, request: Request, session: Session, actor: CurrentActor, sheet_id: FromPath[UUID]
    ) -> Response[SheetAnswer]:
        """Take back a sheet that nobody has agreed to."""
        honour_match(request, await agreed.lock_sheet(session, ExchangeRateSheet, sheet_id))
        sheet = await services.withdraw_sheet(session, sheet_id, actor=actor)
        lines = await queries.list_lines(session, sheet.id)
        return answer(pages.sheet_answer(sheet, lines), status=201, etag=sheet.etag)


def _day(text: str | None) -> date:
    if text is None:
        return clock.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidFields([Problem("on", "malformed", "A date such as 2026-11-26")]) from None

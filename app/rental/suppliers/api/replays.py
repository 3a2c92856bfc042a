"""Kept requests that are sent again, in the JSON API."""

from litestar import Controller, Response, post
from litestar.params import JSONBody

from app.core.http import CurrentActor, Request, answer
from app.core.partners.models import PartnerExchange
from app.core.values import UNSET, timestamp
from app.desk.exchanges import services as exchanges
from app.rental.suppliers.pages.editing import compared
from app.rental.suppliers.schemas import ExchangeAnswer, NewReplay, ReplayAnswer
from app.rental.suppliers.services import probing


class SupplierReplayApi(Controller):
    """What a supplier says now to what it was asked then."""

    path = "/api/v1/supplier-replays"
    tags = ("Suppliers",)
    opt = {"permission": "suppliers.replay", "idempotent": False}

    @post(
        name="api.supplier_replays.create",
        operation_id="replayExchange",
        summary="Send a kept request to a supplier again",
        status_code=200,
        refuses=(404, 409),
    )
    async def create(self, request: Request, actor: CurrentActor, data: JSONBody[NewReplay]) -> Response[ReplayAnswer]:
        """Searches, rechecks, retrievals and lists of branches only: 409 for everything that may have an effect.

        Credentials are put back where they had been masked; both answers are told as they are kept.
        """
        runtime = request.runtime
        async with runtime.database.session() as session:
            before = await exchanges.get_exchange(session, data.exchange_id, actor)
            ready = await probing.prepare_replay(session, runtime.settings, before)
        correlation = await probing.replay(runtime.partners, ready)
        async with runtime.database.session() as session:
            after = await probing.find_exchange(session, correlation, actor)
        told, now = exchange_answer(before), exchange_answer(after) if after else UNSET
        lines = compared(told.body, now.body) if isinstance(now, ExchangeAnswer) else []
        return answer(ReplayAnswer(told, now, sum(line.is_changed for line in lines)))


def exchange_answer(exchange: PartnerExchange) -> ExchangeAnswer:
    """An exchange as the API tells what came of it."""
    return ExchangeAnswer(
        id=str(exchange.id),
        operation=exchange.operation,
        outcome=exchange.outcome.value,
        status=UNSET if exchange.status is None else exchange.status,
        milliseconds=exchange.milliseconds,
        reason=exchange.reason,
        body=exchanges.pretty(exchange.response_body),
        at=timestamp(exchange.at),
    )

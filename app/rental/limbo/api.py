"""The limbo desk in the JSON API."""

from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from app.core.api import is_counted, read_limit
from app.core.errors import MalformedRequest, NotFound
from app.core.http import CurrentActor, Request, answer
from app.core.listing import read_list_query
from app.core.openapi_vocabulary import TOTAL, limit_field
from app.core.reads import COUNT_CAP
from app.core.values import UNSET, MoneyValue, money_value, timestamp
from app.kit.money import Money
from app.rental.limbo import queries, services
from app.rental.limbo.pages import WHY_WORDS
from app.rental.limbo.schemas import LimboItem, LimboPage, PollItem, PollList
from app.rental.limbo.services import Entry

USUAL_POLLS, MOST_POLLS = 20, 100


class LimboApi(Controller):
    """What hangs at suppliers."""

    path = "/api/v1/limbo-reservations"
    tags = ("Suppliers",)
    opt = {"permission": "suppliers.view"}

    @get(
        name="api.limbo_reservations.index",
        operation_id="listLimboReservations",
        summary="List the reservations that hang at suppliers",
        spec=queries.SPEC,
        query=(TOTAL,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[LimboPage]:
        """Not known, on request, being changed or cancelled: what becomes dearer soonest comes first.

        `exposed` is what cancelling costs once the next boundary is past, and in the page the sum of all that hangs.
        """
        runtime = request.runtime
        reads = runtime.database.reads
        asked = read_list_query(request.query_params.multi_items(), queries.SPEC, extra=frozenset({"total"}))
        if asked.text:
            raise MalformedRequest("q: this list has no free text")
        page, entries = await services.open_desk(reads, runtime.cursors, asked.query, actor)
        total = await services.count_desk(reads, asked.query, actor) if is_counted(request) else None
        exposed = [_money(each) for each in (await services.figures_of(reads, actor)).exposed]
        counted = (UNSET, UNSET) if total is None else (min(total, COUNT_CAP), total > COUNT_CAP)
        return answer(LimboPage([_item(entry) for entry in entries], exposed, page.next_cursor, *counted))

    @get(
        "/{reservation_id:uuid}/polls",
        name="api.limbo_reservations.polls.index",
        operation_id="listPolls",
        summary="List what was said to a supplier about a reservation",
        query=(limit_field(USUAL_POLLS, MOST_POLLS),),
    )
    async def polls(self, request: Request, actor: CurrentActor, reservation_id: FromPath[UUID]) -> Response[PollList]:
        """Each call with its answer, the newest first; the ids are those of the exchanges."""
        limit = read_limit(request, USUAL_POLLS, MOST_POLLS)
        found = await services.find_polls(request.runtime.database.reads, str(reservation_id), actor, limit)
        if found is None:
            raise NotFound
        items = [
            PollItem(
                line.exchange_id, line.operation, line.outcome_code, line.reason, line.milliseconds, timestamp(line.at)
            )
            for line in found
        ]
        return answer(PollList(items))


def _item(entry: Entry) -> LimboItem:
    row = entry.row
    return LimboItem(
        id=row.id,
        reference=row.reference,
        supplier=row.supplier,
        state=row.state,
        supplier_number=row.supplier_number,
        pickup_location=row.pickup_location,
        pickup_local=row.pickup_local[:16],
        time_zone=row.time_zone,
        fee_now=_money(entry.fee_now),
        exposed=row.exposed,
        boundary_at=row.boundary_at,
        boundary_local=entry.boundary_local.isoformat(timespec="minutes") if entry.boundary_local else UNSET,
        polls=row.polls,
        next_poll_at=row.next_poll_at,
        action=entry.advice.action.value,
        why=entry.advice.why.value,
        words=WHY_WORDS[entry.advice.why],
        reason=row.reason,
        version=row.version,
        updated_at=row.updated_at,
    )


def _money(amount: Money) -> MoneyValue:
    value = money_value(amount.minor, amount.currency)
    assert value is not None
    return value

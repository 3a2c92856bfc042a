"""Reservations with suppliers in the JSON API."""

from functools import partial
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.api import given_fields, list_answer, record_answer
from app.core.db import AsyncSession
from app.core.errors import Forbidden, NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL
from app.core.unit_of_work import run_unit
from app.core.values import UNSET, timestamp
from app.kit.money import Money
from app.rental.locations import services as locations
from app.rental.suppliers import queries
from app.rental.suppliers.api.searches import money_of, wanted_of
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.rules import SEES_MARGINS, ReservationState
from app.rental.suppliers.schemas import (
    CancellationBody,
    NewReservation,
    OutcomeBody,
    ReservationItem,
    ReservationPage,
)
from app.rental.suppliers.services import offering, reservations, searching
from app.rental.suppliers.services.by_hand import Told, settle_by_hand
from app.rental.suppliers.services.reservations import Intent

TAGS = ("Suppliers",)


class SupplierReservationApi(Controller):
    """What is reserved with suppliers."""

    path = "/api/v1/supplier-reservations"
    tags = TAGS
    opt = {"permission": "suppliers.view", "selects": ReservationItem}

    @get(
        name="api.supplier_reservations.index",
        operation_id="listSupplierReservations",
        summary="List reservations with suppliers",
        spec=queries.RESERVATIONS_SPEC,
        query=(TOTAL,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[ReservationPage]:
        """The reservations of one's markets and branches, the newest first."""
        return await list_answer(request, actor, queries.reservations_for(actor), queries.RESERVATIONS_SPEC)

    @get(
        "/{reservation_id:uuid}",
        name="api.supplier_reservations.show",
        operation_id="getSupplierReservation",
        summary="Read a reservation with a supplier",
    )
    async def show(
        self, request: Request, actor: CurrentActor, reservation_id: FromPath[UUID]
    ) -> Response[ReservationItem]:
        """Where it is: `submitting` until the worker has asked, `unknown` while nobody knows what became of it."""
        found = await queries.reservations_for(actor).by_ids(
            request.runtime.database.reads, [str(reservation_id)], actor
        )
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @post(
        name="api.supplier_reservations.create",
        operation_id="createSupplierReservation",
        summary="Reserve a supplier's car",
        permission="suppliers.settle",
    )
    async def create(
        self, request: Request, actor: CurrentActor, data: JSONBody[NewReservation]
    ) -> Response[ReservationItem]:
        """Asks the supplier for the price again: 409 `price_moved` when it is not the expected one.

        403 for a net price that is not yours to see: search and quote the car instead.

        The intent is kept and answered as `submitting`; the worker books, once, whatever is lost on the way.
        """
        runtime, wanted = request.runtime, wanted_of(data)
        async with runtime.database.session() as session:
            plan = await searching.plan_search(session, runtime.settings, wanted, actor)
            place = (await locations.by_codes(session, {wanted.pickup}))[wanted.pickup]
        question = offering.question_for(plan, data.supplier)
        if question.line.has_net_prices and not actor.may(SEES_MARGINS):
            raise Forbidden("Its prices are net: search and quote the car instead.")
        offer = await offering.recheck(runtime.partners, plan, question, data.key)
        expected: Money = given_fields(data, without=("pickup", "back", "id"))["expected"]
        await offering.note_drift(runtime.database, plan, question, expected, offer)
        driver = (data.surname, data.given_name)
        intent = offering.intent_of(plan, question, wanted, offer, place, driver)
        return await run_unit(request, partial(_submit, intent=intent, data=data, expected=expected, actor=actor))

    @post(
        "/{reservation_id:uuid}/cancellation",
        name="api.supplier_reservations.cancellation.create",
        operation_id="cancelSupplierReservation",
        summary="Cancel a reservation with a supplier",
        permission="suppliers.settle",
        status_code=200,
    )
    async def cancel(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        reservation_id: FromPath[UUID],
        data: JSONBody[CancellationBody],
    ) -> Response[ReservationItem]:
        """The worker asks the supplier: `cancel_pending` until it has answered."""
        found = await queries.get_reservation(session, reservation_id, actor)
        honour_match(request, found)
        made = await reservations.request_cancellation(session, reservation_id, reason=data.reason, actor=actor)
        return await _told(session, actor, made)

    @post(
        "/{reservation_id:uuid}/poll",
        name="api.supplier_reservations.poll.create",
        operation_id="pollSupplierReservation",
        summary="Ask a supplier now what became of a reservation",
        permission="suppliers.settle",
        status_code=200,
    )
    async def poll(
        self, request: Request, session: Session, actor: CurrentActor, reservation_id: FromPath[UUID]
    ) -> Response[ReservationItem]:
        """The worker asks at once instead of when it would have; 409 for what does not hang."""
        found = await queries.get_reservation(session, reservation_id, actor)
        honour_match(request, found)
        return await _told(session, actor, await reservations.ask_now(session, reservation_id, actor=actor))

    @post(
        "/{reservation_id:uuid}/outcome",
        name="api.supplier_reservations.outcome.create",
        operation_id="settleSupplierReservation",
        summary="Settle a reservation by what people learned",
        permission="suppliers.settle",
        status_code=200,
    )
    async def settle(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        reservation_id: FromPath[UUID],
        data: JSONBody[OutcomeBody],
    ) -> Response[ReservationItem]:
        """What the supplier said by telephone; 409 for an outcome that the present state does not lead to."""
        found = await queries.get_reservation(session, reservation_id, actor)
        honour_match(request, found)
        fields = given_fields(data)
        fields["outcome"] = ReservationState(data.outcome)
        if "told" in fields:
            fields["told"] = Told(**fields["told"])
        settled = await settle_by_hand(session, reservation_id, **fields, actor=actor)
        return await _told(session, actor, settled)


async def _told(session: AsyncSession, actor: Actor, made: SupplierReservation) -> Response[ReservationItem]:
    supplier = await queries.get_supplier(session, made.supplier_id)
    is_shown = not supplier.has_net_prices or actor.may(SEES_MARGINS)
    return answer(reservation_item(made, supplier.code, is_shown=is_shown), etag=made.etag)


async def _submit(
    session: AsyncSession, *, intent: Intent, data: NewReservation, expected: Money, actor: Actor
) -> Response[ReservationItem]:
    chosen = data.id if isinstance(data.id, UUID) else None
    made = await reservations.submit_reservation(session, intent, expected=expected, actor=actor, reservation_id=chosen)
    location = f"/api/v1/supplier-reservations/{made.id}"
    return answer(reservation_item(made, data.supplier), status=201, etag=made.etag, location=location)


def reservation_item(made: SupplierReservation, supplier: str, *, is_shown: bool = True) -> ReservationItem:
    """A reservation as the list reads it."""
    return ReservationItem(
        id=str(made.id),
        reference=made.reference,
        supplier=supplier,
        state=made.state.value,
        supplier_number=made.supplier_number or UNSET,
        acriss=made.acriss,
        pickup_location=made.pickup_location,
        return_location=made.return_location,
        pickup_local=made.pickup_local.isoformat(timespec="minutes"),
        return_local=made.return_local.isoformat(timespec="minutes"),
        offered=money_of(made.offered) if is_shown else UNSET,
        polls=made.polls,
        next_poll_at=timestamp(made.next_poll_at) if made.next_poll_at else UNSET,
        reason=made.reason,
        version=made.version,
        created_at=timestamp(made.created_at),
        updated_at=timestamp(made.updated_at),
    )

"""Walking a customer to another car, in the JSON API."""

from functools import partial
from uuid import UUID

from litestar import Controller, Response, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, answer, honour_match
from app.core.unit_of_work import run_unit
from app.core.values import UNSET, MoneyValue
from app.kit import acriss
from app.kit.money import Money, MoneyError
from app.kit.problems import Problem
from app.rental.bookings import queries, services
from app.rental.bookings.api.bookings import ADDRESS, TAGS, Answer, told
from app.rental.bookings.models import Booking
from app.rental.bookings.schemas.walks import (
    AbsentSupplier,
    OwnStandIn,
    OwnWalk,
    SupplierStandIn,
    SupplierWalk,
    WalkBody,
    WalkCandidates,
)
from app.rental.bookings.services import standing_in
from app.rental.bookings.services.standing_in import OwnCandidate, Supplied
from app.rental.suppliers.services.reservations import Intent

BookingId = FromPath[UUID]


class BookingWalkApi(Controller):
    """What takes the place of a booking that our own branch has no car for."""

    path = f"{ADDRESS}/{{booking_id:uuid}}"
    tags = TAGS
    opt = {"permission": "bookings.edit"}

    @post(
        "/walk-searches",
        name="api.bookings.walk_searches.create",
        operation_id="searchWalk",
        summary="Look for what could take a booking's place",
        status_code=200,
        idempotent=False,
        refuses=(409, 422),
    )
    async def search(self, request: Request, actor: CurrentActor, booking_id: BookingId) -> Response[WalkCandidates]:
        """Classes of ours at the branch and near it, and offers of suppliers within 4.5 s. Nothing changes."""
        runtime = request.runtime
        async with runtime.database.session() as session:
            prepared = await standing_in.prepare_walk(session, runtime.settings, booking_id, actor)
            own = await standing_in.find_own_candidates(session, prepared.booking, actor)
        result = await standing_in.ask_suppliers(runtime.partners, prepared)
        agreed = prepared.booking.total
        absent = [AbsentSupplier(each.code, each.reason.value, each.detail) for each in result.absent]
        offers = [_supplied(each, agreed, actor) for each in result.offers]
        return answer(WalkCandidates(_value(agreed), [_own(each) for each in own], offers, absent))

    @post(
        "/walk", name="api.bookings.walk.create", operation_id="walkBooking", summary="Walk a customer", refuses=(409,)
    )
    async def walk(
        self, request: Request, actor: CurrentActor, booking_id: BookingId, data: JSONBody[WalkBody]
    ) -> Answer:
        """Gives the customer another car at the agreed price, and answers the booking that holds it.

        A class of ours: this booking with other terms, the present ones kept. A supplier's car: a new booking that
        waits for the supplier, and this one is cancelled at no fee; 409 `price_moved` when it costs something else now.
        """
        if isinstance(data.own, OwnWalk) == isinstance(data.supplier, SupplierWalk):
            raise InvalidFields([Problem("own", "invalid", "Exactly one of own and supplier")])
        chosen = data.supplier
        intent = await _intent(request, actor, booking_id, chosen) if isinstance(chosen, SupplierWalk) else None
        return await run_unit(
            request, partial(_walk, request=request, actor=actor, booking_id=booking_id, data=data, intent=intent)
        )


async def _intent(request: Request, actor: Actor, booking_id: UUID, chosen: SupplierWalk) -> Intent:
    runtime, expected = request.runtime, _expected(chosen)
    async with runtime.database.session() as session:
        prepared = await standing_in.prepare_walk(session, runtime.settings, booking_id, actor)
    return await standing_in.intend(
        runtime.database, runtime.partners, prepared, supplier=chosen.supplier, key=chosen.key, expected=expected
    )


async def _walk(
    session: AsyncSession, *, request: Request, actor: Actor, booking_id: UUID, data: WalkBody, intent: Intent | None
) -> Answer:
    honour_match(request, await queries.lock_booking(session, booking_id, actor))
    made: Booking
    if intent is not None and isinstance(data.supplier, SupplierWalk):
        expected = _expected(data.supplier)
        made = await services.walk_booking(
            session, booking_id, supplier=intent, expected=expected, reason=data.reason, actor=actor
        )
    else:
        assert isinstance(data.own, OwnWalk)
        location, class_code = data.own.location, data.own.class_code
        made = await services.walk_within_fleet(
            session, booking_id, location=location, class_code=class_code, reason=data.reason, actor=actor
        )
    return await told(session, made, 201, location=f"{ADDRESS}/{made.id}")


def _expected(chosen: SupplierWalk) -> Money:
    try:
        return chosen.expected.to_money()
    except MoneyError as error:
        raise InvalidFields([Problem("supplier.expected.amount", "malformed", str(error))]) from None


def _own(found: OwnCandidate) -> OwnStandIn:
    return OwnStandIn(
        location=found.location.code,
        class_code=found.class_code,
        class_words=acriss.decode(found.class_code),
        free=found.free,
        kind=found.kind.value,
        distance_km=round(found.km, 1),
        worth=_value(found.worth) if found.worth else UNSET,
    )


def _supplied(supplied: Supplied, agreed: Money, actor: Actor) -> SupplierStandIn:
    found, cost, is_known = supplied.found, supplied.cost, supplied.is_known_to(actor)
    return SupplierStandIn(
        supplier=found.code,
        supplier_name=found.name,
        key=found.offer.key,
        class_code=found.offer.acriss,
        model=found.offer.model,
        price=_value(supplied.sold.offer.total),
        is_on_request=found.offer.is_on_request,
        cost=_value(cost) if is_known else UNSET,
        difference=_value(cost - agreed) if is_known and cost.currency == agreed.currency else UNSET,
    )


def _value(amount: Money) -> MoneyValue:
    return MoneyValue(amount.amount, amount.currency)

"""Suppliers in the JSON API."""

from datetime import datetime
from functools import partial
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.api import given_fields, list_answer, record_answer
from app.core.db import AsyncSession
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL
from app.core.unit_of_work import run_unit
from app.core.values import UNSET, MoneyValue, money_value, timestamp
from app.kit.money import Money
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, read_local
from app.rental.locations import services as locations
from app.rental.suppliers import queries
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.pages.suppliers import REASON_WORDS
from app.rental.suppliers.schemas import (
    AbsenceItem,
    CancellationBody,
    NewReservation,
    OfferItem,
    OfferLine,
    ReservationItem,
    ReservationPage,
    SearchPlace,
    SupplierItem,
    SupplierPage,
    SupplierSearch,
    SupplierSearchAnswer,
)
from app.rental.suppliers.services import offering, reservations, searching
from app.rental.suppliers.services.reservations import Intent
from app.rental.suppliers.services.searching import Found, Wanted

TAGS = ("Suppliers",)


class SupplierApi(Controller):
    """Those whose cars we sell."""

    path = "/api/v1/suppliers"
    tags = TAGS
    opt = {"permission": "suppliers.view", "selects": SupplierItem}

    @get(
        name="api.suppliers.index",
        operation_id="listSuppliers",
        summary="List suppliers",
        spec=queries.SPEC,
        query=(TOTAL,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[SupplierPage]:
        """Every supplier by name, with what it can do and what is switched off."""
        return await list_answer(request, actor, queries.suppliers, queries.SPEC)

    @get("/{supplier_id:uuid}", name="api.suppliers.show", operation_id="getSupplier", summary="Read a supplier")
    async def show(self, request: Request, actor: CurrentActor, supplier_id: FromPath[UUID]) -> Response[SupplierItem]:
        """One supplier."""
        found = await queries.suppliers.by_ids(request.runtime.database.reads, [str(supplier_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)


class SupplierSearchApi(Controller):
    """Asking every supplier at once."""

    path = "/api/v1/supplier-searches"
    tags = TAGS
    opt = {"permission": "suppliers.view", "idempotent": False}

    @post(
        name="api.supplier_searches.create",
        operation_id="searchSuppliers",
        summary="Search the suppliers' cars",
        status_code=200,
    )
    async def create(
        self, request: Request, actor: CurrentActor, data: JSONBody[SupplierSearch]
    ) -> Response[SupplierSearchAnswer]:
        """Offers of every supplier with a branch at both locations, the cheapest first. It changes nothing.

        Each supplier has 4 seconds, all together 4.5: who is late, refuses or was not asked is listed in `absent` with
        the reason. A `key` is the supplier's own, and has to be checked again before it is booked.
        """
        runtime, wanted = request.runtime, _wanted(data)
        async with runtime.database.session() as session:
            plan = await searching.plan_search(session, runtime.settings, wanted, actor)
        result = await searching.search(runtime.partners, plan)
        absent = [
            AbsenceItem(each.code, each.name, each.reason.value, REASON_WORDS[each.reason], each.detail)
            for each in result.absent
        ]
        return answer(SupplierSearchAnswer([_item(found) for found in result.offers], absent, result.milliseconds))


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
        return await list_answer(request, actor, queries.reservations, queries.RESERVATIONS_SPEC)

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
        found = await queries.reservations.by_ids(request.runtime.database.reads, [str(reservation_id)], actor)
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

        The intent is kept and answered as `submitting`; the worker books, once, whatever is lost on the way.
        """
        runtime, wanted = request.runtime, _wanted(data)
        async with runtime.database.session() as session:
            plan = await searching.plan_search(session, runtime.settings, wanted, actor)
            place = (await locations.by_codes(session, {wanted.pickup}))[wanted.pickup]
        question = offering.question_for(plan, data.supplier)
        offer = await offering.recheck(runtime.partners, plan, question, data.key)
        driver = (data.surname, data.given_name)
        intent = offering.intent_of(plan, question, wanted, offer, place, driver)
        return await run_unit(request, partial(_submit, intent=intent, data=data, actor=actor))

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
        supplier = await queries.get_supplier(session, made.supplier_id)
        return answer(reservation_item(made, supplier.code), etag=made.etag)


async def _submit(
    session: AsyncSession, *, intent: Intent, data: NewReservation, actor: Actor
) -> Response[ReservationItem]:
    given = given_fields(data, without=("pickup", "back", "id"))
    chosen = data.id if isinstance(data.id, UUID) else None
    made = await reservations.submit_reservation(
        session, intent, expected=given["expected"], actor=actor, reservation_id=chosen
    )
    location = f"/api/v1/supplier-reservations/{made.id}"
    return answer(reservation_item(made, data.supplier), status=201, etag=made.etag, location=location)


def reservation_item(made: SupplierReservation, supplier: str) -> ReservationItem:
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
        offered=_money(made.offered),
        polls=made.polls,
        next_poll_at=timestamp(made.next_poll_at) if made.next_poll_at else UNSET,
        reason=made.reason,
        version=made.version,
        created_at=timestamp(made.created_at),
        updated_at=timestamp(made.updated_at),
    )


def _wanted(data: SupplierSearch | NewReservation) -> Wanted:
    problems: list[Problem] = []
    pickup, back = (_local(place, name, problems) for place, name in ((data.pickup, "pickup"), (data.back, "return")))
    if problems:
        raise InvalidFields(problems)
    residence = data.residence if isinstance(data, SupplierSearch) and isinstance(data.residence, str) else ""
    return Wanted(data.pickup.location, pickup, data.back.location, back, data.driver_age, residence)


def _local(place: SearchPlace, name: str, problems: list[Problem]) -> datetime:
    try:
        return read_local(place.local)
    except NoSuchTime as error:
        problems.append(Problem(f"{name}.local", "invalid", str(error)))
        return datetime.min  # noqa: DTZ901 - a placeholder that the problem keeps from being used


def _item(found: Found) -> OfferItem:
    offer = found.offer
    return OfferItem(
        supplier=found.code,
        supplier_name=found.name,
        key=offer.key,
        acriss=offer.acriss,
        model=offer.model,
        total=_money(offer.total),
        lines=[OfferLine(line.code, line.words, _money(line.amount)) for line in offer.lines],
        included_km=UNSET if offer.mileage.included_km is None else offer.mileage.included_km,
        mileage_is_doubtful=offer.mileage.is_doubtful,
        is_on_request=offer.is_on_request,
        pickup_branch=found.hire.pickup.branch,
        return_branch=found.hire.back.branch,
    )


def _money(amount: Money) -> MoneyValue:
    value = money_value(amount.minor, amount.currency)
    assert value is not None
    return value

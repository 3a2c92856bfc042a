"""Check-outs and check-ins in the JSON API, for counters that work with an app."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.api import given_fields
from app.core.db import AsyncSession
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match, not_modified, require_match
from app.core.values import UNSET
from app.rental.bookings.services.hires import find_on_hire, list_swaps
from app.rental.damages import services as damages
from app.rental.damages.services import NewMark, mark_item
from app.rental.handovers import queries, services
from app.rental.handovers.models import Handover
from app.rental.handovers.pages import EDIT, VIEW
from app.rental.handovers.rules import Direction, HandoverState
from app.rental.handovers.schemas import (
    AgreementBody,
    DepositBody,
    HandoverChanges,
    HandoverItem,
    SwapReadingBody,
    VehicleSwapBody,
    VehicleSwapItem,
    VehicleSwapList,
    handover_item,
    swap_item,
)
from app.rental.handovers.services import Papers, SwapWish
from app.rental.vehicles.services import Reading, SwapReadings

BookingId = FromPath[UUID]
Answer = Response[HandoverItem]
PAPERS = Papers.__slots__
CONDITION = ("odometer_km", "fuel_percent", "location", "note")


class CheckOutApi(Controller):
    """Handing a vehicle over: a draft that is filled step by step, and finished in one go."""

    path = "/api/v1/bookings/{booking_id:uuid}/check-out"
    tags = ["Handovers"]
    opt = {"permission": EDIT}

    @post(name="api.check_out.create", operation_id="beginCheckOut", summary="Begin a check-out")
    async def create(self, session: Session, actor: CurrentActor, booking_id: BookingId) -> Answer:
        """Or go on with the one that another device has begun."""
        made = await services.open_handover(session, booking_id, Direction.OUT, actor=actor)
        return await _told(session, made, 201)

    @get(name="api.check_out.show", operation_id="getCheckOut", summary="Read a check-out", permission=VIEW)
    async def show(self, request: Request, session: Session, actor: CurrentActor, booking_id: BookingId) -> Answer:
        """What is filled, and which steps are missing."""
        return await _shown(request, session, await _find(session, booking_id, Direction.OUT, actor))

    @patch(
        name="api.check_out.update", operation_id="saveCheckOut", summary="Save steps of a check-out", refuses=(409,)
    )
    async def update(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        booking_id: BookingId,
        data: JSONBody[HandoverChanges],
    ) -> Answer:
        """The driver's papers, the vehicle, what is read in it: what is absent stays."""
        return await _save(request, session, actor, booking_id, Direction.OUT, data)

    @post("/marks", name="api.check_out.marks.create", operation_id="markAtCheckOut", summary="Mark a damage")
    async def mark(
        self, session: Session, actor: CurrentActor, booking_id: BookingId, data: JSONBody[NewMark]
    ) -> Answer:
        """At a place of the vehicle that was not damaged so far as we knew."""
        return await _mark(session, actor, booking_id, Direction.OUT, data)

    @delete(
        "/marks/{mark_id:uuid}",
        name="api.check_out.marks.destroy",
        operation_id="unmarkAtCheckOut",
        summary="Take a mark back",
        status_code=200,
    )
    async def unmark(
        self, session: Session, actor: CurrentActor, booking_id: BookingId, mark_id: FromPath[UUID]
    ) -> Answer:
        """One that was made at this check-out."""
        return await _unmark(session, actor, booking_id, Direction.OUT, mark_id)

    @post("/deposit", name="api.check_out.deposit.create", operation_id="secureDeposit", summary="Hold the deposit")
    async def deposit(
        self, session: Session, actor: CurrentActor, booking_id: BookingId, data: JSONBody[DepositBody]
    ) -> Answer:
        """The worker asks the provider; the charge tells when it is held."""
        handover = await _find(session, booking_id, Direction.OUT, actor)
        fields = given_fields(data)
        return await _told(session, await services.secure_deposit(session, handover.id, **fields, actor=actor), 201)

    @post("/agreement", name="api.check_out.agreement.create", operation_id="agreeToCheckOut", summary="Agree")
    async def agree(
        self, session: Session, actor: CurrentActor, booking_id: BookingId, data: JSONBody[AgreementBody]
    ) -> Answer:
        """The customer agrees to the condition, the price and the deposit."""
        return await _agree(session, actor, booking_id, Direction.OUT, data)

    @post(
        "/completion", name="api.check_out.completion.create", operation_id="completeCheckOut", summary="Hand it over"
    )
    async def complete(self, request: Request, session: Session, actor: CurrentActor, booking_id: BookingId) -> Answer:
        """One transaction: the booking is on hire, the vehicle has left. 409 `steps_missing` names what is missing."""
        return await _complete(request, session, actor, booking_id, Direction.OUT)


class CheckInApi(Controller):
    """Taking a vehicle back: what differs from the check-out is charged or becomes a damage case."""

    path = "/api/v1/bookings/{booking_id:uuid}/check-in"
    tags = ["Handovers"]
    opt = {"permission": EDIT}

    @post(name="api.check_in.create", operation_id="beginCheckIn", summary="Begin a check-in")
    async def create(self, session: Session, actor: CurrentActor, booking_id: BookingId) -> Answer:
        """Or go on with the one that another device has begun."""
        made = await services.open_handover(session, booking_id, Direction.IN, actor=actor)
        return await _told(session, made, 201)

    @get(name="api.check_in.show", operation_id="getCheckIn", summary="Read a check-in", permission=VIEW)
    async def show(self, request: Request, session: Session, actor: CurrentActor, booking_id: BookingId) -> Answer:
        """Once it is done, `agreed` holds what differed and what it cost."""
        return await _shown(request, session, await _find(session, booking_id, Direction.IN, actor))

    @patch(name="api.check_in.update", operation_id="saveCheckIn", summary="Save steps of a check-in", refuses=(409,))
    async def update(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        booking_id: BookingId,
        data: JSONBody[HandoverChanges],
    ) -> Answer:
        """What is read in the vehicle, and where it is."""
        return await _save(request, session, actor, booking_id, Direction.IN, data)

    @post("/marks", name="api.check_in.marks.create", operation_id="markAtCheckIn", summary="Mark new damage")
    async def mark(
        self, session: Session, actor: CurrentActor, booking_id: BookingId, data: JSONBody[NewMark]
    ) -> Answer:
        """New damage becomes a damage case when the check-in is completed."""
        return await _mark(session, actor, booking_id, Direction.IN, data)

    @delete(
        "/marks/{mark_id:uuid}",
        name="api.check_in.marks.destroy",
        operation_id="unmarkAtCheckIn",
        summary="Take a mark back",
        status_code=200,
    )
    async def unmark(
        self, session: Session, actor: CurrentActor, booking_id: BookingId, mark_id: FromPath[UUID]
    ) -> Answer:
        """One that was made at this check-in."""
        return await _unmark(session, actor, booking_id, Direction.IN, mark_id)

    @post("/agreement", name="api.check_in.agreement.create", operation_id="agreeToCheckIn", summary="Agree")
    async def agree(
        self, session: Session, actor: CurrentActor, booking_id: BookingId, data: JSONBody[AgreementBody]
    ) -> Answer:
        """The customer agrees to what differs."""
        return await _agree(session, actor, booking_id, Direction.IN, data)

    @post("/completion", name="api.check_in.completion.create", operation_id="completeCheckIn", summary="Take it back")
    async def complete(self, request: Request, session: Session, actor: CurrentActor, booking_id: BookingId) -> Answer:
        """One transaction: the booking is returned, the vehicle in service, what is to be paid besides is planned."""
        return await _complete(request, session, actor, booking_id, Direction.IN)

    @post(
        "/settlement",
        name="api.check_in.settlement.create",
        operation_id="settleHire",
        summary="Settle what is due with the deposit",
    )
    async def settle(self, session: Session, actor: CurrentActor, booking_id: BookingId) -> Answer:
        """As far as it goes; the rest of it is released."""
        handover = await _find(session, booking_id, Direction.IN, actor)
        await services.settle_from_deposit(session, handover.id, actor=actor)
        return await _told(session, handover, 201)


class VehicleSwapApi(Controller):
    """Another vehicle takes over during a hire."""

    path = "/api/v1/bookings/{booking_id:uuid}/vehicle-swaps"
    tags = ["Handovers"]
    opt = {"permission": EDIT}

    @get(
        name="api.vehicle_swaps.index", operation_id="listVehicleSwaps", summary="List the swaps of a hire",
        permission=VIEW,
    )  # fmt: skip
    async def index(self, session: Session, actor: CurrentActor, booking_id: BookingId) -> Response[VehicleSwapList]:
        """In the order in which they were made, with what was read in both vehicles."""
        booking = await find_on_hire(session, booking_id, actor)
        return answer(VehicleSwapList([swap_item(each) for each in await list_swaps(session, booking.id)]))

    @post(name="api.vehicle_swaps.create", operation_id="swapVehicle", summary="Swap the vehicle of a hire")
    async def create(
        self, session: Session, actor: CurrentActor, booking_id: BookingId, data: JSONBody[VehicleSwapBody]
    ) -> Response[VehicleSwapItem]:
        """One transaction: the one vehicle is back in service, the other on hire. New damage becomes a case."""
        read = {
            name: Reading(body.odometer_km, None if body.fuel_percent is UNSET else body.fuel_percent)
            for name in ("taken", "given")
            if isinstance(body := getattr(data, name), SwapReadingBody)
        }
        readings = SwapReadings(read.get("taken"), read.get("given"), data.location or None)
        wish = SwapWish(data.vehicle_id, data.reason, readings, [msgspec.structs.asdict(mark) for mark in data.marks])
        made = await services.swap_vehicle(session, booking_id, wish, actor=actor)
        return answer(swap_item(made), status=201)


async def _find(session: AsyncSession, booking_id: UUID, direction: Direction, actor: Actor) -> Handover:
    await find_on_hire(session, booking_id, actor)
    found = await queries.find_of(session, booking_id, direction)
    if found is None:
        raise NotFound("It was not begun yet.")
    return found


async def _save(
    request: Request, session: AsyncSession, actor: Actor, booking_id: UUID, direction: Direction, data: HandoverChanges
) -> Answer:
    handover = await _find(session, booking_id, direction, actor)
    require_match(request, handover)
    given = given_fields(data)
    if "vehicle_id" in given:
        chosen, reason = given["vehicle_id"], given.get("reason")
        await services.save_vehicle(session, handover.id, vehicle_id=chosen, reason=reason, version=None, actor=actor)
    if any(name in given for name in PAPERS):
        kept = {name: getattr(handover, name, None) for name in PAPERS}
        papers = Papers(**(kept | {name: given[name] for name in PAPERS if name in given}))
        keys = services.keys_of(request.runtime.settings)
        await services.save_driver(session, handover.id, papers=papers, keys=keys, version=None, actor=actor)
    if any(name in given for name in CONDITION):
        values: dict[str, Any] = {name: given.get(name, getattr(handover, name)) for name in CONDITION}
        reading = Reading(values["odometer_km"] or 0, values["fuel_percent"])
        await services.save_condition(
            session, handover.id, reading=reading, location=values["location"], note=values["note"], version=None,
            actor=actor,
        )  # fmt: skip
    return await _told(session, handover, 200)


async def _mark(session: AsyncSession, actor: Actor, booking_id: UUID, direction: Direction, data: NewMark) -> Answer:
    handover = await _find(session, booking_id, direction, actor)
    await services.mark_damage(session, handover.id, fields=msgspec.structs.asdict(data), actor=actor)
    return await _told(session, handover, 201)


async def _unmark(session: AsyncSession, actor: Actor, booking_id: UUID, direction: Direction, mark_id: UUID) -> Answer:
    handover = await _find(session, booking_id, direction, actor)
    await services.unmark_damage(session, handover.id, mark_id, actor=actor)
    return await _told(session, handover, 200)


async def _agree(
    session: AsyncSession, actor: Actor, booking_id: UUID, direction: Direction, data: AgreementBody
) -> Answer:
    handover = await _find(session, booking_id, direction, actor)
    signature = msgspec.json.encode(data.signature).decode() if data.signature else ""
    await services.agree(
        session, handover.id, signature=signature, signed_name=data.signed_name, is_accepted=True, version=None,
        actor=actor,
    )  # fmt: skip
    return await _told(session, handover, 201)


async def _complete(
    request: Request, session: AsyncSession, actor: Actor, booking_id: UUID, direction: Direction
) -> Answer:
    handover = await _find(session, booking_id, direction, actor)
    honour_match(request, handover)
    return await _told(session, await services.complete(session, handover.id, version=None, actor=actor), 201)


async def _shown(request: Request, session: AsyncSession, handover: Handover) -> Answer:
    if not_modified(request, handover.etag):
        return Response(None, status_code=304, headers={"ETag": handover.etag, "Cache-Control": "no-store"})  # pyright: ignore
    return await _told(session, handover, 200)


async def _told(session: AsyncSession, handover: Handover, status: int) -> Answer:
    marks = await damages.list_marks(session, handover.vehicle_id) if handover.vehicle_id else []
    filled = await services.filled(session, handover)
    is_done = handover.state is HandoverState.DONE
    missing = [] if is_done else [step.value for step in filled.missing(handover.direction)]
    item = handover_item(handover, [mark_item(mark) for mark in marks], missing)
    return answer(item, status=status, etag=handover.etag)

"""Bookings in the JSON API."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.api import given_fields, list_answer, record_answer
from app.core.db import AsyncSession
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL
from app.core.values import UNSET
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, read_local
from app.rental.bookings import queries, services
from app.rental.bookings.models import Booking
from app.rental.bookings.schemas.bookings import (
    AmendmentPreviewBody,
    BookingAmendmentBody,
    BookingExtensionBody,
    BookingItem,
    BookingPage,
    BookingReasonBody,
    BookingUpgradeBody,
    ChangePreviewItem,
    ExtensionPreviewBody,
    NewBooking,
    TermsList,
    VehicleAssignmentBody,
    booking_item,
    preview_item,
    terms_item,
)
from app.rental.supplier_terms.services.selling import SEES_MARGINS, MarginItem, margin_item

ADDRESS = "/api/v1/bookings"
TAGS = ["Bookings"]
BookingId = FromPath[UUID]
Answer = Response[BookingItem]
Reason = JSONBody[BookingReasonBody]


class BookingApi(Controller):
    """Hires of our own fleet and of suppliers."""

    path = ADDRESS
    tags = TAGS
    opt = {"permission": "bookings.view"}

    @get(
        name="api.bookings.index",
        operation_id="listBookings",
        summary="List bookings",
        spec=queries.SPEC,
        query=(TOTAL,),
        selects=BookingItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[BookingPage]:
        """The bookings of one's markets and branches, the last changed first; `q` finds reference, driver, plate."""
        kind = request.runtime.assembly.kinds["booking"]
        return await list_answer(request, actor, queries.bookings, queries.SPEC, kind)

    @post(
        name="api.bookings.create",
        operation_id="createBooking",
        summary="Book a vehicle of our own fleet",
        permission="bookings.edit",
        refuses=(409,),
    )
    async def create(self, session: Session, actor: CurrentActor, data: JSONBody[NewBooking]) -> Answer:
        """Confirmed at once, at the price of now: by the rate card in force, else by the day price of the class.

        409 when nothing is left; 422 names the field that a guard of the rate card refuses.
        """
        chosen = None if data.id is UNSET else data.id
        fields = _fields(data, without=("id",))
        booking = await services.create_booking(session, fields=fields, actor=actor, booking_id=chosen)  # pyright: ignore
        return await told(session, booking, 201, location=f"{ADDRESS}/{booking.id}")

    @get(
        "/{booking_id:uuid}",
        name="api.bookings.show",
        operation_id="getBooking",
        summary="Read a booking",
        selects=BookingItem,
    )
    async def show(self, request: Request, actor: CurrentActor, booking_id: BookingId) -> Answer:
        """One booking, with its price line by line and what cancelling costs until when."""
        found = await queries.bookings.by_ids(request.runtime.database.reads, [str(booking_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @get(
        "/{booking_id:uuid}/margin",
        name="api.bookings.margin.show",
        operation_id="getBookingMargin",
        summary="Read what a booking of a supplier's car earns",
        permission=SEES_MARGINS,
    )
    async def margin(self, session: Session, actor: CurrentActor, booking_id: BookingId) -> Response[MarginItem]:
        """Net, mark-up, commission and margin; 404 for a car of ours, and where nothing was kept."""
        booking = await queries.get_booking(session, booking_id, actor)
        found = await services.find_margin(session, booking)
        if found is None:
            raise NotFound("Nothing is kept of what this booking earns.")
        return answer(margin_item(found))

    @get(
        "/{booking_id:uuid}/earlier-terms",
        name="api.bookings.earlier_terms.index",
        operation_id="listEarlierTerms",
        summary="List the terms that a booking had before",
    )
    async def earlier_terms(self, session: Session, actor: CurrentActor, booking_id: BookingId) -> Response[TermsList]:
        """What was agreed before each amendment and extension, the latest first."""
        booking = await queries.get_booking(session, booking_id, actor)
        terms = await queries.list_terms(session, booking.id)
        return answer(TermsList([terms_item(each) for each in terms]))


class BookingTermsApi(Controller):
    """What changes the terms or the vehicle. POST gives the booking with its new ETag."""

    path = f"{ADDRESS}/{{booking_id:uuid}}"
    tags = TAGS
    opt = {"permission": "bookings.edit"}

    @post("/amendment", name="api.bookings.amendment.create", operation_id="amendBooking", summary="Amend a booking")
    async def amend(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        booking_id: BookingId,
        data: JSONBody[BookingAmendmentBody],
    ) -> Answer:
        """Other times, branches, class or choices before the pick-up, at a new price. The old terms are kept.

        Another time, branch or class is priced by the rate card in force; other choices alone keep the agreed rate.
        """
        return await _made(request, session, actor, booking_id, services.amend_booking, fields=_fields(data))

    @post(
        "/extension",
        name="api.bookings.extension.create",
        operation_id="extendBooking",
        summary="Change the return of a hire that runs",
    )
    async def extend(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        booking_id: BookingId,
        data: JSONBody[BookingExtensionBody],
    ) -> Answer:
        """Later or earlier, at the rate that was agreed."""
        return await _made(request, session, actor, booking_id, services.extend_booking, fields=_fields(data))

    @post(
        "/vehicle-assignment",
        name="api.bookings.vehicle_assignment.create",
        operation_id="assignVehicle",
        summary="Give a booking a vehicle",
    )
    async def assign(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        booking_id: BookingId,
        data: JSONBody[VehicleAssignmentBody],
    ) -> Answer:
        """Or another one. A vehicle of another class, and a swap during the hire, need a reason."""
        change = partial(services.assign_vehicle, vehicle_id=data.vehicle_id, reason=data.reason)
        return await _made(request, session, actor, booking_id, change)

    @delete(
        "/vehicle-assignment",
        name="api.bookings.vehicle_assignment.destroy",
        operation_id="unassignVehicle",
        summary="Take the vehicle from a booking",
        status_code=200,
    )
    async def unassign(self, request: Request, session: Session, actor: CurrentActor, booking_id: BookingId) -> Answer:
        """The booking keeps the promise of its class."""
        return await _made(request, session, actor, booking_id, services.remove_vehicle, status=200)


class BookingPreviewApi(Controller):
    """What a change would make of the price, before it is made. Nothing changes."""

    path = f"{ADDRESS}/{{booking_id:uuid}}"
    tags = TAGS
    opt = {"permission": "bookings.edit", "idempotent": False}

    @post(
        "/amendment-previews",
        name="api.bookings.amendment_previews.create",
        operation_id="previewAmendment",
        summary="Preview an amendment",
        status_code=200,
        refuses=(409,),
    )
    async def amendment(
        self, session: Session, actor: CurrentActor, booking_id: BookingId, data: JSONBody[AmendmentPreviewBody]
    ) -> Response[ChangePreviewItem]:
        """Refused as the amendment itself would be."""
        return await _previewed(session, actor, booking_id, "amendment", data)

    @post(
        "/extension-previews",
        name="api.bookings.extension_previews.create",
        operation_id="previewExtension",
        summary="Preview another return of a hire that runs",
        status_code=200,
        refuses=(409,),
    )
    async def extension(
        self, session: Session, actor: CurrentActor, booking_id: BookingId, data: JSONBody[ExtensionPreviewBody]
    ) -> Response[ChangePreviewItem]:
        """Refused as the extension itself would be."""
        return await _previewed(session, actor, booking_id, "extension", data)


class BookingMoveApi(Controller):
    """The moves of a booking's life. POST gives the booking with its new ETag."""

    path = f"{ADDRESS}/{{booking_id:uuid}}"
    tags = TAGS
    opt = {"permission": "bookings.edit"}

    @post(
        "/cancellation",
        name="api.bookings.cancellation.create",
        operation_id="cancelBooking",
        summary="Cancel a booking",
        permission="bookings.cancel",
    )
    async def cancel(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: BookingId, data: Reason
    ) -> Answer:
        """The fee is that of this moment, whatever happens later."""
        return await _made(request, session, actor, booking_id, services.cancel_booking, reason=data.reason)

    @post("/upgrade", name="api.bookings.upgrade.create", operation_id="upgradeBooking", summary="Upgrade a booking")
    async def upgrade(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        booking_id: BookingId,
        data: JSONBody[BookingUpgradeBody],
    ) -> Answer:
        """Another class of our own fleet for the price that was agreed. The old terms are kept."""
        change = partial(services.upgrade_booking, class_code=data.class_code, reason=data.reason)
        return await _made(request, session, actor, booking_id, change)

    @post("/no-show", name="api.bookings.no_show.create", operation_id="markNoShow", summary="Nobody came")
    async def miss(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: BookingId, data: Reason
    ) -> Answer:
        """Two hours after the pick-up at the earliest; the vehicle is free again."""
        return await _made(request, session, actor, booking_id, services.mark_no_show, reason=data.reason)

    @post(
        "/closing",
        name="api.bookings.closing.create",
        operation_id="closeBooking",
        summary="Close a booking",
        permission="bookings.close",
    )
    async def close(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: BookingId, data: Reason
    ) -> Answer:
        """Nothing is open any more."""
        return await _made(request, session, actor, booking_id, services.close_booking, reason=data.reason)

    @post(
        "/dispute",
        name="api.bookings.dispute.create",
        operation_id="disputeBooking",
        summary="Dispute a booking",
        permission="bookings.close",
    )
    async def dispute(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: BookingId, data: Reason
    ) -> Answer:
        """The customer does not agree with what it came to."""
        return await _made(request, session, actor, booking_id, services.dispute_booking, reason=data.reason)


def _fields(body: msgspec.Struct, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a client sent, with wall times read. Raises InvalidFields."""
    fields, problems = given_fields(body, without=without), list[Problem]()
    for name, words in (("pickup", "pickup"), ("back", "return")):
        if end := fields.get(name):
            try:
                fields[name] = end | {"local": read_local(end["local"])}
            except NoSuchTime as error:
                problems.append(Problem(f"{words}.local", "malformed", str(error)))
    if problems:
        raise InvalidFields(problems)
    return fields


async def _made(
    request: Request,
    session: AsyncSession,
    actor: Actor,
    booking_id: UUID,
    change: Callable[..., Awaitable[Booking]],
    *,
    status: int = 201,
    **given: Any,
) -> Answer:
    """Make a change, when the client knows the present version or does not say which it knows."""
    honour_match(request, await queries.lock_booking(session, booking_id, actor))
    return await told(session, await change(session, booking_id, actor=actor, **given), status)


async def _previewed(
    session: AsyncSession, actor: Actor, booking_id: UUID, move: str, data: msgspec.Struct
) -> Response[ChangePreviewItem]:
    found = await services.preview_change(session, booking_id, move=move, fields=_fields(data), actor=actor)
    priced = found.priced
    amounts = {"before": found.before, "total": priced.total, "difference": found.difference}
    amounts |= {"fee_before": found.fee_before, "fee": found.fee}
    return answer(preview_item(amounts, priced.lines, priced.fee_windows))


async def told(session: AsyncSession, booking: Booking, status: int, location: str | None = None) -> Answer:
    customer = await queries.find_customer(session, booking.customer_id)
    vehicle = await queries.find_vehicle(session, booking.vehicle_id)
    return answer(booking_item(booking, customer, vehicle), status=status, etag=booking.etag, location=location)

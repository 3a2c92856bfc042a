"""Pages that change a booking: which vehicle it has, and its terms."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import Actor
from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.templating import render
from app.rental.bookings import queries, services
from app.rental.bookings.forms import EXTRA, AmendForm, MoveForm
from app.rental.bookings.models import Booking
from app.rental.bookings.pages import details, prices
from app.rental.bookings.pages.details import EDIT
from app.rental.bookings.pages.prices import HirePrice
from app.rental.bookings.rules import BookingState
from app.rental.locations import services as locations
from app.rental.occupancy import services as occupancy
from app.rental.occupancy.services import ClassSoldOut, VehicleTaken

Id = FromPath[UUID]


class AssignmentController(Controller):
    """Which vehicle a booking has."""

    path = "/bookings/{booking_id:uuid}/vehicle-assignment"
    opt = {"permission": EDIT}
    include_in_schema = False

    @get("/new", name="bookings.vehicle_assignment.new")
    async def new(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        """The vehicles of the branch that are free for the stay, and the others with what stands in the way."""
        booking = await queries.get_booking(session, booking_id, actor)
        page = await _assign_page(session, booking, MoveForm.of({}))
        return render(request, "rental/bookings/assign.html", page)

    @post(name="bookings.vehicle_assignment.create")
    async def create(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        form = await MoveForm.from_request(request)
        if form.vehicle_id is None:
            form.refuse("vehicle_id", "Choose a vehicle")
        elif await _is_as_read(session, booking_id, form, actor):
            try:
                async with session.begin_nested():
                    await services.assign_vehicle(
                        session, booking_id, vehicle_id=form.vehicle_id, reason=form.reason, actor=actor
                    )
            except InvalidFields as refused:
                form.take(refused)
            except VehicleTaken as refused:
                form.refuse("vehicle_id", f"{refused.title}. {refused.detail}")
            else:
                return redirect(request, "bookings.show", booking_id=booking_id, toast="Vehicle assigned")
        booking = await queries.get_booking(session, booking_id, actor)
        page = await _assign_page(session, booking, form)
        return render(request, "rental/bookings/assign.html", page, fragment="assign_form", status=_status(form))


class AmendmentController(Controller):
    """Other times, branches or class."""

    path = "/bookings/{booking_id:uuid}"
    opt = {"permission": EDIT}
    include_in_schema = False

    @get("/amendment/new", name="bookings.amendment.new")
    async def new(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        booking = await queries.get_booking(session, booking_id, actor)
        page = await _amend_page(session, booking, actor, _form_of(booking))
        return render(request, "rental/bookings/amend.html", page)

    @post("/amendment", name="bookings.amendment.create")
    async def create(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        return await _amend(request, session, actor, booking_id, "amendment")

    @post("/extension", name="bookings.extension.create")
    async def extend(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        return await _amend(request, session, actor, booking_id, "extension")

    @post("/amendment-previews", name="bookings.amendment_previews.create", idempotent=False, status_code=200)
    async def preview(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        return await _preview(request, session, actor, booking_id, "amendment")

    @post("/extension-previews", name="bookings.extension_previews.create", idempotent=False, status_code=200)
    async def preview_extension(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: Id
    ) -> Response[Any]:
        return await _preview(request, session, actor, booking_id, "extension")


async def _preview(request: Request, session: Any, actor: Actor, booking_id: UUID, move: str) -> Response[Any]:
    """The form with what the change would make of the price, or why it cannot be made; nothing changes."""
    form = await AmendForm.from_request(request)
    booking = await queries.get_booking(session, booking_id, actor)
    page = await _amend_page(session, booking, actor, form)
    address, offer = page.price.address, page.price.offer
    fields = form.fields()
    try:
        form.require_clean()
        async with session.begin_nested():
            found = await services.preview_change(session, booking_id, move=move, fields=fields, actor=actor)
    except InvalidFields as refused:
        price = HirePrice(address, offer, problems=[problem.detail for problem in refused.problems])
    except (ClassSoldOut, VehicleTaken, services.NoPrice) as refused:
        price = HirePrice(address, offer, problems=[f"{refused.title}. {refused.detail}"])
    else:
        offer = prices.offer_in(found.priced.snapshot) if move == "amendment" else None
        price = prices.price_of_change(address, offer, found, booking.pickup_zone)
    return render(request, "rental/bookings/amend.html", replace(page, price=price))


async def _amend(request: Request, session: Any, actor: Actor, booking_id: UUID, move: str) -> Response[Any]:
    form = await AmendForm.from_request(request)
    change = services.amend_booking if move == "amendment" else services.extend_booking
    fields = form.fields()
    await _is_as_read(session, booking_id, form, actor)
    try:
        form.require_clean()
        async with session.begin_nested():
            await change(session, booking_id, fields=fields, actor=actor)
    except InvalidFields as refused:
        form.take_problems(refused.problems)
    except (ClassSoldOut, VehicleTaken, services.NoPrice) as refused:
        form.refuse("class_code" if move == "amendment" else "return_local", f"{refused.title}. {refused.detail}")
    else:
        return redirect(request, "bookings.show", booking_id=booking_id, toast=details.MOVE_WORDS[move].toast)
    booking = await queries.get_booking(session, booking_id, actor)
    page = await _amend_page(session, booking, actor, form)
    return render(request, "rental/bookings/amend.html", page, fragment="amend_form", status=_status(form))


async def _is_as_read(session: Any, booking_id: UUID, form: AmendForm | MoveForm, actor: Actor) -> bool:
    """Whether the booking is still what the person saw; otherwise the form tells what it is now.

    The form comes back with the present version, so saving it again is meant.
    """
    booking = await queries.lock_booking(session, booking_id, actor)
    if form.version in (None, booking.version):
        return True
    form.refuse("version", f"Changed meanwhile: now {details.terms_in_words(booking)}. Save again if it still holds")
    return False


def _status(form: AmendForm | MoveForm) -> int:
    return 409 if "version" in form.errors else 422


async def _assign_page(session: Any, booking: Booking, form: MoveForm) -> details.AssignPage:
    places = await locations.by_codes(session, {booking.pickup_location, booking.return_location})
    hold = await occupancy.find_hold(session, booking.id)
    judged = await occupancy.judge_vehicles(session, hold.stay, besides=booking.id) if hold else []
    choices = [details.choice_of(each, booking) for each in judged if each.vehicle.id != booking.vehicle_id]
    choices.sort(key=lambda choice: not choice.is_booked_class)
    free = [choice for choice in choices if not choice.obstacle]
    busy = [choice for choice in choices if choice.obstacle and choice.is_booked_class]
    return details.AssignPage(booking, details.ends_of(booking, places), form, free, busy)


async def _amend_page(session: Any, booking: Booking, actor: Actor, form: AmendForm) -> details.AmendPage:
    is_extension = booking.state is BookingState.ON_HIRE
    words = details.MOVE_WORDS["extension" if is_extension else "amendment"]
    offer = None if is_extension else prices.offer_in(booking.rate_snapshot)
    price = HirePrice(f"/bookings/{booking.id}/{words.slug}-previews", offer, before=details.money(booking.total))
    return details.AmendPage(booking, form, await locations.choices(session, actor), words, is_extension, price)


def _form_of(booking: Booking) -> AmendForm:
    names = ("pickup_location", "return_location", "class_code")
    values: dict[str, Any] = {name: getattr(booking, name) for name in names}
    chosen = booking.chosen
    values |= {"brand": chosen.brand, "product": chosen.product, "covers": list(chosen.covers)}
    values |= {"additional_drivers": chosen.additional_drivers or ""}
    values |= {f"{EXTRA}{code}": count for code, count in chosen.extras}
    locals_ = {name: getattr(booking, name).strftime("%Y-%m-%dT%H:%M") for name in ("pickup_local", "return_local")}
    return AmendForm.of({**values, **locals_, "reason": ""})

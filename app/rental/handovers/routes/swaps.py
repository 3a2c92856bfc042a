"""The page of a swap during a hire: choose the vehicle that takes over, then read both."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import SYSTEM, Actor
from app.core.errors import Conflict, InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect_to
from app.core.templating import render
from app.rental.bookings.models import Booking
from app.rental.bookings.services.hires import find_on_hire
from app.rental.handovers import pages, services
from app.rental.handovers.forms import SwapForm
from app.rental.handovers.pages import EDIT
from app.rental.locations import services as locations
from app.rental.occupancy import services as occupancy
from app.rental.vehicles import services as vehicles

Id = FromPath[UUID]
TEMPLATE = "rental/handovers/swap.html"


class SwapController(Controller):
    """Taking one vehicle in and giving another one out."""

    path = "/bookings/{booking_id:uuid}/vehicle-swaps"
    opt = {"permission": EDIT}
    include_in_schema = False

    @get("/new", name="handovers.swaps.new")
    async def new(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        booking = await find_on_hire(session, booking_id, actor)
        services.refuse_swap(booking)
        form = SwapForm.from_raw(dict(request.query_params))
        return render(request, TEMPLATE, await _page(session, booking, form, actor))

    @post(name="handovers.swaps.create")
    async def create(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        form = await SwapForm.from_request(request)
        booking = await find_on_hire(session, booking_id, actor)
        try:
            form.require_clean()
            async with session.begin_nested():
                wish = form.wish(await _vehicle(session, booking.vehicle_id), await _vehicle(session, form.vehicle_id))
                await services.swap_vehicle(session, booking_id, wish, actor=actor)
        except InvalidFields as refused:
            form.take_problems(refused.problems)
        except Conflict as refused:
            form.refuse("vehicle_id", f"{refused.title}. {refused.detail}")
        else:
            return redirect_to(request, f"/bookings/{booking_id}", toast="Vehicle swapped")
        page = await _page(session, booking, form, actor)
        return render(request, TEMPLATE, page, fragment="swap_form", status=422)


async def _page(session: Any, booking: Booking, form: SwapForm, actor: Actor) -> pages.SwapPage:
    hold = await occupancy.find_hold(session, booking.id)
    free = await occupancy.free_vehicles(session, hold.stay, besides=booking.id) if hold else []
    free.sort(key=lambda each: each.class_code != booking.class_code)
    return pages.SwapPage(
        booking=booking,
        form=form,
        taken=await _vehicle(session, booking.vehicle_id),
        given=await _vehicle(session, form.vehicle_id),
        choices=[
            (str(each.id), f"{each.plate} {each.title}, {each.class_code}") for each in free[: pages.MOST_CHOICES]
        ],
        locations=await locations.choices(session, actor),
        fuel=pages.FUEL,
        zones=pages.ZONE_CHOICES,
        kinds=pages.KINDS,
    )


async def _vehicle(session: Any, vehicle_id: UUID | None) -> Any:
    return await vehicles.lock_vehicle(session, vehicle_id, SYSTEM) if vehicle_id else None

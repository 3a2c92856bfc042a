"""The page on which a customer is given another car than ours: what there is, and the choice."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.errors import AppError, InvalidFields
from app.core.http import CurrentActor, Request, redirect
from app.core.partners.outcomes import PartnerError
from app.core.templating import render
from app.core.unit_of_work import run_unit
from app.rental.bookings import services
from app.rental.bookings.forms import SUPPLIER, WalkForm
from app.rental.bookings.pages import details, walks
from app.rental.bookings.pages.details import EDIT
from app.rental.bookings.services import standing_in
from app.rental.locations import services as locations
from app.rental.occupancy.services import ClassSoldOut
from app.rental.supplier_terms.services.selling import SEES_MARGINS
from app.rental.suppliers.services.offering import SupplierSaysNo
from app.rental.suppliers.services.reservations import Intent, PriceMoved

Id = FromPath[UUID]
TEMPLATE = "rental/bookings/walk.html"
ASK = "suppliers"
"""The parameter of the address by which suppliers are asked."""


class WalkController(Controller):
    """What takes the place of a booking that we have no car for."""

    path = "/bookings/{booking_id:uuid}/walk"
    opt = {"permission": EDIT}
    include_in_schema = False

    @get("/new", name="bookings.walk.new")
    async def new(self, request: Request, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        """Cars of ours at once; suppliers are asked where the address says so, which the page does by itself."""
        page = await _page(request, actor, booking_id, WalkForm.of({}), asks=ASK in request.query_params)
        return render(request, TEMPLATE, page)

    @post(name="bookings.walk.create")
    async def create(self, request: Request, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        form = await WalkForm.from_request(request)
        try:
            form.require_clean()
            intent = await _intent(request, actor, booking_id, form) if form.kind == SUPPLIER else None
            made: Response[Any] = await run_unit(
                request, partial(_walk, request=request, actor=actor, booking_id=booking_id, form=form, intent=intent)
            )
        except InvalidFields as refused:
            form.take_problems(refused.problems)
        except (ClassSoldOut, SupplierSaysNo, PriceMoved, PartnerError) as refused:
            form.refuse("target", _told(refused))
        else:
            return made
        page = await _page(request, actor, booking_id, form, asks=not request.is_partial)
        return render(request, TEMPLATE, page, fragment="walk_form", status=422)


async def _intent(request: Request, actor: Actor, booking_id: UUID, form: WalkForm) -> Intent:
    """The supplier's car that is chosen, as it is now."""
    runtime, (code, expected, key) = request.runtime, form.supplied()
    async with runtime.database.session() as session:
        prepared = await standing_in.prepare_walk(session, runtime.settings, booking_id, actor)
    return await standing_in.intend(
        runtime.database, runtime.partners, prepared, supplier=code, key=key, expected=expected
    )


async def _walk(
    session: AsyncSession, *, request: Request, actor: Actor, booking_id: UUID, form: WalkForm, intent: Intent | None
) -> Response[Any]:
    reason = form.reason or ""
    if intent is not None:
        expected = form.supplied()[1]
        made = await services.walk_booking(
            session, booking_id, supplier=intent, expected=expected, reason=reason, actor=actor
        )
        words = f"{made.reference} takes its place; the supplier is asked"
    else:
        location, class_code = form.own()
        made = await services.walk_within_fleet(
            session, booking_id, location=location, class_code=class_code, reason=reason, actor=actor
        )
        words = f"{made.class_code} at {made.pickup_location}, at the agreed price"
    return redirect(request, "bookings.show", booking_id=made.id, toast=words)


async def _page(request: Request, actor: Actor, booking_id: UUID, form: WalkForm, *, asks: bool) -> walks.WalkPage:
    """What there is to choose. The transaction is over before suppliers are asked."""
    runtime = request.runtime
    async with runtime.database.session() as session:
        prepared = await standing_in.prepare_walk(session, runtime.settings, booking_id, actor)
        booking = prepared.booking
        own = await standing_in.find_own_candidates(session, booking, actor)
        left = await standing_in.find_left(session, booking)
        places = await locations.by_codes(session, {booking.pickup_location, booking.return_location})
    result = await standing_in.ask_suppliers(runtime.partners, prepared) if asks else None
    return walks.WalkPage(
        booking=booking,
        ends=details.ends_of(booking, places),
        total=details.money(booking.total),
        overbooked=walks.overbooked_in_words(left),
        form=form,
        own=walks.own_candidates(own, booking),
        supplied=walks.supplied_cars(result, booking, actor),
        sees_costs=actor.may(SEES_MARGINS),
    )


def _told(refused: Exception) -> str:
    if isinstance(refused, AppError):
        return f"{refused.title}. {refused.detail}"
    return "The supplier did not answer. Try again, or choose another car."

"""Moving a booking: one page that tells what would come of it, and makes the move."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import Actor
from app.core.errors import Conflict, InvalidFields
from app.core.http import CurrentActor, Request, Session, local_address, redirect_to
from app.core.templating import render
from app.core.undo import offer_undo
from app.rental.bookings.services import NoPrice
from app.rental.occupancy import services as occupancy
from app.rental.planner import queries
from app.rental.planner.forms import USUAL_REASON, MoveForm
from app.rental.planner.pages.moves import MovePage, move_page
from app.rental.planner.services import moves
from app.rental.planner.services.moves import EDIT, NOWHERE, Outcome

Id = FromPath[UUID]
PAGE = "rental/planner/move.html"
MOST_OFFERED = 100


class PlanMoveController(Controller):
    """To another vehicle, another time, or both."""

    path = "/bookings/{booking_id:uuid}/move"
    opt = {"permission": EDIT}
    include_in_schema = False

    @get(name="bookings.move.new")
    async def new(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        """What would come of the move that the address names; without one, the form to name it."""
        form = MoveForm.from_raw({"reason": USUAL_REASON, **dict(request.query_params)})
        outcome, status = None, 200
        if form.is_asked:
            try:
                outcome = await moves.try_move(session, booking_id, form.wish(), actor=actor)
            except InvalidFields as refused:
                form.take(refused)
                status = 422
        page = await _page(session, actor, booking_id, form, outcome)
        return render(request, PAGE, page, fragment="dialog", status=status)

    @post(name="bookings.move.create")
    async def create(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        form = await MoveForm.from_request(request)
        outcome = None
        try:
            booking = await queries.get_booking(session, booking_id, actor)
            before = str(booking.vehicle_id or NOWHERE)
            async with session.begin_nested():
                moved = await moves.move_booking(session, booking_id, form.wish(), expected=form.expected, actor=actor)
        except (Conflict, InvalidFields, NoPrice) as refused:
            booking = await queries.get_booking(session, booking_id, actor)
            outcome = Outcome(booking.total, booking.total, refused)
            page = await _page(session, actor, booking_id, form, outcome)
            return render(request, PAGE, page, fragment="dialog", status=422)
        undo = await _undo(request, session, moved, form, before, actor)
        back = local_address(form.text("back"), f"/bookings/{booking_id}")
        return redirect_to(request, back, toast=f"{moved.reference} moved", undo=undo)


async def _undo(request: Request, session: Any, moved: Any, form: MoveForm, before: str, actor: Actor) -> str:
    """A change of the vehicle alone can be taken back; another time has another price, which is agreed anew."""
    if (moved.terms_number > 1 and (form.pickup_local or form.return_local)) or form.swap_with or not form.vehicle:
        return ""
    settings = request.runtime.settings
    return await offer_undo(session, settings, moves.UNDO.key, moved, {"vehicle": before}, actor)


async def _page(session: Any, actor: Actor, booking_id: UUID, form: MoveForm, outcome: Outcome | None) -> MovePage:
    booking = await queries.get_booking(session, booking_id, actor)
    wanted = form.text("vehicle")
    names = {
        "before": await queries.find_vehicle(session, booking.vehicle_id, actor),
        "after": await queries.find_vehicle(session, UUID(wanted), actor) if _is_vehicle(wanted) else None,
    }
    free: list[tuple[str, str]] = []
    if not form.is_asked and (hold := await occupancy.find_hold(session, booking.id)):
        found = await occupancy.free_vehicles(session, hold.stay, besides=booking.id)
        found.sort(key=lambda one: one.class_code != booking.class_code)
        free = [(str(one.id), f"{one.plate} {one.title}, {one.class_code}") for one in found[:MOST_OFFERED]]
    return move_page(booking, form, outcome, free, names)


def _is_vehicle(text: str) -> bool:
    return len(text) == 36 and text != NOWHERE

"""A booking's moves, as plain forms post them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from litestar import Controller, Response, post
from litestar.params import FromPath

from app.core import clock
from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.templating import render
from app.rental.bookings import queries, services
from app.rental.bookings.forms import MoveForm
from app.rental.bookings.models import Booking
from app.rental.bookings.pages import details
from app.rental.bookings.pages.details import CANCEL, CLOSE, EDIT
from app.rental.bookings.rules import MOVES

Id = FromPath[UUID]


class MoveController(Controller):
    """One address per move."""

    path = "/bookings/{booking_id:uuid}"
    opt = {"permission": EDIT}
    include_in_schema = False

    @post("/cancellation", name="bookings.cancellation.create", permission=CANCEL)
    async def cancel(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        return await _move(request, session, actor, booking_id, "cancellation", services.cancel_booking)

    @post("/no-show", name="bookings.no_show.create")
    async def miss(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        return await _move(request, session, actor, booking_id, "no_show", services.mark_no_show)

    @post("/upgrade", name="bookings.upgrade.create")
    async def upgrade(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        return await _move(request, session, actor, booking_id, "upgrade", services.upgrade_booking, ("class_code",))

    @post("/closing", name="bookings.closing.create", permission=CLOSE)
    async def close(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        return await _move(request, session, actor, booking_id, "closing", services.close_booking)

    @post("/dispute", name="bookings.dispute.create", permission=CLOSE)
    async def dispute(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        return await _move(request, session, actor, booking_id, "dispute", services.dispute_booking)

    @post("/vehicle-assignment/removal", name="bookings.vehicle_assignment.destroy")
    async def unassign(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        await services.remove_vehicle(session, booking_id, actor=actor)
        return redirect(request, "bookings.show", booking_id=booking_id, toast="Vehicle taken away")


async def _move(
    request: Request,
    session: Any,
    actor: Any,
    booking_id: UUID,
    name: str,
    service: Callable[..., Awaitable[Booking]],
    more: Sequence[str] = (),
) -> Response[Any]:
    booking = await queries.get_booking(session, booking_id, actor)
    form, words = await MoveForm.from_request(request), details.MOVE_WORDS[name]
    try:
        given = {each: getattr(form, each) or "" for each in ("reason", *more)}
        await service(session, booking_id, **given, actor=actor)
    except InvalidFields as refused:
        form.take(refused)
        text = details.text_of(booking, MOVES[name], words, clock.now())
        page = details.MovePage(booking, details.OfferedMove(name, words, text, form))
        return render(request, "rental/bookings/move.html", page, fragment="move_form", status=422)
    return redirect(request, "bookings.show", booking_id=booking_id, toast=words.toast)

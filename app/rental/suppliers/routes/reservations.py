"""Pages about reservations with suppliers."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, local_address, redirect, redirect_to
from app.core.lists import frame
from app.core.templating import render
from app.desk.audit_trail.services import timeline
from app.desk.exchanges import services as exchanges
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list
from app.kit.money import Money, MoneyError
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, moment_of
from app.rental.suppliers import queries
from app.rental.suppliers.forms import ReasonForm, SettleForm
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.pages import reservations as pages
from app.rental.suppliers.rules import SEES_MARGINS, ReservationState
from app.rental.suppliers.services import reservations
from app.rental.suppliers.services.by_hand import Told, settle_by_hand


class ReservationController(Controller):
    """What is reserved with suppliers."""

    path = pages.PATH
    opt = {"permission": "suppliers.view"}
    include_in_schema = False

    @get(name="supplier_reservations.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads = request.runtime.database.reads
        opened = await open_list(reads, pages.LIST, request.query_params.multi_items(), actor, pages.VIEWS)
        listed = queries.reservations_for(actor)
        found = await listed.page(reads, request.runtime.cursors, opened.asked.query, actor)
        total = await listed.count(reads, opened.asked.query, actor)
        around = frame(pages.LIST, opened, page=found, total=total)
        page = pages.ReservationList(around, [pages.row(item) for item in found.items])
        headers = request.shown_at(around.canonical)
        return render(request, "rental/suppliers/reservations.html", page, headers=headers)

    @get("/{reservation_id:uuid}", name="supplier_reservations.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, reservation_id: FromPath[UUID]
    ) -> Response[Any]:
        page = await _detail(session, reservation_id, actor)
        return render(request, "rental/suppliers/reservation.html", page)

    @post(
        "/{reservation_id:uuid}/cancellation",
        name="supplier_reservations.cancellation.create",
        permission="suppliers.settle",
    )
    async def cancel(
        self, request: Request, session: Session, actor: CurrentActor, reservation_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await ReasonForm.from_request(request)
        if not form.reason:
            form.refuse("reason", "Say why it is cancelled")
            page = await _detail(session, reservation_id, actor, cancel_form=form)
            return render(request, "rental/suppliers/reservation.html", page, fragment="move_cancellation", status=422)
        await queries.get_reservation(session, reservation_id, actor)
        await reservations.request_cancellation(session, reservation_id, reason=form.reason, actor=actor)
        toast = "The supplier is asked to cancel"
        return redirect(request, "supplier_reservations.show", reservation_id=reservation_id, toast=toast)

    @post("/{reservation_id:uuid}/poll", name="supplier_reservations.poll.create", permission="suppliers.settle")
    async def poll(
        self, request: Request, session: Session, actor: CurrentActor, reservation_id: FromPath[UUID]
    ) -> Response[Any]:
        await queries.get_reservation(session, reservation_id, actor)
        asked = await reservations.ask_now(session, reservation_id, actor=actor)
        to = local_address(request.query_params.get("to"), f"{pages.PATH}/{reservation_id}")
        return redirect_to(request, to, toast=f"The supplier is asked about {asked.reference}")

    @post("/{reservation_id:uuid}/outcome", name="supplier_reservations.outcome.create", permission="suppliers.settle")
    async def settle(
        self, request: Request, session: Session, actor: CurrentActor, reservation_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await SettleForm.from_request(request)
        await queries.get_reservation(session, reservation_id, actor)
        settled = await form.submit(_settle, session, reservation_id, actor=actor)
        if settled is None:
            page = await _detail(session, reservation_id, actor, settle_form=form)
            return render(request, "rental/suppliers/reservation.html", page, fragment="move_outcome", status=422)
        toast = f"{settled.reference} is {pages.STATE_WORDS[settled.state].lower()}"
        return redirect(request, "supplier_reservations.show", reservation_id=reservation_id, toast=toast)


async def _settle(session: Any, reservation_id: UUID, *, fields: dict[str, Any], actor: Any) -> Any:
    if fields["outcome"] not in set(ReservationState):
        raise InvalidFields([Problem("outcome", "required", "Choose what it is")])
    amended_total = None
    reservation = await queries.get_reservation(session, reservation_id, actor)
    if text := fields["amended_total"]:
        try:
            amended_total = Money.parse(text, reservation.currency)
        except MoneyError as error:
            raise InvalidFields([Problem("amended_total", "malformed", str(error))]) from None
    return await settle_by_hand(
        session,
        reservation_id,
        amended_total=amended_total,
        told=_told(reservation, fields),
        outcome=ReservationState(fields["outcome"]),
        number=fields["number"] or "",
        reason=fields["reason"] or "",
        actor=actor,
    )


def _told(reservation: SupplierReservation, fields: dict[str, Any]) -> Told:
    """Who said it and when, by the clocks of the branch. Raises InvalidFields."""
    spoke_with, said_at = fields["spoke_with"], fields["said_at"]
    if not spoke_with:
        raise InvalidFields([Problem("spoke_with", "required", "Enter who said it")])
    if said_at is None:
        raise InvalidFields([Problem("said_at", "required", "Enter when it was said")])
    try:
        return Told(spoke_with, moment_of(said_at.replace(tzinfo=None), reservation.time_zone))
    except NoSuchTime as error:
        raise InvalidFields([Problem("said_at", "no_such_time", str(error))]) from None


async def _detail(session: Any, reservation_id: UUID, actor: Any, **forms: Any) -> pages.ReservationDetail:
    reservation = await queries.get_reservation(session, reservation_id, actor)
    supplier = await queries.get_supplier(session, reservation.supplier_id)
    return pages.detail(
        reservation,
        supplier,
        sees_price=not supplier.has_net_prices or actor.may(SEES_MARGINS),
        may_settle=actor.may("suppliers.settle"),
        exchanges=await exchanges.list_about(session, reservation),
        beside=await beside(session, reservation, actor),
        timeline=await timeline(session, reservation, pages.FIELD_LABELS),
        **forms,
    )

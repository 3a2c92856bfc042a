"""A vehicle's moves, as plain forms post them."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, post
from litestar.params import FromPath

from app.core.http import CurrentActor, Request, Session, redirect
from app.core.templating import render
from app.core.undo import offer_undo
from app.desk.approvals import services as approvals
from app.rental.vehicles import pages, queries, services
from app.rental.vehicles.forms import MoveForm
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.routes.vehicles import detail_page
from app.rental.vehicles.rules import VehicleState, way_back


class MoveController(Controller):
    """One address per move."""

    path = "/vehicles/{vehicle_id:uuid}"
    opt = {"permission": "vehicles.move"}
    include_in_schema = False

    @post("/block", name="vehicles.block.create")
    async def block(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, vehicle_id, "block")

    @post("/block/removal", name="vehicles.block.destroy")
    async def unblock(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, vehicle_id, "block_removal")

    @post("/maintenance", name="vehicles.maintenance.create")
    async def maintain(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, vehicle_id, "maintenance")

    @post("/maintenance/removal", name="vehicles.maintenance.destroy")
    async def maintained(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, vehicle_id, "maintenance_removal")

    @post("/transfer", name="vehicles.transfer.create")
    async def transfer(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, vehicle_id, "transfer")

    @post("/transfer/removal", name="vehicles.transfer.destroy")
    async def arrive(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, vehicle_id, "arrival")

    @post("/sale-listing", name="vehicles.sale_listing.create", permission="vehicles.dispose")
    async def sell(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, vehicle_id, "sale_listing")

    @post("/sale-listing/removal", name="vehicles.sale_listing.destroy", permission="vehicles.dispose")
    async def unsell(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, vehicle_id, "sale_listing_removal")

    @post("/commissioning", name="vehicles.commissioning.create", permission="vehicles.dispose")
    async def commission(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, vehicle_id, "commissioning")

    @post("/retirement", name="vehicles.retirement.create", permission="vehicles.dispose")
    async def retire(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID]
    ) -> Response[Any]:
        return await _move(request, session, actor, vehicle_id, "retirement")


async def _move(request: Request, session: Any, actor: Any, vehicle_id: UUID, move: str) -> Response[Any]:
    vehicle = await queries.get_vehicle(session, vehicle_id, actor)
    form = await MoveForm.from_request(request)
    shown, before = await detail_page(session, vehicle, actor), vehicle.state
    fields = {} if form.errors else form.in_zone(shown.zone)
    moved = await form.submit(services.begin_move, session, vehicle_id, move, fields=fields, actor=actor)
    if moved is None:
        page = pages.refused_move(vehicle, move, form, shown.locations, shown.zone)
        return render(request, "rental/vehicles/move.html", page, fragment="move_form", status=422)
    undo = await _offer(request, session, actor, move, moved.vehicle, before, shown)
    told = approvals.told(moved.waits, pages.MOVE_WORDS[move].toast)
    return redirect(request, "vehicles.show", vehicle_id=vehicle_id, toast=told, undo=undo)


async def _offer(
    request: Request,
    session: Any,
    actor: Any,
    move: str,
    moved: Vehicle,
    before: VehicleState,
    shown: pages.VehicleDetail,
) -> str:
    """A token that takes the move back; none where no other move leads exactly to what was before."""
    back = way_back(move, before, moved.state)
    ended = next((period for period in shown.periods if period.is_now), None)
    if back is None or (back == "block" and ended is None):
        return ""
    fields = {"reason": ended.reason, "ends_at": ended.ends_at} if back == "block" and ended else {}
    key = "vehicle.disposal" if pages.MOVE_WORDS[back].permission == "vehicles.dispose" else "vehicle.move"
    return await offer_undo(session, request.runtime.settings, key, moved, {"move": back, **fields}, actor)

"""Vehicles in the JSON API."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.api import given_fields, list_answer, record_answer
from app.core.db import AsyncSession
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match, require_match
from app.core.openapi_vocabulary import TOTAL
from app.core.values import UNSET
from app.desk.approvals.services import ApprovalItem, as_item
from app.rental.vehicles import queries, services
from app.rental.vehicles.schemas import (
    MoveBody,
    NewVehicle,
    ReasonBody,
    RetirementBody,
    TransferBody,
    VehicleFields,
    VehicleItem,
    VehiclePage,
    item_of,
)

TAGS = ("Vehicles",)
ENDING = JSONBody[ReasonBody | None]


class VehicleApi(Controller):
    """The fleet."""

    path = "/api/v1/vehicles"
    tags = TAGS
    opt = {"permission": "vehicles.view"}

    @get(
        name="api.vehicles.index",
        operation_id="listVehicles",
        summary="List vehicles",
        spec=queries.SPEC,
        query=(TOTAL,),
        selects=VehicleItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[VehiclePage]:
        """The vehicles of one's markets and branches, the last changed first; with `q`, the best match first."""
        kind = request.runtime.assembly.kinds["vehicle"]
        return await list_answer(request, actor, queries.vehicles, queries.SPEC, kind)

    @post(name="api.vehicles.create", operation_id="createVehicle", summary="Add a vehicle", permission="vehicles.edit")
    async def create(self, session: Session, actor: CurrentActor, data: JSONBody[NewVehicle]) -> Response[VehicleItem]:
        """The class may be given as `acriss` or by its parts. Clients may choose the `id`."""
        chosen = None if data.id is UNSET else data.id
        fields = given_fields(data, without=("id",))
        vehicle = await services.create_vehicle(session, fields=fields, actor=actor, vehicle_id=chosen)  # pyright: ignore
        address = f"/api/v1/vehicles/{vehicle.id}"
        return answer(item_of(vehicle), status=201, etag=vehicle.etag, location=address)

    @get(
        "/{vehicle_id:uuid}",
        name="api.vehicles.show",
        operation_id="getVehicle",
        summary="Read a vehicle",
        selects=VehicleItem,
    )
    async def show(self, request: Request, actor: CurrentActor, vehicle_id: FromPath[UUID]) -> Response[VehicleItem]:
        """One vehicle, with the ETag that a change needs."""
        found = await queries.vehicles.by_ids(request.runtime.database.reads, [str(vehicle_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @patch(
        "/{vehicle_id:uuid}",
        name="api.vehicles.update",
        operation_id="updateVehicle",
        summary="Change a vehicle",
        permission="vehicles.edit",
        refuses=(409,),
        waits=ApprovalItem,
    )
    async def update(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        vehicle_id: FromPath[UUID],
        data: JSONBody[VehicleFields],
    ) -> Response[VehicleItem]:
        """JSON Merge Patch: what is absent stays, null clears. Needs If-Match. The state is changed by moves.

        A `day_price` that moves by more than a fifth is not set but asked for: 202 with the approval that waits, while
        the other fields are changed at once.
        """
        vehicle = await queries.lock_vehicle(session, vehicle_id, actor)
        require_match(request, vehicle)
        changed = await services.change_vehicle(session, vehicle_id, fields=given_fields(data), actor=actor)
        return _told(changed, 200)


class VehicleMoveApi(Controller):
    """The moves of the state machine. POST begins, DELETE ends; both give the vehicle with its new ETag."""

    path = "/api/v1/vehicles/{vehicle_id:uuid}"
    tags = TAGS
    opt = {"permission": "vehicles.move"}

    @post("/block", name="api.vehicles.block.create", operation_id="blockVehicle", summary="Block a vehicle")
    async def block(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        vehicle_id: FromPath[UUID],
        data: JSONBody[MoveBody],
    ) -> Response[VehicleItem]:
        """Take it out of hire, now or from `starts_at` until `ends_at`."""
        return await _move(request, session, actor, vehicle_id, "block", data)

    @delete(
        "/block",
        name="api.vehicles.block.destroy",
        operation_id="unblockVehicle",
        summary="End a block",
        status_code=200,
    )
    async def unblock(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID], data: ENDING = None
    ) -> Response[VehicleItem]:
        """Put a blocked vehicle back into service."""
        return await _move(request, session, actor, vehicle_id, "block_removal", data)

    @post(
        "/maintenance",
        name="api.vehicles.maintenance.create",
        operation_id="startMaintenance",
        summary="Send a vehicle to maintenance",
    )
    async def maintain(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        vehicle_id: FromPath[UUID],
        data: JSONBody[MoveBody],
    ) -> Response[VehicleItem]:
        """Now or from `starts_at` until `ends_at`; a block that holds now ends."""
        return await _move(request, session, actor, vehicle_id, "maintenance", data)

    @delete(
        "/maintenance",
        name="api.vehicles.maintenance.destroy",
        operation_id="endMaintenance",
        summary="Take a vehicle back from maintenance",
        status_code=200,
    )
    async def maintained(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID], data: ENDING = None
    ) -> Response[VehicleItem]:
        """Put it back into service."""
        return await _move(request, session, actor, vehicle_id, "maintenance_removal", data)

    @post(
        "/transfer",
        name="api.vehicles.transfer.create",
        operation_id="startTransfer",
        summary="Send a vehicle to another location",
    )
    async def transfer(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        vehicle_id: FromPath[UUID],
        data: JSONBody[TransferBody],
    ) -> Response[VehicleItem]:
        """It is in transit until its arrival is told or `ends_at` is over."""
        return await _move(request, session, actor, vehicle_id, "transfer", data)

    @delete(
        "/transfer",
        name="api.vehicles.transfer.destroy",
        operation_id="endTransfer",
        summary="Tell that a vehicle has arrived",
        status_code=200,
    )
    async def arrive(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID], data: ENDING = None
    ) -> Response[VehicleItem]:
        """It is in service at the location it was sent to."""
        return await _move(request, session, actor, vehicle_id, "arrival", data)


class VehicleDisposalApi(Controller):
    """The moves that put a vehicle into the fleet and take it out."""

    path = "/api/v1/vehicles/{vehicle_id:uuid}"
    tags = TAGS
    opt = {"permission": "vehicles.dispose"}

    @post(
        "/commissioning",
        name="api.vehicles.commissioning.create",
        operation_id="commissionVehicle",
        summary="Put an ordered vehicle into service",
    )
    async def commission(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID], data: ENDING = None
    ) -> Response[VehicleItem]:
        """Only from `ordered`."""
        return await _move(request, session, actor, vehicle_id, "commissioning", data)

    @post(
        "/sale-listing",
        name="api.vehicles.sale_listing.create",
        operation_id="listVehicleForSale",
        summary="Offer a vehicle for sale",
    )
    async def sell(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        vehicle_id: FromPath[UUID],
        data: JSONBody[MoveBody],
    ) -> Response[VehicleItem]:
        """Take it out of hire to be sold."""
        return await _move(request, session, actor, vehicle_id, "sale_listing", data)

    @delete(
        "/sale-listing",
        name="api.vehicles.sale_listing.destroy",
        operation_id="endVehicleSale",
        summary="Take a vehicle off sale",
        status_code=200,
    )
    async def unsell(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID], data: ENDING = None
    ) -> Response[VehicleItem]:
        """Put it back into service."""
        return await _move(request, session, actor, vehicle_id, "sale_listing_removal", data)

    @post(
        "/retirement",
        name="api.vehicles.retirement.create",
        operation_id="retireVehicle",
        summary="Retire a vehicle",
        status_code=202,
    )
    async def retire(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        vehicle_id: FromPath[UUID],
        data: JSONBody[RetirementBody],
    ) -> Response[ApprovalItem]:
        """For good, so it is asked for: 202 with the approval that waits for somebody else.

        A retired vehicle is no longer changed. Not while it is on hire or in transit.
        """
        return await _move(request, session, actor, vehicle_id, "retirement", data)


async def _move(
    request: Request, session: AsyncSession, actor: Actor, vehicle_id: UUID, move: str, body: msgspec.Struct | None
) -> Response[Any]:
    vehicle = await queries.lock_vehicle(session, vehicle_id, actor)
    honour_match(request, vehicle)
    fields = given_fields(body) if body is not None else {}
    changed = await services.begin_move(session, vehicle_id, move, fields=fields, actor=actor)
    return _told(changed, 201 if request.method == "POST" else 200)


def _told(changed: services.Changed, status: int) -> Response[Any]:
    """The vehicle, or the approval that waits for somebody else."""
    waits = changed.waits
    if waits is None:
        return answer(item_of(changed.vehicle), status=status, etag=changed.vehicle.etag)
    return answer(as_item(waits), status=202, etag=waits.etag, location=f"/api/v1/approvals/{waits.id}")

"""Fields of the record page that are edited where they stand."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Self
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.conflicts import is_agreed
from app.core.errors import StaleVersion
from app.core.http import CurrentActor, Request, Session, redirect, toast_trigger
from app.core.templating import render
from app.core.undo import offer_undo
from app.desk.approvals import services as approvals
from app.rental.locations import services as locations
from app.rental.vehicles import pages, queries, services
from app.rental.vehicles.forms import VehicleForm
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.routes.vehicles import conflict

CellName = Literal["odometer_km", "day_price", "location"]
TEMPLATE = "rental/vehicles/cell.html"


class CellController(Controller):
    """Odometer, price and branch."""

    path = "/vehicles/{vehicle_id:uuid}/fields/{name:str}"
    opt = {"permission": "vehicles.edit"}
    include_in_schema = False

    @get(name="vehicles.fields.show", permission="vehicles.view")
    async def show(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        vehicle_id: FromPath[UUID],
        name: FromPath[CellName],
    ) -> Response[Any]:
        vehicle = await queries.get_vehicle(session, vehicle_id, actor)
        return render(request, TEMPLATE, await _cell(session, actor, vehicle, name), fragment="shown")

    @get("/edit", name="vehicles.fields.edit")
    async def edit(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        vehicle_id: FromPath[UUID],
        name: FromPath[CellName],
    ) -> Response[Any]:
        vehicle = await queries.get_vehicle(session, vehicle_id, actor)
        page = await _cell(session, actor, vehicle, name, pages.form_of(vehicle))
        return render(request, TEMPLATE, page, fragment="edited")

    @post(name="vehicles.fields.update")
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, vehicle_id: FromPath[UUID],
        name: FromPath[CellName],
    ) -> Response[Any]:  # fmt: skip
        form = await VehicleForm.from_request(request)
        present = await queries.get_vehicle(session, vehicle_id, actor)
        before = _Before.of(present, name)
        version = present.version if is_agreed(form.raw, pages.form_of(present).raw) else form.version
        change = partial(services.change_vehicle, version=version, actor=actor)
        try:
            changed = await form.submit(change, session, vehicle_id, fields={name: form.values()[name]})
        except StaleVersion:
            return await conflict(request, session, actor, vehicle_id, form)
        if changed is None:
            page = await _cell(session, actor, present, name, form)
            return render(request, TEMPLATE, page, fragment="edited", status=422)
        undo = await before.offer(request, session, actor, changed.vehicle)
        told, tone = approvals.told(changed.waits, "Saved"), "soon" if changed.waits else "good"
        if not request.is_partial:
            return redirect(request, "vehicles.show", vehicle_id=vehicle_id, toast=told, undo=undo)
        page = await _cell(session, actor, changed.vehicle, name)
        return render(request, TEMPLATE, page, fragment="shown", headers=toast_trigger(told, tone, undo=undo))


@dataclass(frozen=True, slots=True)
class _Before:
    """What a field was, to take its change back."""

    version: int
    name: str
    value: Any

    @classmethod
    def of(cls, vehicle: Vehicle, name: str) -> Self:
        return cls(vehicle.version, name, pages.form_values(vehicle)[name])

    async def offer(self, request: Request, session: Any, actor: Any, vehicle: Vehicle) -> str:
        """A token that takes the change back; none when nothing has changed."""
        if vehicle.version == self.version:
            return ""
        back = {"name": self.name, "value": self.value}
        return await offer_undo(session, request.runtime.settings, "vehicle.field", vehicle, back, actor)


async def _cell(session: Any, actor: Any, vehicle: Vehicle, name: str, form: VehicleForm | None = None) -> pages.Cell:
    choices = await locations.choices(session, actor) if name == "location" else []
    shown = pages.cell(vehicle, name, dict(choices))
    return pages.Cell(vehicle, name, shown.label, shown.text, form, choices)

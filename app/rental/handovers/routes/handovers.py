"""The page of a check-out or a check-in: its steps as plain forms post them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import Actor
from app.core.errors import AppError, InvalidFields, StaleVersion
from app.core.forms import Form
from app.core.http import CurrentActor, Request, Session, redirect_to
from app.core.templating import render
from app.rental.handovers import pages, queries, services
from app.rental.handovers.forms import (
    AgreementForm,
    ConditionForm,
    DepositForm,
    DriverForm,
    FinishForm,
    MarkForm,
    VehicleForm,
)
from app.rental.handovers.pages import EDIT, PATH, REVEAL, VIEW
from app.rental.handovers.routes.showing import page_of
from app.rental.handovers.rules import Direction
from app.rental.handovers.services import Papers

Id = FromPath[UUID]
TEMPLATE = "rental/handovers/show.html"
Save = Callable[[Any], Awaitable[Any]]


class HandoverBeginController(Controller):
    """Beginning a check-out or a check-in, or going on with it on another device."""

    path = "/bookings/{booking_id:uuid}"
    opt = {"permission": EDIT}
    include_in_schema = False

    @post("/check-out", name="handovers.check_out.create")
    async def check_out(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        made = await services.open_handover(session, booking_id, Direction.OUT, actor=actor)
        return redirect_to(request, f"{PATH}/{made.id}")

    @post("/check-in", name="handovers.check_in.create")
    async def check_in(self, request: Request, session: Session, actor: CurrentActor, booking_id: Id) -> Response[Any]:
        made = await services.open_handover(session, booking_id, Direction.IN, actor=actor)
        return redirect_to(request, f"{PATH}/{made.id}")


class HandoverController(Controller):
    """One check-out or check-in."""

    path = f"{PATH}/{{handover_id:uuid}}"
    opt = {"permission": EDIT}
    include_in_schema = False

    @get(name="handovers.show", permission=VIEW)
    async def show(self, request: Request, session: Session, actor: CurrentActor, handover_id: Id) -> Response[Any]:
        page = await page_of(session, handover_id, actor)
        return render(request, TEMPLATE, page)

    @post("/driver", name="handovers.driver.create")
    async def driver(self, request: Request, session: Session, actor: CurrentActor, handover_id: Id) -> Response[Any]:
        form, keys = await DriverForm.from_request(request), services.keys_of(request.runtime.settings)

        async def save(nested: Any) -> Any:
            papers = Papers(**{name: getattr(form, name) for name in Papers.__slots__})
            return await services.save_driver(
                nested, handover_id, papers=papers, keys=keys, version=form.version, actor=actor
            )

        return await _step(request, session, actor, handover_id, "driver", form, save)

    @post("/licence/reveal", name="handovers.licence.reveal", permission=REVEAL)
    async def reveal(self, request: Request, session: Session, actor: CurrentActor, handover_id: Id) -> Response[Any]:
        keys = services.keys_of(request.runtime.settings)
        clear = await services.reveal_licence(session, handover_id, keys=keys, actor=actor)
        page = await page_of(session, handover_id, actor, notice=f"Licence: {clear}")
        return render(request, TEMPLATE, page, fragment="handover" if request.is_partial else None)

    @post("/vehicle", name="handovers.vehicle.create")
    async def vehicle(self, request: Request, session: Session, actor: CurrentActor, handover_id: Id) -> Response[Any]:
        form = await VehicleForm.from_request(request)

        async def save(nested: Any) -> Any:
            return await services.save_vehicle(
                nested, handover_id, vehicle_id=form.vehicle_id, reason=form.reason, version=form.version, actor=actor
            )

        return await _step(request, session, actor, handover_id, "vehicle", form, save)

    @post("/condition", name="handovers.condition.create")
    async def condition(
        self, request: Request, session: Session, actor: CurrentActor, handover_id: Id
    ) -> Response[Any]:
        form = await ConditionForm.from_request(request)
        handover = await queries.get_handover(session, handover_id, actor)

        async def save(nested: Any) -> Any:
            reading = form.reading(is_battery=handover.is_battery)
            return await services.save_condition(
                nested, handover_id, reading=reading, location=form.location, note=form.note or "",
                version=form.version, actor=actor,
            )  # fmt: skip

        return await _step(request, session, actor, handover_id, "condition", form, save)

    @post("/marks", name="handovers.marks.create")
    async def mark(self, request: Request, session: Session, actor: CurrentActor, handover_id: Id) -> Response[Any]:
        form = await MarkForm.from_request(request)

        async def save(nested: Any) -> Any:
            return await services.mark_damage(nested, handover_id, fields=form.values(), actor=actor)

        return await _step(request, session, actor, handover_id, "mark", form, save)

    @post("/marks/{mark_id:uuid}/removal", name="handovers.marks.destroy")
    async def unmark(
        self, request: Request, session: Session, actor: CurrentActor, handover_id: Id, mark_id: Id
    ) -> Response[Any]:
        await services.unmark_damage(session, handover_id, mark_id, actor=actor)
        return await _done(request, session, actor, handover_id, "mark", "Mark taken back")

    @post("/deposit", name="handovers.deposit.create")
    async def deposit(self, request: Request, session: Session, actor: CurrentActor, handover_id: Id) -> Response[Any]:
        form = await DepositForm.from_request(request)

        async def save(nested: Any) -> Any:
            token, with_hire = form.payment_token or "", form.with_hire
            return await services.secure_deposit(
                nested, handover_id, payment_token=token, with_hire=with_hire, actor=actor
            )

        return await _step(request, session, actor, handover_id, "deposit", form, save)

    @post("/agreement", name="handovers.agreement.create")
    async def agree(self, request: Request, session: Session, actor: CurrentActor, handover_id: Id) -> Response[Any]:
        form = await AgreementForm.from_request(request)

        async def save(nested: Any) -> Any:
            return await services.agree(
                nested, handover_id, signature=form.signature or "", signed_name=form.signed_name or "",
                is_accepted=form.is_accepted, version=form.version, actor=actor,
            )  # fmt: skip

        return await _step(request, session, actor, handover_id, "agreement", form, save)

    @post("/completion", name="handovers.completion.create")
    async def complete(self, request: Request, session: Session, actor: CurrentActor, handover_id: Id) -> Response[Any]:
        form = await FinishForm.from_request(request)
        try:
            async with session.begin_nested():
                done = await services.complete(session, handover_id, version=form.version, actor=actor)
        except (services.StepsMissing, StaleVersion, InvalidFields) as refused:
            page = await page_of(session, handover_id, actor, notice=f"{refused.title}. {refused.detail}")
            return render(request, TEMPLATE, page, fragment=_fragment(request), status=refused.status)
        toast = f"{pages.TITLES[done.direction]} done"
        return redirect_to(request, f"/bookings/{done.booking_id}", toast=toast)

    @post("/settlement", name="handovers.settlement.create")
    async def settle(self, request: Request, session: Session, actor: CurrentActor, handover_id: Id) -> Response[Any]:
        await services.settle_from_deposit(session, handover_id, actor=actor)
        return await _done(request, session, actor, handover_id, "charges", "The payment provider is asked")


async def _step(
    request: Request, session: Any, actor: Actor, handover_id: UUID, step: str, form: Form, save: Save
) -> Response[Any]:
    """Save one step; what is refused stands beside its fields, with everything that was typed."""
    notice, status = "", 422
    try:
        form.require_clean()
        async with session.begin_nested():
            await save(session)
    except InvalidFields as refused:
        form.take(refused)
    except AppError as refused:
        if refused.status not in (409, 412):
            raise
        notice, status = f"{refused.title}. {refused.detail}", 409
    else:
        return await _done(request, session, actor, handover_id, step, "Saved")
    page = await page_of(session, handover_id, actor, notice=notice, refused={step: form})
    return render(request, TEMPLATE, page, fragment=_fragment(request), status=status)


async def _done(
    request: Request, session: Any, actor: Actor, handover_id: UUID, step: str, toast: str
) -> Response[Any]:
    """The page with what was saved; a plain form goes back to its step."""
    if not request.is_partial:
        return redirect_to(request, f"{PATH}/{handover_id}#{step}", toast=toast)
    page = await page_of(session, handover_id, actor, said=toast)
    return render(request, TEMPLATE, page, fragment="handover")


def _fragment(request: Request) -> str | None:
    return "handover" if request.is_partial else None

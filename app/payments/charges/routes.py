"""Charge pages: list, detail, and the moves as plain forms post them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import registry
from app.core.actor import Actor
from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.lists import frame
from app.core.templating import render
from app.desk.approvals.services import told
from app.desk.audit_trail.services import timeline
from app.desk.exchanges import services as exchanges
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list
from app.kit.problems import Problem
from app.payments.charges import pages, queries, services
from app.payments.charges.forms import ChargeForm
from app.payments.charges.models import Charge
from app.payments.charges.pages import REFUND, TAKE, VIEW
from app.payments.charges.services import Consent

Id = FromPath[UUID]
Move = Callable[[Any, UUID, ChargeForm, Actor], Awaitable[Charge | Consent]]


class ChargeController(Controller):
    """What is charged, for what, and how far it is."""

    path = "/charges"
    opt = {"permission": VIEW}
    include_in_schema = False

    @get(name="charges.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads = request.runtime.database.reads
        opened = await open_list(reads, pages.LIST, request.query_params.multi_items(), actor, pages.VIEWS)
        found = await queries.charges.page(reads, request.runtime.cursors, opened.asked.query, actor)
        total = await queries.charges.count(reads, opened.asked.query, actor)
        around = frame(pages.LIST, opened, page=found, total=total)
        page = pages.ChargeList(around, [pages.row(item) for item in found.items])
        return render(request, "payments/charges/index.html", page, headers=request.shown_at(around.canonical))

    @get("/{charge_id:uuid}", name="charges.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor, charge_id: Id) -> Response[Any]:
        charge = await queries.get_charge(session, charge_id, actor)
        kind = registry.record_kinds.get(charge.subject_kind)
        covered_by = await queries.find_charge(session, charge.covered_by_id, actor) if charge.covered_by_id else None
        page = pages.detail(
            charge,
            await queries.list_operations(session, charge.id),
            actor,
            subject_href=kind.address(charge.subject_id) if kind and actor.may(kind.permission) else "",
            covered_by=covered_by,
            exchanges=await exchanges.list_about(session, charge),
            beside=await beside(session, charge, actor),
            timeline=await timeline(session, charge, services.FIELD_LABELS),
        )
        return render(request, "payments/charges/show.html", page)


class ChargeMoveController(Controller):
    """One address per move."""

    path = "/charges/{charge_id:uuid}"
    opt = {"permission": TAKE}
    include_in_schema = False

    @post("/hold", name="charges.hold.create")
    async def hold(self, request: Request, session: Session, actor: CurrentActor, charge_id: Id) -> Response[Any]:
        return await _move(request, session, actor, charge_id, "hold", _hold)

    @post("/sale", name="charges.sale.create")
    async def sell(self, request: Request, session: Session, actor: CurrentActor, charge_id: Id) -> Response[Any]:
        return await _move(request, session, actor, charge_id, "sale", _charge_card)

    @post("/increase", name="charges.increase.create")
    async def increase(self, request: Request, session: Session, actor: CurrentActor, charge_id: Id) -> Response[Any]:
        return await _move(request, session, actor, charge_id, "increase", _increase)

    @post("/capture", name="charges.capture.create")
    async def capture(self, request: Request, session: Session, actor: CurrentActor, charge_id: Id) -> Response[Any]:
        return await _move(request, session, actor, charge_id, "capture", _capture)

    @post("/release", name="charges.release.create")
    async def release(self, request: Request, session: Session, actor: CurrentActor, charge_id: Id) -> Response[Any]:
        return await _move(request, session, actor, charge_id, "release", _release)

    @post("/refund", name="charges.refund.create", permission=REFUND)
    async def refund(self, request: Request, session: Session, actor: CurrentActor, charge_id: Id) -> Response[Any]:
        return await _move(request, session, actor, charge_id, "refund", _refund)

    @post("/waiver", name="charges.waiver.create", permission=REFUND)
    async def waive(self, request: Request, session: Session, actor: CurrentActor, charge_id: Id) -> Response[Any]:
        return await _move(request, session, actor, charge_id, "waiver", _waive)


async def _move(
    request: Request, session: Any, actor: Actor, charge_id: UUID, name: str, service: Move
) -> Response[Any]:
    charge = await queries.get_charge(session, charge_id, actor)
    form, words = await ChargeForm.from_request(request), pages.MOVES[name]
    try:
        form.require_clean()
        done = await service(session, charge_id, form, actor)
    except InvalidFields as refused:
        form.take(refused)
    except services.AmountRefused as refused:
        form.refuse("amount", refused.detail)
    else:
        toast = told(done.waits if isinstance(done, Consent) else None, words.toast)
        return redirect(request, "charges.show", charge_id=charge_id, toast=toast)
    page = pages.MovePage(charge, pages.OfferedMove(name, words, form))
    return render(request, "payments/charges/move.html", page, fragment="move_form", status=422)


async def _hold(session: Any, charge_id: UUID, form: ChargeForm, actor: Actor) -> Charge:
    return await services.hold(
        session, charge_id, payment_token=form.payment_token or "", amount=form.amount, actor=actor
    )


async def _charge_card(session: Any, charge_id: UUID, form: ChargeForm, actor: Actor) -> Charge:
    return await services.charge_card(session, charge_id, payment_token=form.payment_token or "", actor=actor)


async def _increase(session: Any, charge_id: UUID, form: ChargeForm, actor: Actor) -> Charge:
    return await services.increase(session, charge_id, amount=_amount(form), actor=actor)


async def _capture(session: Any, charge_id: UUID, form: ChargeForm, actor: Actor) -> Charge:
    return await services.capture(session, charge_id, amount=form.amount, actor=actor)


async def _release(session: Any, charge_id: UUID, form: ChargeForm, actor: Actor) -> Charge:
    return await services.release(session, charge_id, reason=form.reason or "", actor=actor)


async def _refund(session: Any, charge_id: UUID, form: ChargeForm, actor: Actor) -> Consent:
    return await services.ask_refund(session, charge_id, amount=_amount(form), reason=form.reason or "", actor=actor)


async def _waive(session: Any, charge_id: UUID, form: ChargeForm, actor: Actor) -> Consent:
    return await services.ask_waiver(session, charge_id, reason=form.reason or "", actor=actor)


def _amount(form: ChargeForm) -> Any:
    if form.amount is None:
        raise InvalidFields([Problem("amount", "required", "Enter an amount")])
    return form.amount

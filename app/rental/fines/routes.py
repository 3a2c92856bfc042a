"""Pages of fines and tolls."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.errors import InvalidFields, NotFound
from app.core.filters import money
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.lists import frame
from app.core.templating import render
from app.desk.audit_trail.services import timeline
from app.desk.customers import services as customers
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list
from app.kit.markets import MARKETS
from app.rental.bookings.services.hires import find_on_hire
from app.rental.fines import pages, queries, services
from app.rental.fines.forms import FineForm, ReasonForm
from app.rental.fines.pages import EDIT, PATH, VIEW
from app.rental.fines.rules import FineState
from app.rental.locations import services as locations
from app.rental.papers import services as papers

Id = FromPath[UUID]
SHOW, NEW = "rental/fines/show.html", "rental/fines/new.html"


class FineController(Controller):
    """What authorities send us for vehicles that others drove."""

    path = PATH
    opt = {"permission": VIEW}
    include_in_schema = False

    @get(name="fines.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads = request.runtime.database.reads
        opened = await open_list(reads, pages.LIST, request.query_params.multi_items(), actor, pages.VIEWS)
        found = await queries.fines.page(reads, request.runtime.cursors, opened.asked.query, actor)
        total = await queries.fines.count(reads, opened.asked.query, actor)
        around = frame(pages.LIST, opened, page=found, total=total)
        page = pages.FineList(around, [pages.row(item) for item in found.items], actor.may(EDIT))
        return render(request, "rental/fines/index.html", page, headers=request.shown_at(around.canonical))

    @get("/new", name="fines.new", permission=EDIT)
    async def new(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        return render(request, NEW, await _new(session, actor, FineForm.from_raw(dict(request.query_params))))

    @post(name="fines.create", permission=EDIT)
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await FineForm.from_request(request)
        try:
            form.require_clean()
            async with session.begin_nested():
                made = await services.record_fine(session, fields=form.fields(), actor=actor)
        except InvalidFields as refused:
            form.take(refused)
        except services.FineIsThere as refused:
            form.refuse("authority_reference", f"{refused.title}: {refused.detail}")
        else:
            toast = "Driver known" if made.state is FineState.MATCHED else "Recorded; nobody is known yet"
            return redirect(request, "fines.show", fine_id=made.id, toast=toast)
        return render(request, NEW, await _new(session, actor, form), fragment="fine_form", status=422)

    @get("/{fine_id:uuid}", name="fines.show")
    async def show(self, request: Request, session: Session, actor: CurrentActor, fine_id: Id) -> Response[Any]:
        return render(request, SHOW, await _detail(session, fine_id, actor))

    @post("/{fine_id:uuid}/match", name="fines.match.create", permission=EDIT)
    async def match(self, request: Request, session: Session, actor: CurrentActor, fine_id: Id) -> Response[Any]:
        found = await services.match_fine(session, fine_id, actor=actor)
        toast = found.reason or f"{found.driver_name} had it"
        return redirect(request, "fines.show", fine_id=fine_id, toast=toast)

    @post("/{fine_id:uuid}/charge", name="fines.charge.create", permission=EDIT)
    async def charge(self, request: Request, session: Session, actor: CurrentActor, fine_id: Id) -> Response[Any]:
        await services.charge_fine(session, fine_id, actor=actor)
        return redirect(request, "fines.show", fine_id=fine_id, toast="The customer is charged for it")

    @post("/{fine_id:uuid}/dropping", name="fines.dropping.create", permission=EDIT)
    async def drop(self, request: Request, session: Session, actor: CurrentActor, fine_id: Id) -> Response[Any]:
        form = await ReasonForm.from_request(request)
        try:
            await services.drop_fine(session, fine_id, reason=form.reason or "", actor=actor)
        except InvalidFields as refused:
            form.take(refused)
            page = await _detail(session, fine_id, actor, form)
            return render(request, SHOW, page, fragment="fine_moves", status=422)
        return redirect(request, "fines.show", fine_id=fine_id, toast="Borne by us")

    @get("/{fine_id:uuid}/letter", name="fines.letter.show")
    async def letter(self, request: Request, session: Session, actor: CurrentActor, fine_id: Id) -> Response[Any]:
        return render(request, "rental/fines/letter.html", await _letter(session, fine_id, actor))


async def _new(session: Any, actor: Actor, form: FineForm) -> pages.FineNew:
    found = {MARKETS[code].currency for code in actor.markets or MARKETS if code in MARKETS}
    codes = sorted(found, key=lambda code: (code != "EUR", code))
    return pages.FineNew(form, pages.KINDS, await locations.choices(session, actor), codes)


async def _detail(session: Any, fine_id: UUID, actor: Actor, form: ReasonForm | None = None) -> pages.FineDetail:
    fine = await queries.get_fine(session, fine_id, actor)
    return pages.detail(
        fine,
        actor,
        beside=await beside(session, fine, actor),
        timeline=await timeline(session, fine, services.FIELD_LABELS),
        form=form,
    )


async def _letter(session: Any, fine_id: UUID, actor: Actor) -> pages.Letter:
    fine = await queries.get_fine(session, fine_id, actor)
    if fine.booking_id is None:
        raise NotFound("Nobody is known who could be written to.")
    booking = await find_on_hire(session, fine.booking_id, actor)
    customer = await customers.find_customer(session, booking.customer_id, SYSTEM)
    return pages.Letter(
        fine=fine,
        kind=pages.KIND_WORDS[fine.kind],
        when=services.when(fine),
        amount=money(fine.amount),
        fee=money(fine.fee),
        total=pages.total(fine),
        name=customer.name if customer else booking.driver_name,
        address=papers.address_lines(customer.address if customer else None),
        written_on=clock.today(),
        booking_reference=booking.reference,
    )

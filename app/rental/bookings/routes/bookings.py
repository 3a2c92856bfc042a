"""Booking pages: list, detail, new, and the search for a customer."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.actor import Actor
from app.core.errors import AppError, InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.listing import ListQuery
from app.core.search_lists import answer_list, frame_answer
from app.core.templating import render
from app.desk.audit_trail.services import timeline
from app.desk.customers import services as customers
from app.desk.previews.services import open_drawer
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list
from app.kit import acriss
from app.payments.charges import services as charges
from app.rental.bookings import queries, rules, services
from app.rental.bookings.forms import BookingForm
from app.rental.bookings.models import Booking
from app.rental.bookings.pages import details, edits, lists, prices, walks
from app.rental.bookings.pages.details import EDIT
from app.rental.bookings.services.standing_in import find_left
from app.rental.locations import services as locations
from app.rental.occupancy.services import ClassSoldOut, VehicleTaken
from app.rental.suppliers.services import billing

MOST_FOUND = 8


class BookingController(Controller):
    """Hires of our own fleet and of suppliers."""

    path = "/bookings"
    opt = {"permission": "bookings.view"}
    include_in_schema = False

    @get(name="bookings.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        runtime, parameters = request.runtime, request.query_params.multi_items()
        opened = await open_list(runtime.database.reads, lists.LIST, parameters, actor, lists.VIEWS)
        kind = runtime.assembly.kinds["booking"]
        found = await answer_list(
            runtime, kind, queries.shown_bookings, queries.SPEC, opened.asked, actor,
            with_facets=request.shows_menus, with_total=True,
        )  # fmt: skip
        drawer = await open_drawer(runtime.database, kind, opened.peek, actor)
        labels = await _labels(request, opened.asked, actor)
        around = frame_answer(lists.LIST, opened, found, labels=labels, drawer=drawer)
        page = lists.BookingList(around, [lists.row(item) for item in found.page.items], can_create=actor.may(EDIT))
        return render(request, "rental/bookings/index.html", page, headers=request.shown_at(around.canonical))

    @get("/new", name="bookings.new", permission=EDIT)
    async def new(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        """A form with what the address names: `customer_id`, and fields of the hire."""
        form = await _named(session, actor, BookingForm.of(dict(request.query_params.items())))
        return render(request, "rental/bookings/new.html", await _new_page(request, session, actor, form))

    @post(name="bookings.create", permission=EDIT)
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await _with_found(request, actor, await BookingForm.from_request(request))
        fields = form.fields()
        try:
            form.require_clean()
            async with session.begin_nested():
                booking = await services.create_booking(session, fields=fields, actor=actor)
        except InvalidFields as refused:
            form.take_problems(refused.problems)
        except (ClassSoldOut, VehicleTaken, services.NoPrice) as refused:
            form.refuse("class_code", _told(refused))
        else:
            return redirect(request, "bookings.show", booking_id=booking.id, toast=f"{booking.reference} confirmed")
        page = await _new_page(request, session, actor, form)
        return render(request, "rental/bookings/new.html", page, fragment="booking_form", status=422)

    @post("/previews", name="bookings.previews.create", permission=EDIT, idempotent=False, status_code=200)
    async def preview(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        """The form with what the hire would cost and what can be taken with it; nothing is booked."""
        form = await BookingForm.from_request(request)
        return render(request, "rental/bookings/new.html", await _new_page(request, session, actor, form))

    @get("/customers", name="bookings.customers", permission=EDIT)
    async def customers(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        """Customers whose name, e-mail or phone begins like what is typed."""
        form = BookingForm.from_raw(dict(request.query_params.items()))
        page = await _lookup(request, session, actor, form)
        return render(request, "rental/bookings/customers.html", page, fragment="customer_matches")

    @get("/{booking_id:uuid}", name="bookings.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, booking_id: FromPath[UUID]
    ) -> Response[Any]:
        booking = await queries.get_booking(session, booking_id, actor)
        return render(request, "rental/bookings/show.html", await detail_page(session, booking, actor))


async def _labels(request: Request, asked: ListQuery, actor: Actor) -> dict[str, dict[str, str]]:
    """Names of branches and suppliers: of all of them for menus, else of those that are chosen."""
    reads, chosen = request.runtime.database.reads, asked.chosen
    ends = {*chosen.get("pickup_location", ()), *chosen.get("return_location", ())}
    names = await locations.names(reads, actor, of=None if request.shows_menus else ends)
    is_asked = request.shows_menus or "supplier" in chosen
    suppliers = await billing.supplier_names(reads) if is_asked else {}
    return {"pickup_location": names, "return_location": names, "supplier": suppliers}


async def detail_page(session: Any, booking: Booking, actor: Actor) -> details.BookingDetail:
    """Everything the record page answers."""
    now = clock.now()
    places = await locations.by_codes(session, {booking.pickup_location, booking.return_location})
    state, tone = details.state_in_words(booking, now)
    stands_in = await queries.find_standing_in(session, booking)
    return details.BookingDetail(
        booking=booking,
        state=state,
        tone=tone,
        is_on=booking.state.value in lists.ON,
        class_words=acriss.decode(booking.class_code),
        customer_name=(await queries.find_customer(session, booking.customer_id))["name"],
        vehicle=await queries.find_vehicle(session, booking.vehicle_id),
        ends=details.ends_of(booking, places),
        total=details.money(booking.total),
        fee=details.money(booking.fee),
        fee_rows=details.fee_rows(booking, now),
        lines=prices.lines_of(booking.price_lines),
        choices=rules.choices_in_words(booking.chosen),
        priced_by=details.priced_by(booking),
        supplied=details.supplied_by(booking, await services.find_reservation(session, booking), actor),
        overbooked=walks.overbooked_in_words(await find_left(session, booking)),
        stands_in=stands_in,
        rebook="" if any(words == queries.REPLACED for words, _, _ in stands_in) else details.rebook_address(booking),
        moves=details.moves_for(booking, actor, now),
        open_charges=details.open_charges(booking, await charges.list_unsettled(session, "booking", booking.id)),
        withheld=details.withheld_in_words(booking, actor, now),
        earlier=await queries.list_terms(session, booking.id),
        timeline=await timeline(session, booking, services.FIELD_LABELS),
        beside=await beside(session, booking, actor),
    )


async def _named(session: Any, actor: Actor, form: BookingForm) -> BookingForm:
    """Who hires drives, until somebody says otherwise."""
    customer = await customers.find_customer(session, _uuid(form.text("customer_id")), actor)
    if customer is None:
        return form
    driver = {"driver_name": customer.name, "driver_phone": customer.phone, "driver_email": customer.email}
    known = {name: value for name, value in driver.items() if value} if customer.kind == "person" else {}
    return BookingForm.of({**known, **form.raw})


async def _with_found(request: Request, actor: Actor, form: BookingForm) -> BookingForm:
    """Without a script the text alone is sent: take the one customer that it finds, or ask to choose."""
    text = form.text("customer")
    if not text or form.text("customer_id"):
        return form
    found = await customers.find_matches(request.runtime.database.reads, text, actor, 2)
    if len(found) == 1:
        return BookingForm.from_raw({**form.raw, "customer_id": found[0][0]})
    form.refuse("customer", "Choose one of those found" if found else "Nobody is found by this")
    return form


async def _lookup(request: Request, session: Any, actor: Actor, form: BookingForm) -> edits.CustomerLookup:
    text, chosen = form.text("customer"), form.text("customer_id")
    found = await customers.find_matches(request.runtime.database.reads, text, actor, MOST_FOUND) if text else []
    if chosen and chosen not in {key for key, _, _ in found}:
        customer = await customers.find_customer(session, _uuid(chosen), actor)
        if customer is not None:
            line = ", ".join(part for part in (customer.market, customer.email, customer.phone) if part)
            found.insert(0, (str(customer.id), customer.name, line))
    return edits.CustomerLookup(text, chosen, found, form.errors.get("customer", ""))


async def _new_page(request: Request, session: Any, actor: Actor, form: BookingForm) -> edits.BookingNew:
    return edits.BookingNew(
        form,
        await _lookup(request, session, actor, form),
        await locations.choices(session, actor),
        [(code, f"{code} {acriss.decode(code)}") for code in await queries.list_classes(session, actor)],
        prices.price_of_hire("/bookings/previews", await _preview(session, form)),
    )


async def _preview(session: Any, form: BookingForm) -> services.HirePreview | None:
    """The price of what is typed. A form that was made from the address is read first."""
    typed = BookingForm.from_raw(form.raw)
    return None if typed.errors else await services.preview_booking(session, fields=typed.fields())


def _told(refused: AppError) -> str:
    return f"{refused.title}. {refused.detail}"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)

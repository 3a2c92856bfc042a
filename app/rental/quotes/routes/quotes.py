"""Quote pages: list, one of them with its clock, and the booking of it."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core.actor import Actor
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import AppError, InvalidFields
from app.core.http import CurrentActor, Request, Session, redirect, redirect_to
from app.core.lists import frame
from app.core.partners.outcomes import PartnerError
from app.core.templating import render
from app.core.unit_of_work import run_unit
from app.desk.audit_trail.services import timeline
from app.desk.customers import services as customers
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list
from app.kit import acriss
from app.rental.bookings import rules as booking_rules
from app.rental.bookings import services as bookings
from app.rental.locations import services as locations
from app.rental.quotes import queries
from app.rental.quotes.forms import OfferForm, QuoteBookingForm
from app.rental.quotes.models import Quote
from app.rental.quotes.pages import quotes as pages
from app.rental.quotes.routes.searches import offer_page
from app.rental.quotes.rules import QuoteState
from app.rental.quotes.services import booking, drifting, preparing, quoting
from app.rental.quotes.services.preparing import Subject
from app.rental.supplier_terms.services.selling import SEES_MARGINS
from app.rental.suppliers.rules import SupplierOffer

EDIT, BOOK = "quotes.edit", "bookings.edit"
MOST_FOUND = 8
SHOW = "rental/quotes/show.html"


class QuoteController(Controller):
    """Hires at a price that stands for a quarter of an hour."""

    path = "/quotes"
    opt = {"permission": "quotes.view"}
    include_in_schema = False

    @get(name="quotes.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        reads = request.runtime.database.reads
        opened = await open_list(reads, pages.LIST, request.query_params.multi_items(), actor, pages.VIEWS)
        found = await queries.quotes.page(reads, request.runtime.cursors, opened.asked.query, actor)
        total = await queries.quotes.count(reads, opened.asked.query, actor)
        names = await locations.names(reads, actor)
        around = frame(pages.LIST, opened, page=found, total=total, labels={"pickup_location": names})
        page = pages.QuoteList(around, [pages.row(item) for item in found.items])
        return render(request, "rental/quotes/index.html", page, headers=request.shown_at(around.canonical))

    @post(name="quotes.create", permission=EDIT)
    async def create(self, request: Request, actor: CurrentActor) -> Response[Any]:
        runtime, form = request.runtime, await OfferForm.from_request(request)
        search_id, offer_id = _uuid(form.text("search_id")), form.text("offer_id")
        try:
            form.require_clean()
            async with runtime.database.session() as session:
                subject = await preparing.prepare_offer(
                    session, runtime.settings, search_id, offer_id, choices=form.choices(), actor=actor
                )
            offer = await preparing.ask_again(runtime.database, runtime.partners, subject)
            keep = partial(_keep, request=request, subject=subject, offer=offer, actor=actor)
            return await run_unit(request, keep)
        except (InvalidFields, quoting.ClassSoldOut, quoting.SupplierSaysNo, quoting.NoPrice, PartnerError) as refused:
            async with runtime.database.session() as session:
                page = await offer_page(session, actor, search_id, offer_id, form, told(refused))
            return render(request, "rental/quotes/offer.html", page, fragment="offer_form", status=422)

    @get("/{quote_id:uuid}", name="quotes.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, quote_id: FromPath[UUID]
    ) -> Response[Any]:
        quote = await queries.get_quote(session, quote_id, actor)
        known = await bookings.who_lost(session, quote.replaces_booking_id, actor)
        given = QuoteBookingForm.of({**known, **dict(request.query_params.items())})
        return render(request, SHOW, await _detail(request, session, quote, actor, given))

    @post("/{quote_id:uuid}/recheck", name="quotes.recheck.create", permission=EDIT)
    async def recheck(self, request: Request, actor: CurrentActor, quote_id: FromPath[UUID]) -> Response[Any]:
        """The price of now, for an open quote and for one whose time is over."""
        runtime = request.runtime
        try:
            async with runtime.database.session() as session:
                subject = await preparing.prepare_again(session, runtime.settings, quote_id, actor)
            offer = await preparing.ask_again(runtime.database, runtime.partners, subject)
            again = partial(_again, request=request, quote_id=quote_id, subject=subject, offer=offer, actor=actor)
            return await run_unit(request, again)
        except (InvalidFields, quoting.ClassSoldOut, quoting.SupplierSaysNo, quoting.NoPrice, PartnerError) as refused:
            return redirect_to(request, f"/quotes/{quote_id}", toast=told(refused), tone="act")

    @post("/{quote_id:uuid}/booking", name="quotes.booking.create", permission=BOOK)
    async def book(
        self, request: Request, session: Session, actor: CurrentActor, quote_id: FromPath[UUID]
    ) -> Response[Any]:
        form = await _with_found(request, actor, await QuoteBookingForm.from_request(request))
        error = ""
        try:
            form.require_clean()
            async with session.begin_nested():
                settings = request.runtime.settings
                quote = await booking.book_quote(session, settings, quote_id, fields=form.fields(), actor=actor)
        except InvalidFields as refused:
            form.take_problems(refused.problems)
        except (quoting.ClassSoldOut, booking.QuoteExpired) as refused:
            error = told(refused)
        else:
            return redirect_to(request, f"/bookings/{quote.booking_id}", toast=f"{quote.reference} booked")
        found = await queries.get_quote(session, quote_id, actor)
        page = await _detail(request, session, found, actor, form, error)
        return render(request, SHOW, page, fragment="quote_booking", status=422)


def told(refused: Exception) -> str:
    """A refusal in one sentence."""
    if isinstance(refused, InvalidFields):
        return "; ".join(problem.detail for problem in refused.problems)
    if isinstance(refused, AppError):
        return f"{refused.title}. {refused.detail}"
    return "The supplier did not answer. Try again, or choose another offer."


async def _keep(
    session: AsyncSession, *, request: Request, subject: Subject, offer: SupplierOffer | None, actor: Actor
) -> Response[Any]:
    quote = await quoting.keep_quote(session, subject, offer, actor=actor)
    words = "The price has moved since the search" if quote.replaces_id else f"{quote.reference} stands for 15 minutes"
    return redirect(request, "quotes.show", quote_id=quote.id, toast=words)


async def _again(
    session: AsyncSession,
    *,
    request: Request,
    quote_id: UUID,
    subject: Subject,
    offer: SupplierOffer | None,
    actor: Actor,
) -> Response[Any]:
    quote = await quoting.recheck_quote(session, quote_id, subject, offer, actor=actor)
    words = "The price still stands" if quote.id == quote_id else f"{quote.reference} stands for 15 minutes"
    return redirect(request, "quotes.show", quote_id=quote.id, toast=words)


async def _detail(
    request: Request, session: AsyncSession, quote: Quote, actor: Actor, form: QuoteBookingForm, error: str = ""
) -> pages.QuoteDetail:
    now = await read_database_time(session)
    state = quote.state_at(now)
    related = await _related(session, quote, actor)
    return pages.QuoteDetail(
        quote=quote,
        state=state,
        state_words=pages.state_words(state),
        class_words=acriss.decode(quote.class_code),
        total=pages.money(quote.total),
        lines=pages.lines_of(quote),
        choices=booking_rules.choices_in_words(booking_rules.read_choices(quote.choices)),
        currencies=pages.currencies_of(quote),
        windows=pages.windows_of(quote),
        drift=pages.drift_of(
            quote, await drifting.later_stages(session, quote, actor), sees_margins=actor.may(SEES_MARGINS)
        ),
        margin=pages.margin_of(quote, actor),
        seconds=pages.seconds_left(quote, now),
        related=related,
        form=form,
        lookup=await _lookup(request, session, actor, form),
        can_book=actor.may(BOOK),
        can_recheck=actor.may(EDIT) and state in (QuoteState.OPEN, QuoteState.EXPIRED),
        timeline=await timeline(session, quote, quoting.FIELD_LABELS),
        beside=await beside(session, quote, actor),
        error=error,
    )


async def _related(session: AsyncSession, quote: Quote, actor: Actor) -> list[tuple[str, str, str]]:
    """What it replaced, what replaced it, and what was made of it: words, address, name."""
    found: list[tuple[str, str, str]] = []
    for words, key in (("Replaces", quote.replaces_id), ("Replaced by", quote.replaced_by_id)):
        other = await queries.find_quote(session, key, actor) if key else None
        if other is not None:
            found.append((words, f"/quotes/{other.id}", other.reference))
    if quote.booking_id:
        found.append(("Booked as", f"/bookings/{quote.booking_id}", "booking"))
    return found


async def _with_found(request: Request, actor: Actor, form: QuoteBookingForm) -> QuoteBookingForm:
    """Without a script the text alone is sent: take the one customer that it finds, or ask to choose."""
    text = form.text("customer")
    if not text or form.text("customer_id"):
        return form
    found = await customers.find_matches(request.runtime.database.reads, text, actor, 2)
    if len(found) == 1:
        return QuoteBookingForm.from_raw({**form.raw, "customer_id": found[0][0]})
    form.refuse("customer", "Choose one of those found" if found else "Nobody is found by this")
    return form


async def _lookup(
    request: Request, session: AsyncSession, actor: Actor, form: QuoteBookingForm
) -> pages.CustomerLookup:
    text, chosen = form.text("customer"), form.text("customer_id")
    found = await customers.find_matches(request.runtime.database.reads, text, actor, MOST_FOUND) if text else []
    if chosen and chosen not in {key for key, _, _ in found}:
        customer = await customers.find_customer(session, _uuid(chosen), actor)
        if customer is not None:
            line = ", ".join(part for part in (customer.market, customer.email, customer.phone) if part)
            found.insert(0, (str(customer.id), customer.name, line))
    return pages.CustomerLookup(text, chosen, found, form.errors.get("customer", ""))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)

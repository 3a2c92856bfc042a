"""The counter's pages: asking for cars, what is found, and one offer's price."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.templating import render
from app.core.unit_of_work import run_unit
from app.kit.markets import MARKETS
from app.kit.wall_times import wall_time
from app.rental.quotes import queries
from app.rental.quotes.forms import AskForm, OfferForm
from app.rental.quotes.pages import searches as pages
from app.rental.quotes.pages.words import with_words
from app.rental.quotes.services import preparing, reading, searching
from app.rental.quotes.services.searching import Prepared

QUOTE = "quotes.edit"
TEMPLATE = "rental/quotes/search.html"


class CarSearchController(Controller):
    """Searching cars at the counter."""

    path = "/car-searches"
    opt = {"permission": "quotes.view"}
    include_in_schema = False

    @get(name="car_searches.index")
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        """The form with what the address names."""
        given = dict(request.query_params.items())
        return render(request, TEMPLATE, await _page(session, actor, None, given))

    @post(name="car_searches.create")
    async def create(self, request: Request, actor: CurrentActor) -> Response[Any]:
        runtime, form = request.runtime, await AskForm.from_request(request)
        runtime.background.require_room()
        asked = form.asked()
        async with runtime.database.session() as session:
            prepared = None
            try:
                reads = runtime.database.reads
                prepared = asked and await searching.prepare(session, reads, runtime.settings, asked, actor)
            except InvalidFields as refused:
                form.take_problems(refused.problems)
            if prepared is None:
                page = await _page(session, actor, form, {})
                return render(request, TEMPLATE, page, fragment="car_ask", status=422)
        kept: list[UUID] = []
        keep = partial(_keep, request=request, prepared=prepared, actor=actor, kept=kept)
        made: Response[Any] = await run_unit(request, keep)
        searching.start(runtime, kept, prepared)
        return made

    @get("/{search_id:uuid}", name="car_searches.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, search_id: FromPath[UUID]
    ) -> Response[Any]:
        """Offers so far; a filter or a look again asks for the results alone."""
        chosen = {name: request.query_params.get(name, "") for name in pages.FILTERS}
        search = with_words(await reading.read_search(session, search_id, actor))
        kept = await queries.get_search(session, search_id, actor)
        form = pages.form_of(search, kept.question)
        hire = {name: str(value) for name, value in form.raw.items() if value not in ("", None)}
        results = pages.results_of(search, chosen, hire)
        page = await _page(session, actor, form, {}, results)
        headers = {"HX-Replace-Url": results.address} if request.is_partial else {}
        return render(request, TEMPLATE, page, headers=headers)

    @get("/{search_id:uuid}/comparison", name="car_searches.comparison.show")
    async def compare(
        self, request: Request, session: Session, actor: CurrentActor, search_id: FromPath[UUID]
    ) -> Response[Any]:
        """The lines of the offers that were ticked."""
        wanted = request.query_params.getall("offer", [])[: pages.MOST_COMPARED]
        if not wanted:
            raise NotFound("Tick the offers to compare.")
        offers = [(await reading.find_offer(session, search_id, each, actor))[1].offer for each in wanted]
        return render(request, "rental/quotes/comparison.html", pages.comparison_page(str(search_id), offers))

    @get("/{search_id:uuid}/offers/{offer_id:str}", name="car_searches.offers.show")
    async def offer(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        search_id: FromPath[UUID],
        offer_id: FromPath[str],
    ) -> Response[Any]:
        """One offer's price line by line, and what may be taken with it."""
        page = await offer_page(session, actor, search_id, offer_id, OfferForm.of({}))
        return render(request, "rental/quotes/offer.html", page)


async def offer_page(
    session: AsyncSession, actor: Actor, search_id: UUID, offer_id: str, form: OfferForm, error: str = ""
) -> pages.OfferPage:
    """An offer with the choices of its rate card."""
    search, kept = await reading.find_offer(session, search_id, offer_id, actor)
    terms = await preparing.card_terms(session, search, kept.offer)
    may_quote = actor.may(QUOTE)
    return pages.offer_page(str(search_id), kept.offer, terms, form, can_quote=may_quote, error=error)


async def _keep(
    session: AsyncSession, *, request: Request, prepared: Prepared, actor: Actor, kept: list[UUID]
) -> Response[Any]:
    search = await searching.keep_search(session, prepared, actor)
    kept[:] = [search.id]
    return redirect(request, "car_searches.show", search_id=search.id)


async def _page(
    session: AsyncSession,
    actor: Actor,
    form: AskForm | None,
    given: Mapping[str, str],
    results: pages.Results | None = None,
) -> pages.SearchPage:
    branches = [(place.code, place.name, place.city) for place in await queries.list_places(session, actor)]
    if form is None:
        first = branches[0][0] if branches else ""
        zone = MARKETS[min(actor.markets)].zone if actor.markets else "Europe/Tallinn"
        form = pages.usual_form(given, first, wall_time(clock.now(), zone))
    locations = [(code, f"{code} {name}") for code, name, _ in branches]
    return pages.SearchPage(form, pages.place_choices(branches), locations, results, actor.may(QUOTE))

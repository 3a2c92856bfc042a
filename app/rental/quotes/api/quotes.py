"""Quotes in the JSON API."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.api import given_fields, list_answer, record_answer
from app.core.db import AsyncSession
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL
from app.core.unit_of_work import run_unit
from app.rental.quotes import queries
from app.rental.quotes.schemas.quotes import NewQuote, QuoteBookingBody, QuoteItem, QuotePage, quote_item
from app.rental.quotes.services import booking, preparing, quoting
from app.rental.quotes.services.preparing import Subject
from app.rental.supplier_terms.services.selling import SEES_MARGINS, MarginItem, margin_item, read_margin
from app.rental.suppliers.rules import SupplierOffer

ADDRESS = "/api/v1/quotes"
QuoteId = FromPath[UUID]
Answer = Response[QuoteItem]


class QuoteApi(Controller):
    """Hires at a price that is frozen for a quarter of an hour."""

    path = ADDRESS
    tags = ("Quotes",)
    opt = {"permission": "quotes.view"}

    @get(
        name="api.quotes.index",
        operation_id="listQuotes",
        summary="List quotes",
        spec=queries.SPEC,
        query=(TOTAL,),
        selects=QuoteItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[QuotePage]:
        """The quotes of one's markets and branches, the newest first."""
        return await list_answer(request, actor, queries.quotes, queries.SPEC)

    @get("/{quote_id:uuid}", name="api.quotes.show", operation_id="getQuote", summary="Read a quote", selects=QuoteItem)
    async def show(self, request: Request, actor: CurrentActor, quote_id: QuoteId) -> Answer:
        """One quote, with its price line by line and how it moved from the search to the recheck."""
        found = await queries.quotes.by_ids(request.runtime.database.reads, [str(quote_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @get(
        "/{quote_id:uuid}/margin",
        name="api.quotes.margin.show",
        operation_id="getQuoteMargin",
        summary="Read what a quote of a supplier's car earns",
        permission=SEES_MARGINS,
    )
    async def margin(self, session: Session, actor: CurrentActor, quote_id: QuoteId) -> Response[MarginItem]:
        """Net, mark-up, commission and margin, as they are frozen with it; 404 for a car of ours."""
        found = read_margin((await queries.get_quote(session, quote_id, actor)).margin)
        if found is None:
            raise NotFound("Nothing is kept of what this quote earns.")
        return answer(margin_item(found))

    @post(
        name="api.quotes.create",
        operation_id="createQuote",
        summary="Quote an offer",
        permission="quotes.edit",
        refuses=(404, 409, 503),
    )
    async def create(self, request: Request, actor: CurrentActor, data: JSONBody[NewQuote]) -> Answer:
        """Asks our own fleet or the supplier again, always; the price of now stays for 15 minutes.

        When it moved by more than half a per cent since the search, the quote says which one it `replaces_id`: that
        one is `repriced` and has the price of the search.
        """
        runtime = request.runtime
        given = given_fields(data, without=("search_id", "offer_id", "id"))
        async with runtime.database.session() as session:
            subject = await preparing.prepare_offer(
                session,
                runtime.settings,
                data.search_id,
                data.offer_id,
                choices=given.get("choices") or {},
                actor=actor,
            )
        offer = await preparing.ask_again(runtime.database, runtime.partners, subject)
        chosen = data.id if isinstance(data.id, UUID) else None
        return await run_unit(request, partial(_keep, subject=subject, offer=offer, actor=actor, chosen=chosen))

    @post(
        "/{quote_id:uuid}/recheck",
        name="api.quotes.recheck.create",
        operation_id="recheckQuote",
        summary="Look at a quote's price again",
        permission="quotes.edit",
        refuses=(409, 503),
    )
    async def recheck(self, request: Request, actor: CurrentActor, quote_id: QuoteId) -> Answer:
        """An open quote stays while its price moves by half a per cent at most; else, and when it has expired, a new
        one is answered.
        """
        runtime = request.runtime
        async with runtime.database.session() as session:
            honour_match(request, await queries.get_quote(session, quote_id, actor))
            subject = await preparing.prepare_again(session, runtime.settings, quote_id, actor)
        offer = await preparing.ask_again(runtime.database, runtime.partners, subject)
        return await run_unit(request, partial(_recheck, quote_id=quote_id, subject=subject, offer=offer, actor=actor))

    @post(
        "/{quote_id:uuid}/booking",
        name="api.quotes.booking.create",
        operation_id="bookQuote",
        summary="Book a quote",
        permission="bookings.edit",
        refuses=(409,),
    )
    async def book(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        quote_id: QuoteId,
        data: JSONBody[QuoteBookingBody],
    ) -> Answer:
        """Once, at the quoted price; `booking_id` tells what it became.

        A supplier's car is submitted, and confirmed later.
        """
        honour_match(request, await queries.lock_quote(session, quote_id, actor))
        fields: dict[str, Any] = given_fields(data)
        quote = await booking.book_quote(session, request.runtime.settings, quote_id, fields=fields, actor=actor)
        return answer(quote_item(quote), status=201, etag=quote.etag)


async def _keep(
    session: AsyncSession, *, subject: Subject, offer: SupplierOffer | None, actor: Actor, chosen: UUID | None
) -> Answer:
    quote = await quoting.keep_quote(session, subject, offer, actor=actor, quote_id=chosen)
    return answer(quote_item(quote), status=201, etag=quote.etag, location=f"{ADDRESS}/{quote.id}")


async def _recheck(
    session: AsyncSession, *, quote_id: UUID, subject: Subject, offer: SupplierOffer | None, actor: Actor
) -> Answer:
    quote = await quoting.recheck_quote(session, quote_id, subject, offer, actor=actor)
    return answer(quote_item(quote), status=201, etag=quote.etag, location=f"{ADDRESS}/{quote.id}")

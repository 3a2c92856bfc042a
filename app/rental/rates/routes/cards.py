"""Pages of rate cards: list, record, comparison, editor, and what is done with a draft."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from app.core import clock
from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.errors import InvalidFields, NotFound, StaleVersion
from app.core.forms import Form
from app.core.http import CurrentActor, Request, Session, redirect
from app.core.permissions import EXPORT
from app.core.search_lists import answer_list
from app.core.templating import render
from app.desk.approvals import services as approvals
from app.desk.audit_trail.services import timeline
from app.desk.previews.services import open_drawer
from app.desk.records.services import beside
from app.desk.saved_views.services.opening import open_list
from app.kit.markets import MARKETS
from app.rental.rates import queries, services
from app.rental.rates.forms import CardForm, TrialForm
from app.rental.rates.models import RateCard, RateCardVersion
from app.rental.rates.pages import cards as pages
from app.rental.rates.routes.trials import price_of
from app.rental.rates.schemas import STATE_WORDS, VERSION_WORDS, class_in_words

CardId = FromPath[UUID]
STALE = "Somebody else has changed the card meanwhile. Look at it in another tab, then save again to overwrite."


class RateCardController(Controller):
    """What hires cost."""

    path = pages.PATH
    opt = {"permission": "rates.view"}
    include_in_schema = False

    @get(name="rate_cards.index")
    async def index(self, request: Request, actor: CurrentActor) -> Response[Any]:
        runtime, parameters = request.runtime, request.query_params.multi_items()
        opened = await open_list(runtime.database.reads, pages.LIST, parameters, actor, pages.VIEWS)
        kind = runtime.assembly.kinds["rate_card"]
        found = await answer_list(
            runtime, kind, queries.cards, queries.SPEC, opened.asked, actor,
            with_facets=request.shows_menus, with_total=True,
        )  # fmt: skip
        drawer = await open_drawer(runtime.database, kind, opened.peek, actor)
        page = pages.card_list(opened, found, drawer, actor)
        headers = request.shown_at(page.frame.canonical)
        return render(request, "rental/rates/index.html", page, headers=headers)

    @get("/new", name="rate_cards.new", permission=pages.EDIT)
    async def new(self, request: Request, actor: CurrentActor) -> Response[Any]:
        page = edit_page(CardForm.of(pages.BLANK | {"valid_from": clock.today()}), None, actor)
        return render(request, "rental/rates/new.html", page)

    @post(name="rate_cards.create", permission=pages.EDIT)
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await CardForm.from_request(request)
        terms = form.card_terms()
        try:
            if terms is not None and form.valid_from is not None:
                card = await services.create_card(
                    session, fields=form.scope(), terms=terms, valid_from=form.valid_from, actor=actor
                )
                return redirect(
                    request, "rate_cards.show", rate_card_id=card.id, toast=f"{card.name} written as a draft"
                )
        except (InvalidFields, services.CardExists) as refused:
            form.take_refusal(refused)
        page = edit_page(form, None, actor)
        return render(request, "rental/rates/new.html", page, fragment="card_form", status=422)

    @get("/{rate_card_id:uuid}", name="rate_cards.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, rate_card_id: CardId
    ) -> Response[Any]:
        card = await queries.get_card(session, rate_card_id, actor)
        page = await detail_page(session, card, actor, request.query_params.get("version", ""))
        return render(request, "rental/rates/show.html", page)

    @get("/{rate_card_id:uuid}/comparison", name="rate_cards.comparison.show")
    async def compare(
        self, request: Request, session: Session, actor: CurrentActor, rate_card_id: CardId
    ) -> Response[Any]:
        card = await queries.get_card(session, rate_card_id, actor)
        first, second = [await _version(session, card, request.query_params.get(name, "")) for name in ("of", "with")]
        earlier, later = sorted((first, second), key=lambda version: version.number)
        page = pages.Comparison(card, earlier, later, pages.differences(earlier, later))
        return render(request, "rental/rates/comparison.html", page)


class RateCardDraftController(Controller):
    """The draft of the next version."""

    path = f"{pages.PATH}/{{rate_card_id:uuid}}"
    opt = {"permission": pages.EDIT}
    include_in_schema = False

    @get("/draft", name="rate_cards.draft.edit")
    async def edit(
        self, request: Request, session: Session, actor: CurrentActor, rate_card_id: CardId
    ) -> Response[Any]:
        card = await queries.get_card(session, rate_card_id, actor)
        page = edit_page(await _present_form(session, card), card, actor)
        return render(request, "rental/rates/edit.html", page)

    @post("/draft", name="rate_cards.draft.update")
    async def update(
        self, request: Request, session: Session, actor: CurrentActor, rate_card_id: CardId
    ) -> Response[Any]:
        form = await CardForm.from_request(request)
        card, terms = await queries.get_card(session, rate_card_id, actor), form.card_terms()
        try:
            if terms is not None and form.valid_from is not None:
                await services.save_draft(
                    session, rate_card_id, terms=terms, valid_from=form.valid_from, version=form.version, actor=actor
                )
                return redirect(request, "rate_cards.show", rate_card_id=rate_card_id, toast="Draft saved")
        except (InvalidFields, StaleVersion) as refused:
            form.take_refusal(refused, STALE)
        page = edit_page(form, card, actor)
        return render(request, "rental/rates/edit.html", page, fragment="card_form", status=422)

    @post("/draft/removal", name="rate_cards.draft.destroy")
    async def discard(
        self, request: Request, session: Session, actor: CurrentActor, rate_card_id: CardId
    ) -> Response[Any]:
        await services.discard_draft(session, rate_card_id, actor=actor)
        return redirect(request, "rate_cards.show", rate_card_id=rate_card_id, toast="Draft discarded")

    @post("/activation", name="rate_cards.activation.create")
    async def activate(
        self, request: Request, session: Session, actor: CurrentActor, rate_card_id: CardId
    ) -> Response[Any]:
        form = await Form.from_request(request)
        form.require_clean()
        waits = await services.request_activation(session, rate_card_id, why=form.text("reason").strip(), actor=actor)
        return redirect(request, "rate_cards.show", rate_card_id=rate_card_id, toast=approvals.told(waits, ""))


def edit_page(form: CardForm, card: RateCard | None, actor: Actor) -> pages.CardEdit:
    """The editor with what its terms make of the hire beside them."""
    hire = pages.with_hire(form).raw | ({"currency": card.currency} if card else {})
    zone = MARKETS[card.market if card else form.market or "EE"].zone
    price = price_of(TrialForm.from_raw({"pickup_zone": zone, **hire}))
    return pages.edit_page(form, card, price, actor)


async def detail_page(session: AsyncSession, card: RateCard, actor: Actor, asked: str) -> pages.CardDetail:
    """Everything the record page answers; `asked` is the number of the version to show."""
    versions = await queries.list_versions(session, card.id)
    wanted = int(asked) if asked.isascii() and asked.isdigit() else card.active_number or card.newest_number
    shown = next((version for version in versions if version.number == wanted), None)
    spans, today_at = pages.spans_of(versions, clock.today())
    found = await beside(session, card, actor)
    return pages.CardDetail(
        card=card,
        state=STATE_WORDS[card.state],
        is_on=card.state == "active",
        words=class_in_words(card.acriss),
        market=MARKETS[card.market].name,
        branches=pages.branches_of(card),
        versions=pages.version_rows(versions, shown),
        spans=spans,
        today_at=today_at,
        shown=shown,
        shown_state=VERSION_WORDS[shown.state] if shown else "",
        terms=pages.term_rows(shown),
        timeline=await timeline(session, card, services.FIELD_LABELS),
        beside=found,
        can_edit=actor.may(pages.EDIT),
        can_export=actor.may(EXPORT),
        is_asked=bool(found.waits),
    )


async def _version(session: AsyncSession, card: RateCard, number: str) -> RateCardVersion:
    if not (number.isascii() and number.isdigit() and len(number) <= 6):
        raise NotFound
    return await queries.get_version(session, card.id, int(number))


async def _present_form(session: AsyncSession, card: RateCard) -> CardForm:
    """The draft, or the newest version as what the next one begins with."""
    number = card.draft_number or card.active_number or card.newest_number
    version = await queries.get_version(session, card.id, number)
    valid_from = version.valid_from if card.draft_number else max(version.valid_from, clock.today())
    return CardForm.of_terms(version.card_terms, valid_from, version=card.version, currency=card.currency)

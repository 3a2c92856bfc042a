"""Rates in the JSON API."""

from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from app.core.api import list_answer, record_answer
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match, require_match
from app.core.openapi_vocabulary import TOTAL
from app.desk.approvals.services import ApprovalItem, as_item
from app.rental.rates import queries, services
from app.rental.rates.schemas import (
    ActivationBody,
    DraftBody,
    HirePriceItem,
    NewRateCard,
    RateCardItem,
    RateCardPage,
    RateCardVersionPage,
    RateTrial,
    card_item,
    item_of,
    version_item,
)

ADDRESS = "/api/v1/rate-cards"
TAGS = ("Rates",)


class RateTrialApi(Controller):
    """Trying a rate."""

    path = "/api/v1/rate-trials"
    tags = TAGS
    opt = {"permission": "rates.view", "idempotent": False}

    @post(
        name="api.rate_trials.create",
        operation_id="tryRate",
        summary="Price a hire by a rate",
        status_code=200,
    )
    async def create(self, data: JSONBody[RateTrial]) -> Response[HirePriceItem]:
        """What a hire would cost by the rate that is sent along, line by line. It changes nothing.

        Days are counted between the two wall times, so that clock changes and zones do not matter. The rate has blocks
        or brackets, never both. Refusals name the field.
        """
        return answer(item_of(services.try_rate(data.to_trial())))


class RateCardApi(Controller):
    """What classes cost, as versions that come into force on a date."""

    path = ADDRESS
    tags = TAGS
    opt = {"permission": "rates.view"}

    @get(
        name="api.rate_cards.index",
        operation_id="listRateCards",
        summary="List rate cards",
        spec=queries.SPEC,
        query=(TOTAL,),
        selects=RateCardItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[RateCardPage]:
        """The rate cards of one's markets by name; `q` looks for names, classes and branches."""
        kind = request.runtime.assembly.kinds["rate_card"]
        return await list_answer(request, actor, queries.cards, queries.SPEC, kind)

    @post(
        name="api.rate_cards.create",
        operation_id="createRateCard",
        summary="Add a rate card",
        permission="rates.edit",
    )
    async def create(
        self, session: Session, actor: CurrentActor, data: JSONBody[NewRateCard]
    ) -> Response[RateCardItem]:
        """With the draft of its first version. 409 when there is a card for the same hires already."""
        fields = {name: getattr(data, name) for name in ("market", "name", "acriss", "brand", "branches")}
        card = await services.create_card(
            session, fields=fields, terms=data.terms, valid_from=data.valid_from, actor=actor
        )
        return answer(card_item(card), status=201, etag=card.etag, location=f"{ADDRESS}/{card.id}")

    @get(
        "/{rate_card_id:uuid}",
        name="api.rate_cards.show",
        operation_id="getRateCard",
        summary="Read a rate card",
        selects=RateCardItem,
    )
    async def show(self, request: Request, actor: CurrentActor, rate_card_id: FromPath[UUID]) -> Response[RateCardItem]:
        """One rate card, with the ETag that a change of its draft needs."""
        found = await queries.cards.by_ids(request.runtime.database.reads, [str(rate_card_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @get(
        "/{rate_card_id:uuid}/versions",
        name="api.rate_cards.versions.index",
        operation_id="listRateCardVersions",
        summary="List the versions of a rate card",
    )
    async def versions(
        self, session: Session, actor: CurrentActor, rate_card_id: FromPath[UUID]
    ) -> Response[RateCardVersionPage]:
        """All versions with their terms, the newest first."""
        card = await queries.get_card(session, rate_card_id, actor)
        items = [version_item(version) for version in await queries.list_versions(session, card.id)]
        return answer(RateCardVersionPage(items), etag=card.etag)


class RateCardDraftApi(Controller):
    """The draft of the next version. Versions that were agreed to never change."""

    path = f"{ADDRESS}/{{rate_card_id:uuid}}"
    tags = TAGS
    opt = {"permission": "rates.edit"}

    @put(
        "/draft",
        name="api.rate_cards.draft.update",
        operation_id="saveRateCardDraft",
        summary="Write the draft of a rate card",
    )
    async def save(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        rate_card_id: FromPath[UUID],
        data: JSONBody[DraftBody],
    ) -> Response[RateCardItem]:
        """A new draft when there is none. Needs If-Match; what was asked about the draft before is void."""
        require_match(request, await queries.lock_card(session, rate_card_id, actor))
        card = await services.save_draft(
            session, rate_card_id, terms=data.terms, valid_from=data.valid_from, actor=actor
        )
        return answer(card_item(card), etag=card.etag)

    @delete(
        "/draft",
        name="api.rate_cards.draft.destroy",
        operation_id="discardRateCardDraft",
        summary="Discard the draft of a rate card",
        status_code=200,
    )
    async def discard(
        self, request: Request, session: Session, actor: CurrentActor, rate_card_id: FromPath[UUID]
    ) -> Response[RateCardItem]:
        """409 when there is none."""
        honour_match(request, await queries.lock_card(session, rate_card_id, actor))
        card = await services.discard_draft(session, rate_card_id, actor=actor)
        return answer(card_item(card), etag=card.etag)

    @post(
        "/activation",
        name="api.rate_cards.activation.create",
        operation_id="activateRateCardDraft",
        summary="Ask for the draft to come into force",
        status_code=202,
    )
    async def activate(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        rate_card_id: FromPath[UUID],
        data: JSONBody[ActivationBody],
    ) -> Response[ApprovalItem]:
        """Never at once: 202 with the approval that waits for somebody else."""
        honour_match(request, await queries.lock_card(session, rate_card_id, actor))
        waits = await services.request_activation(session, rate_card_id, why=data.reason or "", actor=actor)
        return answer(as_item(waits), status=202, etag=waits.etag, location=f"/api/v1/approvals/{waits.id}")

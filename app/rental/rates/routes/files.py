"""The prices of a rate card as a file."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from app.core.downloads import table_answer
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session
from app.core.permissions import EXPORT
from app.rental.rates import queries
from app.rental.rates.pages import cards as pages
from app.rental.rates.pages import files

SEE = "rates.view"


class RateCardFileController(Controller):
    """A version of a card for a spreadsheet."""

    path = f"{pages.PATH}/{{rate_card_id:uuid}}/prices"
    opt = {"permission": EXPORT}
    include_in_schema = False

    @get(name="rate_cards.prices.show")
    async def show(
        self, request: Request, session: Session, actor: CurrentActor, rate_card_id: FromPath[UUID]
    ) -> Response[Any]:
        """The version that the address names, else the one in force, else the draft. Raises NotFound."""
        if not actor.may(SEE):
            raise NotFound
        card = await queries.get_card(session, rate_card_id, actor)
        asked = request.query_params.get("version", "")
        number = int(asked) if asked.isascii() and asked.isdigit() else card.active_number or card.draft_number
        version = await queries.find_version(session, card.id, number) if number else None
        if version is None:
            raise NotFound
        return table_answer(
            files.HEADS,
            files.price_rows(version.card_terms, card.currency),
            name=f"{card.name}, version {version.number}",
            is_xlsx=request.query_params.get("format") == "xlsx",
        )

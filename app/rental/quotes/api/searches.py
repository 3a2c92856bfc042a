"""Car searches in the JSON API."""

from functools import partial
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.core.http import CurrentActor, Request, Session, answer
from app.core.unit_of_work import run_unit
from app.rental.quotes.pages.words import with_words
from app.rental.quotes.schemas.searches import CarSearchItem, NewCarSearch
from app.rental.quotes.services import reading, searching
from app.rental.quotes.services.searching import Prepared

ADDRESS = "/api/v1/car-searches"


class CarSearchApi(Controller):
    """What is to be had, from our own fleet and from suppliers."""

    path = ADDRESS
    tags = ("Car searches",)
    opt = {"permission": "quotes.view"}

    @post(name="api.car_searches.create", operation_id="searchCars", summary="Search cars")
    async def create(
        self, request: Request, actor: CurrentActor, data: JSONBody[NewCarSearch]
    ) -> Response[CarSearchItem]:
        """Our own fleet at once; `partial` while suppliers are asked, for 4.5 s at most: then read it again.

        Every class and supplier without an offer is in `excluded`, with the reason and the nearest change that was
        tried and gives an offer. It can be read for half an hour.
        """
        runtime = request.runtime
        runtime.background.require_room()
        async with runtime.database.session() as session:
            prepared = await searching.prepare(session, runtime.database.reads, runtime.settings, data, actor)
        kept: list[UUID] = []
        made: Response[CarSearchItem] = await run_unit(
            request, partial(_keep, prepared=prepared, actor=actor, kept=kept)
        )
        searching.start(runtime, kept, prepared)
        return made

    @get("/{search_id:uuid}", name="api.car_searches.show", operation_id="getCarSearch", summary="Read a car search")
    async def show(self, session: Session, actor: CurrentActor, search_id: FromPath[UUID]) -> Response[CarSearchItem]:
        """As far as it is: who has not answered by the deadline is late. 404 when it is older than half an hour."""
        return answer(with_words(await reading.read_search(session, search_id, actor)))


async def _keep(
    session: AsyncSession, *, prepared: Prepared, actor: Actor, kept: list[UUID]
) -> Response[CarSearchItem]:
    search = await searching.keep_search(session, prepared, actor)
    item = with_words(await reading.read_search(session, search.id, actor))
    kept[:] = [search.id]
    return answer(item, status=201, location=f"{ADDRESS}/{search.id}")

"""Locations in the JSON API."""

from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from app.core.api import list_answer, record_answer
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request
from app.core.openapi_vocabulary import TOTAL
from app.rental.locations import queries
from app.rental.locations.schemas import LocationItem, LocationPage


class LocationApi(Controller):
    """Where vehicles are handed over."""

    path = "/api/v1/locations"
    tags = ("Locations",)
    opt = {"permission": "locations.view", "selects": LocationItem}

    @get(
        name="api.locations.index",
        operation_id="listLocations",
        summary="List locations",
        spec=queries.SPEC,
        query=(TOTAL,),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[LocationPage]:
        """The locations of one's markets and branches by code; `q` looks into code, name and city."""
        return await list_answer(request, actor, queries.locations, queries.SPEC)

    @get("/{location_id:uuid}", name="api.locations.show", operation_id="getLocation", summary="Read a location")
    async def show(self, request: Request, actor: CurrentActor, location_id: FromPath[UUID]) -> Response[LocationItem]:
        """One location with its hours and time zone."""
        found = await queries.locations.by_ids(request.runtime.database.reads, [str(location_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

"""Locations in the JSON API."""

from uuid import UUID

from litestar import Controller, Response, get, patch
from litestar.params import FromPath, JSONBody

from app.core.api import given_fields, list_answer, record_answer
from app.core.errors import NotFound
from app.core.http import CurrentActor, Request, Session, answer, require_match
from app.core.openapi_vocabulary import TOTAL
from app.rental.locations import queries, services
from app.rental.locations.schemas import LocationFields, LocationItem, LocationPage, item_of


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

    @patch(
        "/{location_id:uuid}",
        name="api.locations.update",
        operation_id="updateLocation",
        summary="Change a location's hours",
        permission="locations.edit",
    )
    async def update(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        location_id: FromPath[UUID],
        data: JSONBody[LocationFields],
    ) -> Response[LocationItem]:
        """JSON Merge Patch, except that `opening_hours` are replaced as a whole. Needs If-Match.

        Spans of a day are local times that end by 24:00; hours past midnight go on in the spans of the next day.
        """
        location = await queries.lock_location(session, location_id, actor)
        require_match(request, location)
        changed = await services.update_location(session, location_id, fields=given_fields(data), actor=actor)
        return answer(item_of(changed), etag=changed.etag)

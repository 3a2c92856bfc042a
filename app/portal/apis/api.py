"""The API's description, for everybody."""

from functools import cache

from litestar import Controller, Litestar, Response, get

from app.core.http import JSON_TYPE, Request, to_json
from app.core.openapi import describe_api
from app.core.openapi_older import as_3_0
from app.core.permissions import PUBLIC

FOR_A_WHILE = {"Cache-Control": "public, max-age=300"}


class DescriptionApi(Controller):
    """OpenAPI in two versions; neither refers to another host."""

    path = "/api/v1"
    opt = {"permission": PUBLIC}
    include_in_schema = False

    @get("/openapi.json", name="api.description")
    async def newest(self, request: Request) -> Response[bytes]:
        return Response(_documents(request.app)[0], media_type=JSON_TYPE, headers=FOR_A_WHILE)

    @get("/openapi-3.0.json", name="api.description.older")
    async def older(self, request: Request) -> Response[bytes]:
        """For generators that do not know 3.1."""
        return Response(_documents(request.app)[1], media_type=JSON_TYPE, headers=FOR_A_WHILE)


@cache
def _documents(application: Litestar) -> tuple[bytes, bytes]:
    document = describe_api(application)
    return to_json(document), to_json(as_3_0(document))

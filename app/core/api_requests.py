"""What every request to the API has to be before a handler sees it: nothing unknown in it, and strictly typed."""

from functools import cache
from typing import Any, get_args

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from app.core.errors import AppError, MalformedRequest
from app.core.http import JSON_TYPE, Request
from app.core.idempotency import MAX_KEY
from app.core.openapi_vocabulary import known_parameters
from app.core.problems import decode_error

MERGE_PATCH = "application/merge-patch+json"


class TrueAllow(ReceiveRoutePlugin):
    """OPTIONS tells all methods of an address; Litestar tells those of the controller that was registered first."""

    def receive_route(self, route: BaseRoute) -> None:
        if not isinstance(route, HTTPRoute):
            return
        for handler in route.route_handlers:
            if handler.http_methods == {"OPTIONS"}:
                handler._fn = route.create_options_handler(route.path).fn  # noqa: SLF001  # pyright: ignore


class UnsupportedMediaType(AppError):
    code = "unsupported_media_type"
    status = 415
    title = "The body has a media type that is not taken here"


async def well_formed(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # pyright: ignore
    """Refuse unknown parameters and what is no JSON (400), other media types (415), and bodies of another shape (422).

    Litestar reads bodies leniently, taking "2019" for 2019; so the body is read strictly here first.
    """
    if not isinstance(connection, Request) or not connection.is_api or not isinstance(handler, HTTPRouteHandler):
        return
    _refuse_unknown_parameters(connection, handler)
    key = connection.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= MAX_KEY:
        raise MalformedRequest(f"Idempotency-Key: 1 to {MAX_KEY} characters")
    field = handler.parsed_data_field
    if field is None:
        return
    body = await connection.body()
    if not body:
        if field.is_optional:
            return
        raise MalformedRequest("The body is missing.")
    _refuse_media_type(connection)
    try:
        _decoder(field.annotation).decode(body)
    except msgspec.DecodeError as error:
        raise decode_error(error) from None


def _refuse_unknown_parameters(request: Request, handler: HTTPRouteHandler) -> None:
    if not request.scope["query_string"]:
        return
    known = known_parameters(handler)
    unknown = sorted({name for name, _ in request.query_params.multi_items()}.difference(known))
    if unknown:
        allowed = ", ".join(sorted(known)) or "none"
        raise MalformedRequest(f"unknown parameter {', '.join(unknown)}; known are {allowed}")


def _refuse_media_type(request: Request) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    taken = (JSON_TYPE, MERGE_PATCH) if request.method == "PATCH" else (JSON_TYPE,)
    if given not in taken:
        raise UnsupportedMediaType(f"Send {' or '.join(taken)}.", headers={"Accept": ", ".join(taken)})


@cache
def _decoder(annotation: Any) -> msgspec.json.Decoder[Any]:
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    return msgspec.json.Decoder(kinds[0] if kinds else annotation)

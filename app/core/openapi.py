"""The API's own description, read from the routes: signatures, structs, list specifications and permissions."""

from importlib.metadata import version
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute

from app.core.openapi_operations import COMMON_HEADERS, COMMON_PARAMETERS, FILE_SCHEMAS, HEADERS, REFUSALS, Operation
from app.core.openapi_schemas import Problem, SchemaBook
from app.core.problems import PROBLEM_TYPE, TYPES

CLOSED_PATH = "/_schema"
"""Where Litestar puts its own pages of the document: they name no permission, so nobody gets them."""
API = "/api/"
DESCRIPTION = """\
Rental vehicles, customers and credit applications, as the portal's own pages see them.

Answers leave out what has no value. States are changed through noun resources such as `/block`, never by PATCH.
Lists of known values may grow: a client needs a case for what it does not know. Moments are RFC 3339 in UTC with six
digits, days are ISO 8601, money is a decimal string with the currency's own scale.
"""


def document_config() -> OpenAPIConfig:
    """Litestar's own document stays closed: its schemas call an absent field null and its problems are not ours."""
    return OpenAPIConfig(title="Forecourt", version="1", path=CLOSED_PATH, render_plugins=[])


def describe_api(application: Litestar) -> dict[str, Any]:
    """The OpenAPI 3.1 document of every route below /api. Raises ValueError for what is named twice or not at all."""
    book, paths, ids = SchemaBook(), dict[str, dict[str, Any]](), set[str]()
    for route, handler in _routes(application):
        operation = Operation(route, handler, book)
        described = operation.describe()
        if described["operationId"] in ids:
            raise ValueError(f"two operations are called {described['operationId']}")
        ids.add(described["operationId"])
        paths.setdefault(route.path_format, {})[operation.method.lower()] = described
    problem = book.reference(Problem)
    return {
        "openapi": "3.1.1",
        "info": {"title": "Forecourt", "version": version("forecourt"), "description": DESCRIPTION},
        "servers": [{"url": "/", "description": "Where this document was read."}],
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in sorted(_tags(paths))],
        "paths": paths,
        "components": {
            "schemas": book.components() | FILE_SCHEMAS,
            "parameters": COMMON_PARAMETERS,
            "headers": COMMON_HEADERS,
            "responses": {name: _refusal(status, text, problem) for status, (name, text) in REFUSALS.items()},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of `POST /api/v1/auth/tokens`, good for 15 minutes.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-forecourt",
                    "description": "The session of the portal's own pages (`forecourt_session` on plain http).",
                },
                "csrf": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "X-CSRF-Token",
                    "description": "With the session cookie: the token that the pages carry.",
                },
            },
        },
    }


def _routes(application: Litestar) -> list[tuple[HTTPRoute, HTTPRouteHandler]]:
    found = [
        (route, handler)
        for route in application.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(API)
        for handler in route.route_handlers
        if handler.resolve_include_in_schema()
    ]
    return sorted(found, key=lambda pair: (pair[0].path_format, str(pair[1].operation_id)))


def _tags(paths: dict[str, dict[str, Any]]) -> set[str]:
    return {tag for operations in paths.values() for operation in operations.values() for tag in operation["tags"]}


def _refusal(status: int, text: str, problem: dict[str, str]) -> dict[str, Any]:
    headers: dict[str, Any] = {"X-Request-Id": {"$ref": HEADERS + "XRequestId"}}
    if status in (429, 503):
        headers["Retry-After"] = {"$ref": HEADERS + "RetryAfter"}
    example: dict[str, Any] = {
        "type": TYPES + _CODES[status],
        "title": text.partition(":")[0].rstrip("."),
        "status": status,
        "instance": "/api/v1/vehicles",
        "code": _CODES[status],
        "trace_id": "019a1f3e7c527b1a9f0e3d2c1b0a9f8e",
    }
    if status == 422:
        example["errors"] = [{"pointer": "/odometer_km", "code": "out_of_range", "detail": "Between 0 and 2,000,000"}]
    if status == 409:
        example["state"] = "on_hire"
    return {
        "description": text,
        "headers": headers,
        "content": {PROBLEM_TYPE: {"schema": problem, "example": example}},
    }


_CODES = {
    400: "malformed_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    409: "illegal_state",
    410: "resync",
    412: "stale_version",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "invalid_fields",
    428: "precondition_required",
    429: "too_many_requests",
    503: "unavailable",
}

"""One route of the API as an OpenAPI operation: what it takes, what it gives, and every way in which it refuses."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, get_args, get_origin
from uuid import UUID

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from app.core.api_requests import MERGE_PATCH
from app.core.guard import SAFE_METHODS
from app.core.http import JSON_TYPE
from app.core.idempotency import CHANGING_METHODS, MAX_KEY
from app.core.openapi_schemas import SchemaBook
from app.core.openapi_vocabulary import QueryField, query_fields
from app.core.permissions import PUBLIC, SIGNED_IN

PARAMETERS, RESPONSES, HEADERS = "#/components/parameters/", "#/components/responses/", "#/components/headers/"
REFUSALS = {
    400: ("MalformedRequest", "The request could not be read, or has a parameter that is not known."),
    401: ("NotSignedIn", "No access token, or one that is not valid any more."),
    403: ("Forbidden", "Roles or scope do not allow it."),
    404: ("NotFound", "There is no such record in one's scope."),
    409: ("Conflict", "It does not fit the present state, or the same request is being worked on."),
    410: ("Gone", "The cursor is older than what is kept: start again without it."),
    412: ("StaleVersion", "Somebody else has changed the record since it was read."),
    413: ("BodyTooLarge", "The body is too large."),
    415: ("UnsupportedMediaType", "The body has a media type that is not taken here."),
    422: ("InvalidFields", "Values were understood but are not acceptable; each is named."),
    428: ("PreconditionRequired", "If-Match is missing."),
    429: ("TooManyRequests", "Too many attempts; wait as long as Retry-After says."),
    503: ("Unavailable", "A part of the system is away or busy; try again after Retry-After."),
}
COMMON_PARAMETERS: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Makes a repeated request harmless: the first answer is kept for 48 h and given again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
        "example": "5f0c7e52-8f0a-4c55-9d3b-1c8a3f1f4f0e",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag that was read: the change is refused when the record has changed since.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "IfMatchRequired": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag that was read; without it nothing is changed.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag that is kept: 304 when it is still the present one.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
}
COMMON_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "The version of the record.", "schema": {"type": "string"}, "example": '"4"'},
    "Location": {"description": "The new record's address.", "schema": {"type": "string", "format": "uri-reference"}},
    "ContentDisposition": {
        "description": "The name under which to keep the file (RFC 6266).",
        "schema": {"type": "string"},
        "example": "attachment; filename=\"damage.jpg\"; filename*=UTF-8''damage.jpg",
    },
    "IdempotencyReplayed": {
        "description": "`true` when this is the kept answer of an earlier request with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer"}, "example": 2},
    "XRequestId": {"description": "Names the request in logs and problems.", "schema": {"type": "string"}},
}  # fmt: skip
FILE_SCHEMAS: dict[str, dict[str, Any]] = {
    "FileContent": {"type": "string", "format": "binary", "examples": ["the bytes of the file"]},
    "FileUpload": {
        "type": "object",
        "properties": {"file": {"$ref": "#/components/schemas/FileContent"}},
        "required": ["file"],
        "additionalProperties": False,
        "examples": [{"file": "the bytes of the file"}],
    },
}
FILE, FILE_UPLOAD = ({"$ref": f"#/components/schemas/{name}"} for name in FILE_SCHEMAS)


class Operation:
    """A handler of a route under one method."""

    def __init__(self, route: HTTPRoute, handler: HTTPRouteHandler, book: SchemaBook) -> None:
        self.route, self.handler, self.book = route, handler, book
        self.method = next(iter(handler.http_methods))
        self.permission: str = handler.opt.get("permission", SIGNED_IN)
        self.is_safe = self.method in SAFE_METHODS
        self.is_of_record = bool(route.path_parameters)
        self.is_idempotent = self.method in CHANGING_METHODS and handler.opt.get("idempotent") is not False
        self.takes = _body_type(handler)
        self.takes_file: bool = handler.opt.get("takes_file", False)
        """Whether the body is multipart with one file."""
        self.gives_files: Sequence[str] = handler.opt.get("gives_files", ())
        """The media types of an answer that is a file."""
        self.gives = None if self.gives_files else _answer_type(handler)
        if selects := handler.opt.get("selects"):
            book.select(selects)

    def describe(self) -> dict[str, Any]:
        """The operation object. Raises ValueError when the handler has no id, summary or tag of its own."""
        handler = self.handler
        tags = handler.resolve_tags()
        if not isinstance(handler.operation_id, str) or not handler.summary or not tags:
            raise ValueError(f"{self.route.path} {self.method}: operation_id, summary and tags are needed")
        described: dict[str, Any] = {
            "operationId": handler.operation_id,
            "summary": handler.summary,
            "tags": sorted(tags),
        }
        if text := _sentences(handler.fn.__doc__):
            described["description"] = text
        described["parameters"] = [*self._path(), *map(_query_parameter, query_fields(handler)), *self._headers()]
        if self.takes is not None:
            described["requestBody"] = self._body(self.takes)
        if self.takes_file:
            described["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": FILE_UPLOAD}}}
        described["responses"] = self._success() | {
            str(status): {"$ref": RESPONSES + REFUSALS[status][0]} for status in sorted(self._refusals())
        }
        described["security"] = self._security()
        return described

    def _path(self) -> Iterator[dict[str, Any]]:
        for name, definition in self.route.path_parameters.items():
            schema = {"type": "string", "format": "uuid"} if definition.type is UUID else {"type": "string"}
            yield {"name": name, "in": "path", "required": True, "schema": schema}

    def _headers(self) -> Iterator[dict[str, str]]:
        if self.is_idempotent:
            yield {"$ref": PARAMETERS + "IdempotencyKey"}
        if self.is_of_record:
            name = {"GET": "IfNoneMatch", "PATCH": "IfMatchRequired", "PUT": "IfMatchRequired"}
            yield {"$ref": PARAMETERS + name.get(self.method, "IfMatch")}

    def _body(self, struct: type[Any]) -> dict[str, Any]:
        content = {"schema": self.book.reference(struct)}
        kinds = (MERGE_PATCH, JSON_TYPE) if self.method == "PATCH" else (JSON_TYPE,)
        field = self.handler.parsed_data_field
        return {"required": field is None or not field.is_optional, "content": dict.fromkeys(kinds, content)}

    def _success(self) -> dict[str, Any]:
        status = int(self.handler.status_code)
        headers: dict[str, Any] = {"X-Request-Id": {"$ref": HEADERS + "XRequestId"}}
        if self.is_of_record or (status == HTTPStatus.CREATED and self.is_idempotent):
            headers["ETag"] = {"$ref": HEADERS + "ETag"}
        if status == HTTPStatus.CREATED and self.is_idempotent and not self.is_of_record:
            headers["Location"] = {"$ref": HEADERS + "Location"}
        if self.is_idempotent:
            headers["Idempotency-Replayed"] = {"$ref": HEADERS + "IdempotencyReplayed"}
        answer: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": headers}
        if self.gives is not None:
            kind = self.handler.opt.get("streams", JSON_TYPE)
            answer["content"] = {kind: {"schema": self.book.reference(self.gives)}}
        if self.gives_files:
            answer["headers"]["Content-Disposition"] = {"$ref": HEADERS + "ContentDisposition"}
            answer["content"] = {kind: {"schema": FILE} for kind in self.gives_files}
        found = {str(status): answer}
        waits = self.handler.opt.get("waits") or (self.gives if status == HTTPStatus.ACCEPTED else None)
        if waits is not None:
            found[str(HTTPStatus.ACCEPTED.value)] = {
                "description": "It waits for somebody else's consent.",
                "headers": {
                    name: {"$ref": HEADERS + name.replace("-", "")} for name in ("ETag", "Location", "X-Request-Id")
                },
                "content": {JSON_TYPE: {"schema": self.book.reference(waits)}},
            }
        if self.method == "GET" and self.is_of_record:
            found["304"] = {"description": "It has not changed.", "headers": {"ETag": {"$ref": HEADERS + "ETag"}}}
        return found

    def _refusals(self) -> set[int]:
        found = {400, 401, 503, *self.handler.opt.get("refuses", ())}
        if not self.is_safe or self.permission not in (PUBLIC, SIGNED_IN):
            found.add(403)
        if self.is_of_record:
            found.add(404)
            if not self.is_safe:
                found.add(412)
        if self.method in ("PATCH", "PUT") and self.handler.opt.get("is_versioned") is not False:
            found.add(428)
        if not self.is_safe and self.handler.opt.get("idempotent") is not False:
            found.add(409)
        if self.takes is not None or self.takes_file:
            found |= {413, 415, 422}
        if self.is_idempotent or query_fields(self.handler):
            found.add(422)
        if not self.is_safe and self.permission == PUBLIC:
            found.add(429)
        return found

    def _security(self) -> list[dict[str, list[str]]]:
        if self.permission == PUBLIC:
            return []
        return [{"bearer": []}, {"session": []} if self.is_safe else {"session": [], "csrf": []}]


def _query_parameter(field: QueryField) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": field.name, "in": "query", "description": field.description}
    if field.is_required:
        parameter["required"] = True
    if field.is_list:
        parameter |= {"style": "form", "explode": field.name != "fields"}
    return parameter | {"schema": field.schema}


def _body_type(handler: HTTPRouteHandler) -> type[Any] | None:
    field = handler.parsed_data_field
    if field is None:
        return None
    kinds = [inner.annotation for inner in field.inner_types if inner.annotation is not type(None)]
    return kinds[0] if field.is_optional else field.annotation


def _answer_type(handler: HTTPRouteHandler) -> type[Any] | None:
    """What the handler says it returns: a struct, a `Response` of one, or nothing."""
    annotation = handler.parsed_return_field.annotation
    if isinstance(get_origin(annotation), type) and issubclass(get_origin(annotation), Response):
        annotation = get_args(annotation)[0]
    if annotation in (None, type(None)):
        return None
    if not isinstance(annotation, type) or not issubclass(annotation, msgspec.Struct):
        raise TypeError(f"{handler}: says {annotation} where the struct of its answer is expected")
    return annotation


def _sentences(text: str | None) -> str:
    return " ".join((text or "").split())

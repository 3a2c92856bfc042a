"""The words in which a route says what cannot be read from its signature; Litestar keeps such keywords in `opt`.

- `spec`: the `ListSpec` of a list, whose filters and orders become parameters.
- `selects`: the struct whose fields `fields=` may pick.
- `query`: further parameters, each a `QueryField`.
- `streams`: the media type of an answer that is a stream of the struct.
- `is_versioned`: False for what is replaced as a whole by its only owner, without If-Match.
- `waits`: the struct of the 202 that is answered, with its `Location`, when the change waits for somebody's consent.
- `refuses`: statuses beyond those that follow from method, path, body and permission.
"""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.typing import FieldDefinition

from app.core.listing import DEFAULT_PAGE, MAX_TEXT, PAGING, Filter, ListSpec
from app.core.reads import MAX_PAGE

LONGEST_CURSOR = 500
LONGEST_AMOUNT = 15
_KNOWN = "known_parameters"


@dataclass(frozen=True, slots=True)
class QueryField:
    """A query parameter with its JSON schema."""

    name: str
    description: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"}, hash=False)
    is_required: bool = False

    @property
    def is_list(self) -> bool:
        return self.schema.get("type") == "array"


TOTAL = QueryField(
    "total", "Whether to count the records too: `total` is exact up to 10,000.", {"type": "boolean", "default": False}
)
CURSOR = QueryField(
    "cursor",
    "Where to go on: `next_cursor` of the page before, with the same filters and order.",
    {"type": "string", "maxLength": LONGEST_CURSOR},
)


def limit_field(default: int, most: int) -> QueryField:
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return QueryField("limit", "How many at most.", schema)


def query_fields(handler: HTTPRouteHandler) -> list[QueryField]:
    """Every query parameter of an operation."""
    spec: ListSpec | None = handler.opt.get("spec")
    fields = [*(_list_fields(spec) if spec else []), *handler.opt.get("query", ())]
    if selects := handler.opt.get("selects"):
        fields.append(_selection(selects))
    for name, parameter in handler.parsed_fn_signature.parameters.items():
        if isinstance(parameter.kwarg_definition, QueryParameter):
            fields.append(_from_signature(name, parameter))
    return fields


def known_parameters(handler: HTTPRouteHandler) -> frozenset[str]:
    """The names of every query parameter of an operation.

    A guard is given a new copy of the handler for each request; what all copies share is `opt`.
    """
    known = handler.opt.get(_KNOWN)
    if known is None:
        known = handler.opt[_KNOWN] = frozenset(each.name for each in query_fields(handler))
    return known


def _list_fields(spec: ListSpec) -> list[QueryField]:
    orders = [order for name in spec.sorts for order in (name, f"-{name}")]
    sort = {"type": "string", "enum": orders, "default": spec.default_sort}
    paging = {
        "q": QueryField("q", "Free text, accents and small typing errors forgiven.", _text(MAX_TEXT)),
        "sort": QueryField("sort", "The order; `-` turns it round. Not used with `q`, which sorts by relevance.", sort),
        "limit": limit_field(DEFAULT_PAGE, MAX_PAGE),
        "cursor": CURSOR,
    }
    return [*(paging[name] for name in PAGING), *map(_filter_field, spec.filters)]


def _filter_field(known: Filter) -> QueryField:
    plain: dict[str, Any] = {
        "choice": {"type": "string", "enum": [value for value, _ in known.options]},
        "code": _text(MAX_TEXT),
        "id": {"type": "string", "format": "uuid"},
        "text": _text(MAX_TEXT),
        "pattern": _text(MAX_TEXT) | {"pattern": r"^[A-Za-z0-9*?]+$"},
        "whole": {"type": "integer", "minimum": 1 - 10**11, "maximum": 10**12 - 1},
        "money": _text(LONGEST_AMOUNT) | {"pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"},
        "day": {"type": "string", "format": "date"},
        "moment": {"type": "string", "format": "date-time"},
    }[known.kind]
    if known.has_many:
        return QueryField(known.name, f"{known.label}: any of these.", {"type": "array", "items": plain})
    return QueryField(known.name, f"{known.label}.", plain)


def _selection(struct: type[Any]) -> QueryField:
    names = [each.encode_name for each in msgspec.structs.fields(struct)]
    items = {"type": "string", "enum": names}
    return QueryField("fields", "Only these fields, separated by commas.", {"type": "array", "items": items})


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest}


def _from_signature(name: str, parameter: FieldDefinition) -> QueryField:
    definition: Any = parameter.kwarg_definition
    schema = msgspec.json.schema(_without_none(parameter))
    schema |= {
        key: value
        for key, value in (
            ("minLength", definition.min_length),
            ("maxLength", definition.max_length),
            ("minimum", definition.ge),
            ("maximum", definition.le),
        )
        if value is not None
    }
    if parameter.has_default and parameter.default is not None:
        schema["default"] = parameter.default
    return QueryField(
        definition.name or name, definition.description or "", schema, is_required=not parameter.has_default
    )


def _without_none(parameter: FieldDefinition) -> Any:
    kinds = [inner.annotation for inner in parameter.inner_types if inner.annotation is not type(None)]
    return kinds[0] if parameter.is_optional and len(kinds) == 1 else parameter.annotation

"""Structs as named JSON schemas: absent is not null, null clears, and what may be picked away is optional."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from app.core.openapi_examples import SCHEMAS, example_of


class FieldRefusal(msgspec.Struct):
    """One value that is not acceptable: where it stands, a stable code, and a sentence."""

    pointer: str
    code: str
    detail: str


class Problem(msgspec.Struct):
    """What was refused and why (RFC 9457). `code` is stable; `state` and `etag` come where they explain it."""

    type: Annotated[str, msgspec.Meta(extra_json_schema={"format": "uri"})]
    title: str
    status: int
    instance: str
    code: str
    trace_id: str
    detail: str | msgspec.UnsetType = msgspec.UNSET
    errors: list[FieldRefusal] | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    etag: str | msgspec.UnsetType = msgspec.UNSET


class SchemaBook:
    """Collects structs while operations are described, and gives them names."""

    def __init__(self) -> None:
        self._structs: dict[str, type[Any]] = {}
        self._selected: set[type[Any]] = set()

    def reference(self, struct: type[Any]) -> dict[str, str]:
        """Where the struct's schema stands. Raises ValueError when two structs would share the name."""
        for each in _structs_in(struct):
            name = schema_name(each)
            if self._structs.setdefault(name, each) is not each:
                raise ValueError(f"two structs are called {name}: {self._structs[name]} and {each}")
        return {"$ref": SCHEMAS + schema_name(struct)}

    def select(self, struct: type[Any]) -> None:
        """Note that clients may pick fields of it, so that none but those picked need be there."""
        self._selected.add(struct)

    def components(self) -> dict[str, Any]:
        """All schemas by name, each with an example: the `EXAMPLE` of its struct, or one put together."""
        _, found = msgspec.json.schema_components(list(self._structs.values()), ref_template=SCHEMAS + "{name}")
        by_class = {struct.__name__: name for name, struct in self._structs.items()}
        schemas = {
            by_class[name]: self._repaired(schema, self._structs[by_class[name]])
            for name, schema in found.items()
            if name in by_class
        }
        enums = {name: {"type": "string", "enum": found[name]["enum"]} for name in found if name not in by_class}
        renamed = _with_names(schemas, by_class, enums)
        for schema in renamed.values():
            schema["examples"] = [example_of(schema, renamed)]
        return dict(sorted(renamed.items()))

    def _repaired(self, schema: dict[str, Any], struct: type[Any]) -> dict[str, Any]:
        is_input: bool = struct.__struct_config__.forbid_unknown_fields
        repaired = {key: value for key, value in schema.items() if key not in ("title", "required")}
        repaired["properties"] = {name: nullable(inner) for name, inner in schema["properties"].items()}
        if example := getattr(struct, "EXAMPLE", None):
            repaired["examples"] = [example]
        required = [] if struct in self._selected else list(_required(struct, is_input=is_input))
        if required:
            repaired["required"] = required
        return repaired


def schema_name(struct: type[Any]) -> str:
    """`VehicleItem` is called Vehicle outside."""
    return struct.__name__.removesuffix("Item")


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """`anyOf [X, null]` as a list of types where that says the same; a default of null says nothing."""
    schema = {key: value for key, value in schema.items() if key != "default" or value is not None}
    options = schema.get("anyOf", [])
    others = [option for option in options if option != {"type": "null"}]
    if len(others) != 1 or len(options) != 2 or "$ref" in others[0]:
        return schema
    plain = others[0] | {"type": [others[0]["type"], "null"]}
    if "enum" in plain:
        plain["enum"] = [*plain["enum"], None]
    return {key: value for key, value in schema.items() if key != "anyOf"} | plain


def _required(struct: type[Any], *, is_input: bool) -> Iterator[str]:
    """What a client has to send; or what an answer always has: every field that is not left out when empty."""
    hints = get_type_hints(struct)
    for field in msgspec.structs.fields(struct):
        may_be_unset = msgspec.UnsetType in get_args(hints[field.name])
        if is_input or struct.__struct_config__.omit_defaults:
            is_required = field.required and not may_be_unset
        else:
            is_required = not may_be_unset
        if is_required:
            yield field.encode_name


def _structs_in(kind: Any) -> Iterator[type[Any]]:
    """The struct and every struct below it."""
    seen: set[type[Any]] = set()
    waiting = [kind]
    while waiting:
        hint = waiting.pop()
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct) and get_origin(hint) is None:
            if hint in seen:
                continue
            seen.add(hint)
            yield hint
            waiting += get_type_hints(hint).values()
        else:
            waiting += get_args(hint)


def _with_names(value: Any, names: Mapping[str, str], enums: Mapping[str, dict[str, Any]]) -> Any:
    """The same with every reference to a class turned into one to its name, and those to enumerations written out."""
    if isinstance(value, list):
        return [_with_names(inner, names, enums) for inner in value]
    if not isinstance(value, dict):
        return value
    target = value["$ref"].removeprefix(SCHEMAS) if "$ref" in value else ""
    if target in enums:
        return {key: inner for key, inner in value.items() if key != "$ref"} | enums[target]
    return {
        key: SCHEMAS + names[target] if key == "$ref" else _with_names(inner, names, enums)
        for key, inner in value.items()
    }

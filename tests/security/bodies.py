"""Bodies of the API as its description has them: made for every operation, with the place of every text in them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.kit.ids import new_id
from app.settings import ROOT

Place = tuple[str | int, ...]
DEEPEST = 6


@dataclass(frozen=True)
class Operation:
    """One operation that takes a JSON body."""

    method: str
    path: str
    media_type: str
    schema: dict[str, Any]

    def address(self, ids: dict[str, str]) -> str:
        """Its address with these ids, and ids that nobody has for the rest."""
        address = self.path.removeprefix("/api/v1")
        for name, value in ids.items():
            address = address.replace(f"{{{name}}}", value)
        return re.sub(r"\{[a-z_]+\}", lambda _: str(new_id()), address)

    def texts(self) -> list[Place]:
        """Where texts stand in the body."""
        return [place for place, schema in places(self.schema) if is_text(schema)]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def description() -> dict[str, Any]:
    return json.loads((ROOT / "docs" / "openapi.json").read_text())


def operations() -> list[Operation]:
    """Every operation with a body of fields; a file's name is tried where files are attached."""
    found: list[Operation] = []
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                if media_type != "multipart/form-data":
                    found.append(Operation(method.upper(), path, media_type, content["schema"]))
    return found


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind references, and of alternatives the one that is not null."""
    while True:
        if "$ref" in schema:
            schema = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif any(word in schema for word in ("anyOf", "oneOf", "allOf")):
            choices = schema.get("anyOf") or schema.get("oneOf") or schema["allOf"]
            schema = next((one for one in choices if one.get("type") != "null"), choices[0])
        else:
            return schema


def is_text(schema: dict[str, Any]) -> bool:
    kinds = schema.get("type")
    return "string" in (kinds if isinstance(kinds, list) else [kinds]) and "enum" not in schema


def places(schema: dict[str, Any], at: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Every value inside a body, with its schema."""
    schema = resolved(schema)
    if len(at) > DEEPEST:
        return
    if at:
        yield at, schema
    for name, inner in schema.get("properties", {}).items():
        yield from places(inner, (*at, name))
    if "items" in schema:
        yield from places(schema["items"], (*at, 0))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from places(schema["additionalProperties"], (*at, "key"))


def body_with(place: Place, value: Any) -> Any:
    """The smallest body that holds the value at a place."""
    made = value
    for step in reversed(place):
        made = [made] if isinstance(step, int) else {step: made}
    return made


def pointer(place: Place) -> str:
    return "/" + "/".join(map(str, place))

"""The same description as OpenAPI 3.0.3, for generators that know neither lists of types nor `anyOf`."""

from typing import Any

NULL = {"type": "null"}


def as_3_0(document: dict[str, Any]) -> dict[str, Any]:
    """A copy in which null is `nullable: true`, an example stands alone, and DELETE has no body, as 3.0 wants it."""
    older = _older(document) | {"openapi": "3.0.3"}
    for operations in older["paths"].values():
        operations.get("delete", {}).pop("requestBody", None)
    return older


def _older(value: Any) -> Any:
    if isinstance(value, list):
        return [_older(each) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {name: _older(inner) for name, inner in value.items()}
    if isinstance(value.get("type"), list):
        changed |= _one_type(value)
    if isinstance(value.get("anyOf"), list):
        changed |= _reference_or_null(changed.pop("anyOf"))
    if "const" in changed:
        changed["enum"] = [changed.pop("const")]
    if isinstance(value.get("examples"), list):
        changed["example"] = changed.pop("examples")[0]
    return changed


def _one_type(schema: dict[str, Any]) -> dict[str, Any]:
    """`[X, null]` as a nullable X. Raises ValueError for other unions, which 3.0 cannot say."""
    kinds = [kind for kind in schema["type"] if kind != "null"]
    if len(kinds) != 1:
        raise ValueError(f"no type of OpenAPI 3.0 is {schema['type']}")
    return {"type": kinds[0], "nullable": True}


def _reference_or_null(options: list[dict[str, Any]]) -> dict[str, Any]:
    others = [option for option in options if option != NULL]
    if len(others) != 1 or len(options) == 1:
        raise ValueError(f"no schema of OpenAPI 3.0 is {options}")
    return {"allOf": others, "nullable": True}

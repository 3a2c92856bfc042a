"""Structs out of rows: how, is written out once as a function of each struct."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from app.core.values import MoneyValue, money_value

Item = TypeVar("Item", bound=msgspec.Struct)


def constructor_of(item: type[Item], columns: Sequence[str]) -> Callable[[Sequence[Any]], Item]:
    """A function from a row to the struct: positional; money from two columns, lists from JSON, facts from 0 and 1.

    NULL becomes an absent field. Fields that are no column are left to the struct's `__post_init__`.
    """
    hints = get_type_hints(item)
    pieces: list[str] = []
    place = 0
    for field in msgspec.structs.fields(item):
        if field.name not in columns:
            pieces.append("None")
            continue
        if columns[place] != field.name:
            raise TypeError(f"{item.__name__}: column {columns[place]} stands where {field.name} is expected")
        kinds = {hints[field.name], *get_args(hints[field.name])}
        if MoneyValue in kinds:
            pieces.append(f"money(row[{place}], row[{place + 1}]) or UNSET")
            place += 2
            continue
        if any(kind in (list, dict) or get_origin(kind) in (list, dict) for kind in kinds):
            pieces.append(f"decode(row[{place}]) if row[{place}] else []")
        elif bool in kinds:
            pieces.append(f"UNSET if row[{place}] is None else row[{place}] != 0")
        elif msgspec.UnsetType in kinds:
            pieces.append(f"UNSET if row[{place}] is None else row[{place}]")
        else:
            pieces.append(f"row[{place}]")
        place += 1
    source = f"lambda row: item({', '.join(pieces)})"
    return eval(source, {"item": item, "money": money_value, "decode": msgspec.json.decode, "UNSET": msgspec.UNSET})  # noqa: S307 - names are our own fields  # nosec B307

"""No card number comes in: every text of a request is looked at in one place, before a handler sees it."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from app.core.errors import InvalidFields
from app.core.http import Request
from app.kit.numbers_in_text import WORDS, find_card
from app.kit.problems import Problem

CODE = "card_number"


async def refuse_card_numbers(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # pyright: ignore
    """Refuse card numbers in the address and in bodies of the API (422, naming where); `Form` sees to forms."""
    if not isinstance(connection, Request):
        return
    found = [name for name, value in connection.path_params.items() if find_card(str(value))]
    if connection.scope["query_string"]:
        found += [name for name, value in connection.query_params.multi_items() if find_card(value)]
    if connection.is_api and isinstance(handler, HTTPRouteHandler) and handler.parsed_data_field is not None:
        found += _fields_with_card(await connection.body())
    if found:
        raise InvalidFields([card_problem(name) for name in dict.fromkeys(found)])


def card_problem(name: str) -> Problem:
    """What is told about a field; never the number."""
    return Problem("" if find_card(name) else name, CODE, WORDS["card"])


def _fields_with_card(body: bytes) -> list[str]:
    try:
        return list(_walk(msgspec.json.decode(body), "")) if body else []
    except (msgspec.DecodeError, RecursionError):  # what is no JSON is refused for that
        return []


def _walk(value: Any, path: str) -> Iterator[str]:
    match value:
        case str():
            if find_card(value):
                yield path
        case int():
            if find_card(str(abs(value))):
                yield path
        case dict():
            for name, inner in cast("dict[str, Any]", value).items():
                if find_card(name):
                    yield path
                yield from _walk(inner, f"{path}.{name}".lstrip("."))
        case list():
            for place, inner in enumerate(cast("list[Any]", value)):
                yield from _walk(inner, f"{path}.{place}".lstrip("."))
        case _:
            pass

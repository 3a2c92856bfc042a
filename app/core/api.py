"""What handlers of the API share: fields of a body, chosen fields of an answer, pages of a list."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
from litestar import Response
from msgspec import UNSET

from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.errors import InvalidFields, MalformedRequest
from app.core.http import Request, answer, not_modified
from app.core.listing import MAX_TEXT, ListSpec, read_list_query
from app.core.reads import COUNT_CAP, ListRead, Query
from app.core.search_lists import answer_list
from app.core.values import MoneyValue
from app.kit.money import EXPONENTS, MoneyError
from app.kit.problems import Problem

Item = TypeVar("Item", bound=msgspec.Struct)

PARAMETERS = frozenset({"fields", "total"})
TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


def given_fields(body: msgspec.Struct, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a client sent, typed as services take it. Raises InvalidFields for amounts of money that are none."""
    problems: list[Problem] = []
    fields = {
        name: _typed(getattr(body, name), name, problems)
        for name in body.__struct_fields__
        if name not in without and getattr(body, name) is not UNSET
    }
    if problems:
        raise InvalidFields(problems)
    return fields


def _typed(value: Any, path: str, problems: list[Problem]) -> Any:
    match value:
        case MoneyValue():
            try:
                return value.to_money()
            except MoneyError as error:
                part = "amount" if value.currency in EXPONENTS else "currency"
                problems.append(Problem(f"{path}.{part}", "malformed", str(error)))
                return None
        case msgspec.Struct():
            return {
                name: _typed(inner, f"{path}.{name}", problems)
                for name in value.__struct_fields__
                if (inner := getattr(value, name)) is not UNSET
            }
        case list():
            return [_typed(inner, f"{path}.{place}", problems) for place, inner in enumerate(value)]
        case _:
            return value


def read_limit(request: Request, default: int, most: int) -> int:
    """How many items a page of a list beside a record has. Raises InvalidFields."""
    text = request.query_params.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= most):
        raise InvalidFields([Problem("limit", "invalid", f"A whole number from 1 to {most}")])
    return int(text)


def chosen_fields(request: Request, struct: type[msgspec.Struct]) -> frozenset[str]:
    """The fields that `fields=` picks, none for all. Raises InvalidFields for names that the struct does not have."""
    texts = request.query_params.getall("fields", [])
    return _known(frozenset(part.strip() for text in texts for part in text.split(",") if part.strip()), struct)


def _known(names: frozenset[str], struct: type[msgspec.Struct]) -> frozenset[str]:
    if unknown := sorted(names.difference(struct.__struct_fields__)):
        raise InvalidFields([Problem("fields", "invalid", f"There is no {', '.join(unknown)}")])
    return names


def picked(item: msgspec.Struct, names: frozenset[str]) -> Any:
    """The item, or only some of its fields."""
    if not names:
        return item
    values = ((name, getattr(item, name)) for name in item.__struct_fields__ if name in names)
    return {name: value for name, value in values if value is not UNSET}


def record_answer(request: Request, item: msgspec.Struct, version: int) -> Response[Any]:
    """One record: 304 when the client has this version, else what it chose of it."""
    etag = f'"{version}"'
    names = chosen_fields(request, type(item))
    if not_modified(request, etag):
        return Response(None, status_code=304, headers={"ETag": etag, "Cache-Control": "no-store"})
    return answer(picked(item, names), etag=etag)


async def list_answer(
    request: Request,
    actor: Actor,
    reads: ListRead[Item],
    spec: ListSpec,
    kind: RecordKind | None = None,
    *,
    narrow: Callable[[Query], Query] | None = None,
) -> Response[Any]:
    """A page of a list. `q` asks the search engine by the record kind; without one it is the list's own filter `q`.

    `narrow` turns what was asked for into what this person may see of it; the search engine has its own grants.
    """
    _refuse_blank(request)
    asked = read_list_query(request.query_params.multi_items(), spec, extra=PARAMETERS)
    if asked.text and kind is None and "q" not in reads.where:
        raise MalformedRequest("q: this list has no free text")
    if narrow is not None and not asked.text:
        asked = replace(asked, query=narrow(asked.query))
    names = _known(asked.fields, reads.item)
    has_total = is_counted(request)
    runtime = request.runtime
    page: dict[str, Any] = {}
    if kind is not None:
        found = await answer_list(runtime, kind, reads, spec, asked, actor, with_total=has_total)
        items, page["next_cursor"], total = found.page.items, found.page.next_cursor, found.total
        if found.notice:
            page["notice"] = found.notice
    else:
        query = asked.with_text().query
        rows = await reads.page(runtime.database.reads, runtime.cursors, query, actor)
        items, page["next_cursor"] = rows.items, rows.next_cursor
        total = await reads.count(runtime.database.reads, query, actor) if has_total else None
    if has_total and total is not None:
        page |= {"total": min(total, COUNT_CAP), "total_is_capped": total > COUNT_CAP}
    return answer({"items": [picked(item, names) for item in items] if names else items} | page)


def _refuse_blank(request: Request) -> None:
    """Forms send what was left empty; a client that does means something else."""
    parameters = request.query_params
    blank = {name for name, value in parameters.multi_items() if not value.strip() and name != "q"}
    problems = [Problem(name, "invalid", "Without a value") for name in sorted(blank)]
    if len(parameters.get("q", "")) > MAX_TEXT:
        problems.append(Problem("q", "too_long", f"At most {MAX_TEXT} characters"))
    if problems:
        raise InvalidFields(problems)


def is_counted(request: Request) -> bool:
    """Whether the client asks for the total. Raises InvalidFields."""
    text = request.query_params.get("total", "false")
    if text not in TRUTHS:
        raise InvalidFields([Problem("total", "invalid", "true or false")])
    return TRUTHS[text]

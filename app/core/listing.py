"""What a list can be asked: its filters and orders, read from the address, and refused when unknown."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote_plus
from uuid import UUID

from app.core.errors import InvalidFields, MalformedRequest
from app.core.reads import MAX_PAGE, Query
from app.kit.amounts import read_minor
from app.kit.problems import Problem

DEFAULT_PAGE = 50
MAX_TEXT = 120
PATTERN = re.compile(r"[A-Za-z0-9*?]+")
PAGING = ("q", "sort", "limit", "cursor")
quoted = lru_cache(4_096)(quote_plus)
"""Text as it stands in an address; a list says the same few values in every one of its addresses."""
Kind = Literal["choice", "code", "id", "text", "pattern", "whole", "money", "day", "moment"]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: how its values are written, and for choices, which there are."""

    name: str
    label: str
    kind: Kind = "code"
    options: tuple[tuple[str, str], ...] = ()
    facet: str = ""
    search_field: str = ""
    is_offered: bool = True
    """Whether list pages offer it; every filter works in the address and in the API."""

    @property
    def has_many(self) -> bool:
        return self.kind in ("choice", "code", "id")

    def read(self, text: str) -> str | int:  # noqa: C901, PLR0911 - one case per kind
        """The value for the database. Raises ValueError with the reason."""
        match self.kind:
            case "choice":
                if text not in {value for value, _ in self.options}:
                    raise ValueError(f"Not one of {', '.join(value for value, _ in self.options)}")
                return text
            case "id":
                return str(UUID(text))
            case "whole":
                if not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 12:
                    raise ValueError("Not a whole number")
                return int(text)
            case "money":
                return read_minor(text)
            case "day":
                return date.fromisoformat(text).isoformat()
            case "moment":
                return _moment(text)
            case "pattern":
                if len(text) > MAX_TEXT or not PATTERN.fullmatch(text):
                    raise ValueError("Only letters, digits and * for any")
                return text.upper().replace("*", "_").replace("?", "_")
            case _:
                if len(text) > MAX_TEXT:
                    raise ValueError("Too long")
                return text


@dataclass(frozen=True, slots=True)
class ListSpec:
    """Filters, orders and the order that is used when none is named."""

    filters: tuple[Filter, ...]
    sorts: tuple[str, ...]
    default_sort: str

    def by_name(self) -> dict[str, Filter]:
        return {known.name: known for known in self.filters}


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What was asked, typed for the database and as it was written."""

    query: Query
    text: str = ""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    fields: frozenset[str] = frozenset()
    usual_limit: int = DEFAULT_PAGE
    carried: Mapping[str, str] = field(default_factory=dict[str, str])
    """What else every address of the list says: the view it began from, the columns."""

    def with_text(self) -> "ListQuery":
        """The text as the filter `q` of a list that looks for it by itself, without the search engine."""
        if not self.text:
            return self
        return replace(self, query=replace(self.query, filters={**self.query.filters, "q": [self.text]}))

    def address(self, path: str, **changes: Any) -> str:
        """The address of this list with other values; the place in the list is forgotten."""
        pairs: dict[str, Any] = {name: list(values) for name, values in self.chosen.items()}
        if self.text:
            pairs["q"] = self.text
        pairs["sort"] = self.query.sort
        if self.query.limit != self.usual_limit:
            pairs["limit"] = str(self.query.limit)
        pairs |= self.carried
        pairs |= changes
        kept = [
            f"{name}={quoted(value)}"
            for name, given in pairs.items()
            if given
            for value in ((given,) if isinstance(given, str) else given)
        ]
        return f"{path}?{'&'.join(kept)}" if kept else path

    def without(self, path: str, name: str, value: str) -> str:
        """The address with one value of one filter taken away."""
        rest = [other for other in self.chosen.get(name, ()) if other != value]
        return self.address(path, **{name: rest})

    def after(self, cursor: str | None) -> "ListQuery":
        return replace(self, query=replace(self.query, cursor=cursor))


def read_list_query(
    parameters: Iterable[tuple[str, str]],
    spec: ListSpec,
    *,
    extra: frozenset[str] = frozenset(),
    usual_limit: int = DEFAULT_PAGE,
) -> ListQuery:
    """Read an address's parameters. Raises MalformedRequest for unknown ones, InvalidFields for unusable values."""
    known, given = spec.by_name(), _grouped(parameters)
    unknown = sorted(set(given) - set(known) - set(PAGING) - extra)
    if unknown:
        allowed = ", ".join(sorted({*known, *PAGING, *extra}))
        raise MalformedRequest(f"unknown parameter {', '.join(unknown)}; known are {allowed}")
    filters: dict[str, Sequence[str | int]] = {}
    problems: list[Problem] = []
    for name, texts in given.items():
        if name not in known:
            continue
        if len(texts) > 1 and not known[name].has_many:
            problems.append(Problem(name, "repeated", "May be given once"))
            continue
        try:
            filters[name] = sorted({known[name].read(text) for text in texts})  # pyright: ignore
        except ValueError as error:
            problems.append(Problem(name, "invalid", str(error)))
    sort = given.get("sort", [spec.default_sort])[0]
    if sort.removeprefix("-") not in spec.sorts:
        problems.append(Problem("sort", "invalid", f"Known orders: {', '.join(spec.sorts)}; - turns one round"))
    limit = _limit(given.get("limit", [str(usual_limit)])[0], problems)
    if problems:
        raise InvalidFields(problems)
    cursor = given.get("cursor", [None])[0]
    return ListQuery(
        query=Query(filters, sort, limit, cursor),
        text=given.get("q", [""])[0].strip()[:MAX_TEXT],
        chosen={name: texts for name, texts in given.items() if name in known},
        fields=frozenset(part for text in given.get("fields", []) for part in text.split(",") if part),
        usual_limit=usual_limit,
    )


def _moment(text: str) -> str:
    """RFC 3339 as the database compares it; without an offset it is UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    try:
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise ValueError("Before or after all years") from None
    return at.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def _grouped(parameters: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        if value.strip():
            given.setdefault(name, []).append(value.strip())
    return given


def _limit(text: str, problems: list[Problem]) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_PAGE:
        return int(text)
    problems.append(Problem("limit", "invalid", f"A whole number from 1 to {MAX_PAGE}"))
    return DEFAULT_PAGE

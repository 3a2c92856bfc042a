"""A list page's rows: from the database, or by free text from the search engine, with counts of filter values."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
import structlog

from app.core import metrics
from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.errors import InvalidFields, MalformedRequest, Unavailable
from app.core.listing import Filter, ListQuery, ListSpec
from app.core.lists import Frame, Opened, RecordList, frame
from app.core.previews import Drawer
from app.core.read_pool import ReadPool
from app.core.reads import MAX_VALUES, ListRead, Page
from app.core.runtime import Runtime
from app.kit.problems import Problem
from search.errors import BadCursor, SearchUnavailable
from search.indexes import Indexes
from search.lists import MAX_PAGE_SIZE, Listed, search_list
from search.lists import ListQuery as SearchQuery
from search.query import Between, Grant, Stage, Terms

Item = TypeVar("Item", bound=msgspec.Struct)

AWAY = "The search engine is away: only beginnings of plates, names and references are found."
PARTIAL = "Part of the search index did not answer: there may be more than is shown."
NOT_ALL = "The search engine is away, so not every row would be found."
SOME_WORDS = "Nothing has all of these words; shown is what has most of them."
SIMPLE_LIMIT = 50

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer(Generic[Item]):
    """Rows, how many there are, counts of filter values, and what the reader should know."""

    page: Page[Item]
    total: int | None
    facets: dict[str, dict[str, int]] | None = None
    """None when nobody asked for them."""
    notice: str = ""


def grants_of(actor: Actor, kinds: Sequence[RecordKind]) -> tuple[Grant, ...]:
    """What the actor may find: one grant per kind that they may see, inside their scope, or the kind's own."""
    return tuple(
        grant
        for kind in kinds
        if actor.may(kind.permission)
        for grant in (
            kind.grants(actor)
            if kind.grants
            else (Grant(kind.permission, actor.markets, actor.branches if kind.is_branch_scoped else None),)
        )
    )


async def answer_list(
    runtime: Runtime,
    kind: RecordKind,
    reads: ListRead[Item],
    spec: ListSpec,
    asked: ListQuery,
    actor: Actor,
    *,
    with_facets: bool = False,
    with_total: bool = False,
) -> Answer[Item]:
    """One page. Free text asks the search engine; without it, or when it is away, the database answers."""
    indexes = runtime.indexes
    if asked.text:
        if indexes is None:
            return await _simply(runtime, kind, reads, asked, actor)
        try:
            return await _by_text(runtime, indexes, kind, reads, spec, asked, actor)
        except SearchUnavailable as error:
            _note(error)
            return await _simply(runtime, kind, reads, asked, actor)
        except BadCursor:
            raise MalformedRequest("cursor: not one that was given out here") from None
    page = await reads.page(runtime.database.reads, runtime.cursors, asked.query, actor)
    total = await reads.count(runtime.database.reads, asked.query, actor) if with_total else None
    facets: dict[str, dict[str, int]] | None = {} if with_facets else None
    if with_facets and indexes is not None and not _beyond_search(spec, asked):
        try:
            listed = await search_list(indexes, _search_kind(kind), _question(kind, spec, asked, actor, size=0))
            facets = _counts(listed)
        except SearchUnavailable as error:
            _note(error)
    return Answer(page, total, facets)


def frame_answer(
    shown: RecordList,
    opened: Opened,
    found: Answer[Item],
    *,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    drawer: Drawer | None = None,
) -> Frame:
    """The frame around an answer; menus whose values nobody asked to count are sent when they are opened."""
    return frame(
        shown,
        opened,
        page=found.page,
        total=found.total,
        facets=found.facets,
        labels=labels,
        notice=found.notice,
        drawer=drawer,
        menus_later=found.facets is None,
    )


async def walk_text(
    indexes: Indexes | None,
    reads: ReadPool,
    kind: RecordKind,
    rows: ListRead[Item],
    spec: ListSpec,
    asked: ListQuery,
    actor: Actor,
) -> AsyncGenerator[list[Item], None]:
    """All rows that a free text finds, in batches. Raises Unavailable rather than give fewer than there are."""
    _refuse_beyond(spec, asked)
    if indexes is None:
        raise Unavailable(NOT_ALL, retry_after=30)
    after: str | None = None
    while True:
        try:
            question = replace(_question(kind, spec, asked, actor, size=MAX_PAGE_SIZE), after=after)
            listed = await search_list(indexes, _search_kind(kind), question)
        except SearchUnavailable as error:
            _note(error)
            raise Unavailable(NOT_ALL, retry_after=30) from None
        if listed.partial:
            raise Unavailable("Part of the search index did not answer, so rows would be missing.", retry_after=30)
        for start in range(0, len(listed.ids), MAX_VALUES):
            yield await rows.by_ids(reads, listed.ids[start : start + MAX_VALUES], actor)
        after = listed.after
        if after is None:
            return


async def _by_text(
    runtime: Runtime,
    indexes: Indexes,
    kind: RecordKind,
    reads: ListRead[Item],
    spec: ListSpec,
    asked: ListQuery,
    actor: Actor,
) -> Answer[Item]:
    _refuse_beyond(spec, asked)
    question = _question(kind, spec, asked, actor, size=asked.query.limit)
    listed = await search_list(indexes, _search_kind(kind), question)
    items = await reads.by_ids(runtime.database.reads, listed.ids, actor)
    notice = PARTIAL if listed.partial else (SOME_WORDS if items and listed.stage is Stage.SOME_WORDS else "")
    return Answer(Page(items, listed.after, 0), listed.total, _counts(listed), notice)


async def _simply(
    runtime: Runtime, kind: RecordKind, reads: ListRead[Item], asked: ListQuery, actor: Actor
) -> Answer[Item]:
    if kind.find_simply is None:
        return Answer(Page([], None, 0), 0, {}, AWAY)
    found = await kind.find_simply(runtime.database.reads, asked.text, actor, SIMPLE_LIMIT)
    items = await reads.by_ids(runtime.database.reads, [row[0] for row in found], actor)
    return Answer(Page(items, None, 0), len(items), {}, AWAY)


def _question(kind: RecordKind, spec: ListSpec, asked: ListQuery, actor: Actor, *, size: int) -> SearchQuery:
    selected: dict[str, tuple[str, ...]] = {}
    filters: list[Terms | Between] = []
    for known in spec.filters:
        values = asked.query.filters.get(known.name)
        if not values:
            continue
        if known.facet:
            selected[known.facet] = tuple(str(value) for value in values)
        elif known.search_field:
            filters.append(_range(known, values[0]))
    return SearchQuery(
        grants=grants_of(actor, [kind]),
        text=asked.text,
        filters=tuple(filters),
        facets=tuple(known.facet for known in spec.filters if known.facet),
        selected=selected,
        after=asked.query.cursor if asked.text else None,
        size=size,
    )


def _range(known: Filter, value: Any) -> Between:
    at = datetime.fromisoformat(value) if known.kind == "moment" else value
    if known.name.endswith(("_max", "_to", "_before")):
        return Between(known.search_field, below=at + 1 if isinstance(at, int) else at)
    return Between(known.search_field, at_least=at)


def _refuse_beyond(spec: ListSpec, asked: ListQuery) -> None:
    beyond = _beyond_search(spec, asked)
    if beyond:
        raise InvalidFields([Problem(name, "not_with_text", "Cannot be combined with free text") for name in beyond])


def _beyond_search(spec: ListSpec, asked: ListQuery) -> list[str]:
    return [
        known.name
        for known in spec.filters
        if known.name in asked.query.filters and not known.facet and not known.search_field
    ]


def _search_kind(kind: RecordKind) -> Any:
    if kind.search is None:
        raise SearchUnavailable(f"{kind.key} is not searchable")
    return kind.search


def _counts(listed: Listed) -> dict[str, dict[str, int]]:
    return {name: {value.value: value.count for value in values} for name, values in listed.facets.items()}


def _note(error: SearchUnavailable) -> None:
    metrics.search_failures.inc()
    logger.warning("search_away", reason=str(error)[:200])

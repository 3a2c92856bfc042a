"""Searches one kind for a list page: filters, facets with counts, order, pages by cursor."""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from search.errors import BadCursor, UnknownField
from search.highlight import HIGHLIGHT
from search.indexes import Indexes
from search.kinds import SearchKind
from search.query import Filter, Grant, Query, Stage, Terms, build_query, field_filter, scope_filter, stages
from search.results import SOURCE, FacetValue, Listed, is_partial, read_hit
from search.text import read_text

PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 500
COUNTED: Final = 10_000
FACET_VALUES: Final = 50
SHARD_SECONDS: Final = "800ms"
RELEVANCE: Final = "_score"
SORTABLE: Final = {"title": "title.sort"}


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of a list: a field of the kind, `title`, or `_score`; ties are broken by the id."""

    field: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What a list page asks for; `selected` narrows the rows but not the other values of its own facet.

    With `size` 0 only the counts are wanted: the cluster keeps such answers until the index changes.
    """

    grants: tuple[Grant, ...]
    text: str = ""
    filters: tuple[Filter, ...] = ()
    facets: tuple[str, ...] = ()
    selected: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    sort: Sort | None = None
    after: str | None = None
    size: int = PAGE_SIZE


class _Cursor(msgspec.Struct, array_like=True):
    order: str
    stage: Stage
    values: list[str | int | float | None]


async def search_list(indexes: Indexes, kind: SearchKind, query: ListQuery) -> Listed:
    """One page of the documents that the grants show.

    Raises BadCursor for a foreign cursor, UnknownField for a field the kind lacks, SearchUnavailable when the
    cluster did not answer in time.
    """
    typed = read_text(query.text)
    sort = _order(kind, query.sort or Sort(RELEVANCE if typed.text else "updated_at", is_descending=True))
    cursor = _read_cursor(query.after, sort) if query.after else None
    filters = [scope_filter(query.grants), *(field_filter(kind, chosen) for chosen in query.filters)]
    clock = asyncio.get_running_loop().time
    deadline = clock() + indexes.client.query_seconds
    answer: dict[str, Any] = {}
    stage = Stage.STRICT
    for stage in (cursor.stage,) if cursor else stages(typed):
        body = _body(kind, query, build_query(typed, stage, filters), sort, cursor)
        answer = await indexes.client.query(
            f"/{indexes.names.live(kind)}/_search", msgspec.json.encode(body), seconds=deadline - clock()
        )
        if answer["aggregations"]["matched"]["doc_count"] or is_partial(answer):
            break
    found: list[dict[str, Any]] = answer["hits"]["hits"]
    shown = found[: _size(query)]
    return Listed(
        hits=tuple(read_hit(hit, typed) for hit in shown),
        total=answer["hits"]["total"]["value"],
        is_capped=answer["hits"]["total"]["relation"] == "gte",
        facets=_read_facets(answer["aggregations"], query),
        after=_write_cursor(_Cursor(_order_name(sort), stage, shown[-1]["sort"])) if len(found) > len(shown) else None,
        stage=stage,
        partial=is_partial(answer),
    )


def _body(
    kind: SearchKind, query: ListQuery, matched: Query, sort: list[dict[str, Any]], cursor: _Cursor | None
) -> dict[str, Any]:
    selections = {name: field_filter(kind, Terms(name, values)) for name, values in query.selected.items() if values}
    body: dict[str, Any] = {
        "query": matched,
        "post_filter": {"bool": {"filter": list(selections.values())}},
        "aggs": _facets(kind, query.facets, selections),
        "size": 0,
        "track_total_hits": COUNTED,
        "timeout": SHARD_SECONDS,
    }
    if query.size:
        body |= {"sort": sort, "size": _size(query) + 1, "track_scores": True, "_source": SOURCE}
        body["highlight"] = HIGHLIGHT
    if cursor:
        body["search_after"] = cursor.values
    return body


def _facets(kind: SearchKind, facets: tuple[str, ...], selections: dict[str, Query]) -> dict[str, Any]:
    """One aggregation per selected facet, under the other selections, and one for the rest under all of them."""
    unknown = set(facets).difference(kind.facets, ("market", "branch"))
    if unknown:
        raise UnknownField(f"{kind.name} has no facet {sorted(unknown)}")
    wanted: dict[str, Any] = {"matched": {"filter": {"match_all": {}}}}
    rest = {name: _values(name) for name in facets if name not in selections}
    for name in facets:
        if name in selections:
            others = [chosen for other, chosen in selections.items() if other != name]
            wanted[f"of {name}"] = {"filter": {"bool": {"filter": others}}, "aggs": {name: _values(name)}}
    if rest:
        wanted["rest"] = {"filter": {"bool": {"filter": list(selections.values())}}, "aggs": rest}
    return wanted


def _values(name: str) -> dict[str, Any]:
    return {"terms": {"field": name, "size": FACET_VALUES}}


def _read_facets(answer: dict[str, Any], query: ListQuery) -> dict[str, tuple[FacetValue, ...]]:
    facets: dict[str, tuple[FacetValue, ...]] = {}
    for name in query.facets:
        chosen = query.selected.get(name, ())
        holder: dict[str, Any] = answer[f"of {name}" if chosen else "rest"]
        counts: dict[str, int] = {bucket["key"]: bucket["doc_count"] for bucket in holder[name]["buckets"]}
        counts.update({value: 0 for value in chosen if value not in counts})
        facets[name] = tuple(
            FacetValue(value=value, count=count, is_selected=value in chosen) for value, count in counts.items()
        )
    return facets


def _order(kind: SearchKind, sort: Sort) -> list[dict[str, Any]]:
    direction = "desc" if sort.is_descending else "asc"
    if sort.field == RELEVANCE:
        return [{RELEVANCE: "desc"}, {"id": "asc"}]
    name = SORTABLE.get(sort.field, sort.field)
    if name == sort.field and name not in kind.fields:
        raise UnknownField(f"{kind.name} cannot be ordered by {sort.field!r}")
    return [{name: {"order": direction, "missing": "_last"}}, {"id": "asc"}]


def _order_name(sort: list[dict[str, Any]]) -> str:
    (name, way), *_ = sort[0].items()
    return f"{name} {way if isinstance(way, str) else way['order']}"


def _size(query: ListQuery) -> int:
    return min(max(query.size, 0), MAX_PAGE_SIZE)


def _write_cursor(cursor: _Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def _read_cursor(text: str, sort: list[dict[str, Any]]) -> _Cursor:
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        cursor = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=_Cursor)
    except (binascii.Error, UnicodeEncodeError, msgspec.DecodeError) as error:
        raise BadCursor("not a cursor of this list") from error
    if cursor.order != _order_name(sort) or len(cursor.values) != len(sort):
        raise BadCursor("a cursor of another order")
    return cursor

"""Finds a text in all kinds at once: one request, groups ordered by their best hit."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from search.client import NDJSON, error_of
from search.errors import SearchRefused, SearchUnavailable
from search.highlight import HIGHLIGHT
from search.indexes import Indexes
from search.kinds import SearchKind
from search.query import Grant, Stage, build_query, scope_filter, stages
from search.results import SOURCE, Found, Group, Hit, is_partial, read_hit
from search.text import Typed, identifier, read_text, without_zeros

GROUP_SIZE: Final = 5
COUNTED: Final = 100
SHARD_SECONDS: Final = "800ms"
"""The cluster gives back what it has before our own deadline cuts it off."""


async def find(
    indexes: Indexes, text: str, *, kinds: Sequence[SearchKind], grants: Sequence[Grant], size: int = GROUP_SIZE
) -> Found:
    """Search the kinds that the person may see; raises SearchUnavailable when none of them answered in time."""
    typed = read_text(text)
    if not typed.words or not kinds:
        return Found()
    clock = asyncio.get_running_loop().time
    deadline = clock() + indexes.client.query_seconds
    scope = scope_filter(grants)
    found = Found()
    for stage in stages(typed):
        body = msgspec.json.encode(_body(build_query(typed, stage, [scope]), size))
        found = await _ask(indexes, typed, stage, kinds, body, seconds=deadline - clock())
        if found.groups or found.partial:
            return found
    return found


def _body(query: dict[str, Any], size: int) -> dict[str, Any]:
    return {
        "query": query,
        "size": max(size, 2),  # a second hit with the same identifier must be seen
        "track_total_hits": COUNTED,
        "timeout": SHARD_SECONDS,
        "_source": SOURCE,
        "sort": ["_score", {"id": "asc"}],
        "highlight": HIGHLIGHT,
    }


async def _ask(
    indexes: Indexes, typed: Typed, stage: Stage, kinds: Sequence[SearchKind], body: bytes, *, seconds: float
) -> Found:
    heads = (msgspec.json.encode({"index": indexes.names.live(kind)}) for kind in kinds)
    lines = b"".join(head + b"\n" + body + b"\n" for head in heads)
    answer = await indexes.client.query("/_msearch", lines, seconds=seconds, headers=NDJSON)
    responses: list[dict[str, Any]] = answer["responses"]
    failed = [_failure(response) for response in responses if "error" in response]
    if len(failed) == len(responses):
        raise failed[0]
    partial = bool(failed)
    groups: list[Group] = []
    for kind, response in zip(kinds, responses, strict=True):
        if "error" in response:
            continue
        partial = partial or is_partial(response)
        hits = tuple(read_hit(hit, typed) for hit in response["hits"]["hits"])
        if hits:
            total = response["hits"]["total"]
            groups.append(Group(kind=kind.name, hits=hits, total=total["value"], is_capped=total["relation"] == "gte"))
    groups.sort(key=lambda group: -group.hits[0].score)
    exact = _exact(typed, _own_idents(kinds, groups)) if stage is Stage.STRICT and not partial else None
    return Found(groups=tuple(groups), exact=exact, stage=stage, partial=partial)


def _failure(response: dict[str, Any]) -> SearchUnavailable:
    error = response["error"]
    failure = error_of(response["status"], str(error.get("type")), str(error.get("reason")))
    if isinstance(failure, SearchRefused):
        raise failure
    return failure


def _own_idents(kinds: Sequence[SearchKind], groups: Sequence[Group]) -> list[tuple[Hit, tuple[str, ...]]]:
    """Every hit with what names it and nothing else: the plate in a booking is that of the vehicle."""
    borrowing = {kind.name for kind in kinds if kind.has_others_idents}
    return [
        (hit, (hit.reference,) if group.kind in borrowing else hit.idents) for group in groups for hit in group.hits
    ]


def _exact(typed: Typed, hits: Sequence[tuple[Hit, tuple[str, ...]]]) -> Hit | None:
    """The only hit with the typed identifier; addresses of mail are compared as they are written."""
    if "@" in typed.text:
        wanted = typed.text.lower()
        same = [hit for hit, idents in hits if wanted in {ident.lower() for ident in idents}]
    else:
        forms = set(without_zeros(identifier(typed.text)))
        same = [
            hit
            for hit, idents in hits
            if not forms.isdisjoint(identifier(ident) for ident in idents if "@" not in ident)
        ]
    return same[0] if len(same) == 1 else None

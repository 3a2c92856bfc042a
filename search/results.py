"""What a search gives back."""

from typing import Any, Final

import msgspec

from search.highlight import Segment, identifier_segments, segments
from search.query import Stage
from search.text import Typed

SOURCE: Final = ["id", "kind", "reference", "idents", "title", "subtitle", "market", "branch"]


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One document that was found; it may have changed since, so details are read from the database."""

    id: str
    kind: str
    reference: str
    title: str
    subtitle: str
    market: str | None
    branches: tuple[str, ...]
    idents: tuple[str, ...]
    score: float
    reference_segments: tuple[Segment, ...]
    title_segments: tuple[Segment, ...]
    subtitle_segments: tuple[Segment, ...]


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The best hits of one kind; with `is_capped` there are at least `total`."""

    kind: str
    hits: tuple[Hit, ...]
    total: int
    is_capped: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the finder shows; `exact` is the one hit whose identifier was typed, `partial` means more may exist."""

    groups: tuple[Group, ...] = ()
    exact: Hit | None = None
    stage: Stage = Stage.STRICT
    partial: bool = False


class FacetValue(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    count: int
    is_selected: bool


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a list; `after` asks for the next page and is None on the last."""

    hits: tuple[Hit, ...]
    total: int
    is_capped: bool
    facets: dict[str, tuple[FacetValue, ...]]
    after: str | None
    stage: Stage
    partial: bool

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(hit.id for hit in self.hits)


def read_hit(found: dict[str, Any], typed: Typed) -> Hit:
    """A hit of the cluster's answer."""
    source: dict[str, Any] = found["_source"]
    fragments: list[str] = found.get("highlight", {}).get("all", [])
    reference, title, subtitle = (str(source.get(name) or "") for name in ("reference", "title", "subtitle"))
    return Hit(
        id=source["id"],
        kind=source["kind"],
        reference=reference,
        title=title,
        subtitle=subtitle,
        market=source.get("market"),
        branches=_several(source.get("branch")),
        idents=_several(source.get("idents")),
        score=found.get("_score") or 0.0,
        reference_segments=identifier_segments(reference, typed),
        title_segments=segments(title, fragments),
        subtitle_segments=segments(subtitle, fragments),
    )


def is_partial(answer: dict[str, Any]) -> bool:
    """Whether the cluster answered 200 without having asked everything; a lost shard counts as not successful only."""
    shards: dict[str, int] = answer["_shards"]
    return bool(answer["timed_out"]) or shards["successful"] < shards["total"]


def _several(value: str | list[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)

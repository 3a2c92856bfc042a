"""Builds queries from typed words, grants and filters; a person's text only ever becomes a value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from search.errors import UnknownField
from search.kinds import SearchKind
from search.text import Typed

Query: TypeAlias = dict[str, Any]

IDENTIFIER_BOOST: Final = 100
PART_BOOST: Final = 60
PREFIX_BOOST: Final = 40
NUMBER_BOOST: Final = 20
TITLE_BOOST: Final = 8
WORD_BOOST: Final = 4
HALF_WORD_BOOST: Final = 2
FUZZY_BOOST: Final = 1
WHOLE_TITLE_BOOST: Final = 6
TITLE_START_BOOST: Final = 1.5
RANK_BOOST: Final = 0.02
FUZZY_LENGTH: Final = 4
HALF_WORD_LENGTH: Final = 2


class Stage(StrEnum):
    """How far the words had to be loosened before something was found."""

    STRICT = "strict"
    FUZZY = "fuzzy"
    SOME_WORDS = "some_words"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one permission shows: every market or branch when None, nothing when empty.

    A document without a branch is outside of every grant that names branches.
    """

    permission: str
    markets: frozenset[str] | None = None
    branches: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The field holds one of the values."""

    field: str
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The field lies in [at_least, below)."""

    field: str
    at_least: int | date | datetime | None = None
    below: int | date | datetime | None = None


Filter: TypeAlias = Terms | Between


def scope_filter(grants: Iterable[Grant]) -> Query:
    """Only what one of the grants shows; without any grant nothing."""
    branches = [_granted(grant) for grant in grants if grant.markets != frozenset() and grant.branches != frozenset()]
    if not branches:
        return {"match_none": {}}
    return {"bool": {"should": branches, "minimum_should_match": 1}}


def field_filter(kind: SearchKind, chosen: Filter) -> Query:
    """One typed filter; raises UnknownField for a field that the kind does not have."""
    if chosen.field not in kind.fields:
        raise UnknownField(f"{kind.name} has no field {chosen.field!r}")
    if isinstance(chosen, Terms):
        return {"terms": {chosen.field: list(chosen.values)}}
    limits = {"gte": chosen.at_least, "lt": chosen.below}
    return {"range": {chosen.field: {name: limit for name, limit in limits.items() if limit is not None}}}


def build_query(typed: Typed, stage: Stage, filters: list[Query]) -> Query:
    """The documents that the filters show and, when something was typed, that hold its words."""
    bounds: Query = {"filter": filters, "must_not": [{"term": {"deleted": True}}]}
    if not typed.text:
        return {"bool": bounds}
    if not typed.words:
        return {"match_none": {}}
    words = [_word(typed, number, is_fuzzy=stage is not Stage.STRICT) for number in range(len(typed.words))]
    found: Query = {"must": words}
    if stage is Stage.SOME_WORDS:
        needed = max(1, len(words) - 1)
        found = {"must": [{"bool": {"should": words, "minimum_should_match": needed}}]}
    return {"bool": {**bounds, **found, "should": _better(typed)}}


def stages(typed: Typed) -> tuple[Stage, ...]:
    """The stages worth trying, strictest first."""
    if not typed.words:
        return (Stage.STRICT,)
    loosened = [Stage.STRICT]
    if any(_may_be_misspelt(word) for word in typed.words):
        loosened.append(Stage.FUZZY)
    if len(typed.words) > 1:
        loosened.append(Stage.SOME_WORDS)
    return tuple(loosened)


def _granted(grant: Grant) -> Query:
    needed: list[Query] = [{"term": {"permission": grant.permission}}]
    if grant.markets is not None:
        needed.append({"terms": {"market": sorted(grant.markets)}})
    if grant.branches is not None:
        needed.append({"terms": {"branch": sorted(grant.branches)}})
    return {"bool": {"filter": needed}}


def _word(typed: Typed, number: int, *, is_fuzzy: bool) -> Query:
    word = typed.words[number]
    ways = [
        *_as_identifier(typed, number),
        *_as_number(typed, number),
        _match("title", word, TITLE_BOOST),
        _match("all", word, WORD_BOOST),
    ]
    if len(word) >= HALF_WORD_LENGTH and not word.isdigit():
        ways.append({"match_bool_prefix": {"all": {"query": word, "operator": "and", "boost": HALF_WORD_BOOST}}})
    if is_fuzzy and _may_be_misspelt(word):
        ways.append(_fuzzy(word))
    return {"dis_max": {"queries": ways}}


def _as_identifier(typed: Typed, number: int) -> list[Query]:
    covering = [window for window in typed.windows if window.covers(number)]
    values = sorted({value for window in covering for value in window.values})
    if not values:
        return []
    last = len(typed.words) - 1
    half_typed = {value for window in covering if window.last in {last, window.first} for value in window.values}
    return [
        {"terms": {"idents": values, "boost": IDENTIFIER_BOOST}},
        {"terms": {"ident_parts": values, "boost": PART_BOOST}},
        *({"prefix": {"idents": {"value": value, "boost": PREFIX_BOOST}}} for value in sorted(half_typed)),
    ]


def _as_number(typed: Typed, number: int) -> list[Query]:
    values = sorted({value for window in typed.numbers if window.covers(number) for value in window.values})
    return [{"terms": {"nums": values, "boost": NUMBER_BOOST}}] if values else []


def _match(field: str, word: str, boost: float) -> Query:
    return {"match": {field: {"query": word, "operator": "and", "boost": boost}}}


def _fuzzy(word: str) -> Query:
    tolerance = {"fuzziness": "AUTO:4,8", "prefix_length": 1, "max_expansions": 50}
    return {"match": {"all": {"query": word, "operator": "and", "boost": FUZZY_BOOST, **tolerance}}}


def _may_be_misspelt(word: str) -> bool:
    return len(word) >= FUZZY_LENGTH and not any(char.isdigit() for char in word)


def _better(typed: Typed) -> list[Query]:
    whole = {"term": {"title.sort": {"value": typed.text}}}
    return [
        {"constant_score": {"filter": whole, "boost": WHOLE_TITLE_BOOST}},
        {"prefix": {"title.sort": {"value": typed.text, "boost": TITLE_START_BOOST}}},
        {"rank_feature": {"field": "rank", "boost": RANK_BOOST}},
    ]

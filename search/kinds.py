"""A kind of searchable record: its index settings, its mapping and the names of its indices."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

KIND_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
COMMON_FIELDS: Final = frozenset({"id", "market", "branch", "permission", "reference", "updated_at"})

SYNONYMS: Final = (
    "estate, wagon, combi, kombi, break",
    "cabrio, cabriolet, convertible, roadster",
    "automatic, auto",
    "suv, offroader, crossover",
    "van, minivan, transporter, mpv",
    "vw, volkswagen",
    "munchen, munich",
    "koln, cologne",
)

_WORD_FILTERS: Final = ("lowercase", "asciifolding", "german_normalization")

SETTINGS: Final[dict[str, Any]] = {
    "index": {
        "refresh_interval": "500ms",
        "codec": "best_compression",
        "gc_deletes": "7d",
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
    },
    "analysis": {
        "char_filter": {
            "apos": {"type": "mapping", "mappings": ["'=>", "\u2019=>", "\u02bc=>"]},
            "strip": {"type": "pattern_replace", "pattern": r"[^\p{L}\p{N}]+", "replacement": ""},
        },
        "filter": {"syn": {"type": "synonym", "synonyms": list(SYNONYMS)}},
        "normalizer": {
            "ident": {"type": "custom", "char_filter": ["strip"], "filter": ["lowercase", "asciifolding"]},
            "fold": {"type": "custom", "filter": ["lowercase", "asciifolding"]},
        },
        "analyzer": {
            "word": {"tokenizer": "standard", "char_filter": ["apos"], "filter": list(_WORD_FILTERS)},
            "word_syn": {"tokenizer": "standard", "char_filter": ["apos"], "filter": [*_WORD_FILTERS, "syn"]},
        },
    },
}

_KEYWORD: Final = {"type": "keyword"}
_IDENTIFIER: Final = {"type": "keyword", "normalizer": "ident", "doc_values": False}
_WORDS: Final = {"type": "text", "analyzer": "word", "index": False, "copy_to": ["all"]}
_SUMMED: Final = {"norms": False, "index_options": "docs", "similarity": "boolean"}

PROPERTIES: Final[dict[str, Any]] = {
    "id": _KEYWORD,
    "kind": _KEYWORD,
    "market": _KEYWORD,
    "branch": _KEYWORD,
    "permission": _KEYWORD,
    "deleted": {"type": "boolean"},
    "reference": {"type": "keyword", "normalizer": "ident"},
    "idents": _IDENTIFIER,
    "ident_parts": _IDENTIFIER,
    "nums": {"type": "keyword", "doc_values": False},
    "title": {
        "type": "text",
        "analyzer": "word",
        **_SUMMED,
        "copy_to": ["all"],
        "fields": {"sort": {"type": "keyword", "normalizer": "fold", "ignore_above": 128}},
    },
    "subtitle": _WORDS,
    "keywords": _WORDS,
    # Stored, because copied values are not in the source and highlighting reads them from here.
    "all": {"type": "text", "analyzer": "word_syn", "search_analyzer": "word", "store": True, **_SUMMED},
    "rank": {"type": "rank_feature"},
    "updated_at": {"type": "date"},
}


@dataclass(frozen=True, slots=True)
class SearchKind:
    """A kind of record and its own fields: `facets` are keywords, `numbers` integers, `dates` instants."""

    name: str
    facets: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    has_others_idents: bool = False
    """Whether its documents are found by identifiers of other records: then only its reference is its own."""

    def __post_init__(self) -> None:
        if not KIND_NAME.fullmatch(self.name):
            raise ValueError(f"not a name of a kind: {self.name!r}")
        own = (*self.facets, *self.numbers, *self.dates)
        if len(set(own)) != len(own) or not PROPERTIES.keys().isdisjoint(own):
            raise ValueError(f"a field of {self.name} is named twice")

    @property
    def fields(self) -> frozenset[str]:
        """The fields that filters may name."""
        return COMMON_FIELDS.union(self.facets, self.numbers, self.dates)

    def mapping(self) -> dict[str, Any]:
        """The strict mapping; `_meta.definition` changes with every change that needs a reindex."""
        properties = {
            **PROPERTIES,
            **dict.fromkeys(self.facets, _KEYWORD),
            **{name: {"type": "long", "coerce": False} for name in self.numbers},
            **{name: {"type": "date"} for name in self.dates},
        }
        definition = hashlib.sha256(msgspec.json.encode((SETTINGS, properties), order="sorted")).hexdigest()[:16]
        return {"dynamic": "strict", "_meta": {"definition": definition}, "properties": properties}


@dataclass(frozen=True, slots=True)
class IndexNames:
    """The names in one namespace: `live` and `building` are aliases of one index each."""

    namespace: str

    def __post_init__(self) -> None:
        if not KIND_NAME.fullmatch(self.namespace):
            raise ValueError(f"not a namespace: {self.namespace!r}")

    def live(self, kind: SearchKind) -> str:
        return f"forecourt-{self.namespace}-{kind.name}"

    def building(self, kind: SearchKind) -> str:
        return f"{self.live(kind)}-building"

    def first(self, kind: SearchKind) -> str:
        return f"{self.live(kind)}-0"

    def new(self, kind: SearchKind) -> str:
        return f"{self.live(kind)}-{datetime.now(UTC):%Y%m%d%H%M%S%f}"

"""What the finder shows: groups of records, pages and actions, and what the reader should know."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app.core.search_lists import AWAY, PARTIAL, SOME_WORDS
from app.desk.finder.services import Findings, FoundGroup, FoundRecord, Place
from search.highlight import Segment
from search.query import Stage

PATH = "/search"
SPELT_ALIKE = "Nothing is spelt exactly like this; shown is what comes close."
STAGE_NOTICES = {Stage.FUZZY: SPELT_ALIKE, Stage.SOME_WORDS: SOME_WORDS}

Pieces = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to open; `key` is unique on the page, `note` stands softly at the end."""

    key: str
    href: str
    title: Pieces
    reference: Pieces
    note: Pieces
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Things of one kind; `more` leads to all of them."""

    title: str
    icon: str
    rows: list[Row]
    more_label: str = ""
    more_href: str = ""


@dataclass(frozen=True, slots=True)
class Finder:
    """The search page and the command palette."""

    text: str
    sections: list[Section]
    notice: str
    all_href: str
    has_records: bool
    canonical: str


def finder(text: str, found: Findings, places: Sequence[Place], actions: Sequence[Place]) -> Finder:
    """Order the sections: the exact record first, then what the text names, then records, then the rest."""
    records = [_records(group, text) for group in found.groups]
    guides = [
        (_guide("Go to", "arrow-right", places), any(place.is_named for place in places)),
        (_guide("Actions", "player-play", actions), any(place.is_named for place in actions)),
    ]
    named = [section for section, is_named in guides if section.rows and is_named]
    others = [section for section, is_named in guides if section.rows and not is_named]
    first = records[:1] if found.exact else []
    return Finder(
        text=text,
        sections=[*first, *named, *records[len(first) :], *others],
        notice=_notice(found),
        all_href=f"{PATH}?{urlencode({'q': text, 'show': 'all'})}" if text else PATH,
        has_records=bool(records),
        canonical=f"{PATH}?{urlencode({'q': text})}" if text else PATH,
    )


def _records(group: FoundGroup, text: str) -> Section:
    kind = group.kind
    is_more = group.total > len(group.records) and kind.list_address
    return Section(
        kind.plural,
        kind.icon,
        [_row(record) for record in group.records],
        f"See all {group.total}{'+' if group.is_capped else ''}" if is_more else "",
        f"{kind.list_address}?{urlencode({'q': text})}" if is_more else "",
    )


def _row(record: FoundRecord) -> Row:
    return Row(
        f"{record.kind.key}-{record.id}",
        record.href,
        _pieces(record.title),
        _pieces(record.reference),
        _pieces(record.subtitle),
        record.is_exact,
    )


def _guide(title: str, icon: str, places: Sequence[Place]) -> Section:
    ordered = sorted(places, key=lambda place: not place.is_named)
    rows = [
        Row(
            f"{title.lower().replace(' ', '-')}-{number}",
            place.href,
            [(place.title, False)],
            [],
            [(place.section, False)],
        )
        for number, place in enumerate(ordered)
    ]
    return Section(title, icon, rows)


def _pieces(segments: Sequence[Segment]) -> Pieces:
    return [(segment.text, segment.is_marked) for segment in segments]


def _notice(found: Findings) -> str:
    if found.is_limited:
        return AWAY
    return PARTIAL if found.is_partial else STAGE_NOTICES.get(found.stage, "") if found.groups else ""

"""Finds records of every kind, and the pages and actions of a person."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from app.core import metrics
from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.permissions import SIGNED_IN
from app.core.read_pool import ReadPool
from app.core.runtime import Runtime
from app.core.search_lists import grants_of
from app.desk.finder.rules import Likeness, likeness
from app.kit.ids import normalise_reference
from search.errors import SearchUnavailable
from search.finder import find
from search.highlight import Segment, identifier_segments
from search.query import Stage
from search.results import Found, Hit
from search.text import MAX_TEXT, Typed, identifier, read_text

GROUP_SIZE = 5

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """One record, its words cut where the text was found."""

    kind: RecordKind
    id: str
    reference: tuple[Segment, ...]
    title: tuple[Segment, ...]
    subtitle: tuple[Segment, ...]
    score: float
    is_exact: bool

    @property
    def href(self) -> str:
        return self.kind.address(self.id)

    def place(self, stage: Stage) -> tuple[bool, bool, float, bool]:
        """Where it stands among records of all kinds.

        What is spelt alike scores alike, so a find in the title counts more then. Of equal ones a record that its title
        names stands before one that has a reference for that: the customer before their applications.
        """
        is_titled = any(segment.is_marked for segment in self.title)
        return not self.is_exact, stage is Stage.FUZZY and not is_titled, -round(self.score, 1), bool(self.reference)


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """The best records of one kind; with `is_capped` there are at least `total`."""

    kind: RecordKind
    records: tuple[FoundRecord, ...]
    total: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """Groups in the order of their best record, and the one record whose own identifier was typed."""

    groups: tuple[FoundGroup, ...] = ()
    exact: FoundRecord | None = None
    stage: Stage = Stage.STRICT
    is_partial: bool = False
    is_limited: bool = False
    """The search engine is away and the database answered by beginnings only."""

    @property
    def records(self) -> list[FoundRecord]:
        """All records, the exact one first, then the best."""
        records = [record for group in self.groups for record in group.records]
        return sorted(records, key=lambda record: (*record.place(self.stage), -record.score))


@dataclass(frozen=True, slots=True)
class Place:
    """A page or an action of a person; `is_named` when the text names it."""

    title: str
    href: str
    section: str
    is_named: bool
    icon: str = ""


def kinds_for(runtime: Runtime, actor: Actor) -> list[RecordKind]:
    """The kinds that can be found by text and that the actor may see."""
    return [kind for kind in runtime.assembly.kinds.values() if kind.search and actor.may(kind.permission)]


async def find_records(
    runtime: Runtime, text: str, actor: Actor, *, only: Sequence[str] = (), size: int = GROUP_SIZE
) -> Findings:
    """Search every kind that the actor may see, or `only` some, at most `size` of each.

    When the search engine is away the database answers by beginnings, and the findings say so.
    """
    kinds = [kind for kind in kinds_for(runtime, actor) if not only or kind.key in only]
    wanted = normalise_reference(text) or text[:MAX_TEXT].strip()
    if not kinds or not wanted:
        return Findings()
    if runtime.indexes is not None:
        searched = [kind.search for kind in kinds if kind.search]
        try:
            found = await find(runtime.indexes, wanted, kinds=searched, grants=grants_of(actor, kinds), size=size)
        except SearchUnavailable as error:
            metrics.search_failures.inc()
            logger.warning("search_away", reason=str(error)[:200])
        else:
            return _findings(found, kinds, size)
    return await _find_simply(runtime.database.reads, wanted, actor, kinds, size)


def find_places(runtime: Runtime, text: str, actor: Actor) -> list[Place]:
    """The pages of the actor's sidebar that fit the text; all of them for an empty one."""
    return [
        Place(item.title, item.href, item.section, like is Likeness.NAMES, item.icon)
        for item in runtime.assembly.nav
        if item.permission == SIGNED_IN or actor.may(item.permission)
        if (like := _likeness(text, f"{item.title} {item.section}", item.title))
    ]


def find_actions(runtime: Runtime, text: str, actor: Actor) -> list[Place]:
    """What the actor may begin, as far as it fits the text."""
    return [
        Place(action.title, action.href, "", like is Likeness.NAMES, "plus")
        for area in runtime.assembly.areas
        for action in area.actions
        if action.permission == SIGNED_IN or actor.may(action.permission)
        if (like := _likeness(text, action.title, action.title))
    ]


def _likeness(text: str, words: str, title: str) -> Likeness:
    """A page is found by its section too, but named by its title alone; an empty text fits everything."""
    if not text:
        return Likeness.BEGINS
    return likeness(text, title) or min(likeness(text, words), Likeness.BEGINS)


def _findings(found: Found, kinds: Sequence[RecordKind], size: int) -> Findings:
    by_name = {kind.search.name: kind for kind in kinds if kind.search}
    exact = _record(found.exact, by_name[found.exact.kind], found.exact) if found.exact else None
    groups = [
        FoundGroup(
            by_name[group.kind],
            _best([_record(hit, by_name[group.kind], found.exact) for hit in group.hits], size),
            group.total,
            group.is_capped,
        )
        for group in found.groups
    ]
    groups.sort(key=lambda group: group.records[0].place(found.stage))
    return Findings(tuple(groups), exact, found.stage, found.partial)


def _record(hit: Hit, kind: RecordKind, exact: Hit | None) -> FoundRecord:
    is_exact = exact is not None and (hit.kind, hit.id) == (exact.kind, exact.id)
    return FoundRecord(
        kind, hit.id, hit.reference_segments, hit.title_segments, hit.subtitle_segments, hit.score, is_exact
    )


def _best(records: Sequence[FoundRecord], size: int) -> tuple[FoundRecord, ...]:
    return tuple(sorted(records, key=lambda record: not record.is_exact)[:size])


async def _find_simply(reads: ReadPool, text: str, actor: Actor, kinds: Sequence[RecordKind], size: int) -> Findings:
    typed = read_text(text)
    groups: list[FoundGroup] = []
    for kind in kinds:
        if kind.find_simply is None:
            continue
        rows = await kind.find_simply(reads, text, actor, size + 1)
        if rows:
            records = tuple(_simple_record(kind, row, typed) for row in rows[:size])
            groups.append(FoundGroup(kind, records, len(rows), len(rows) > size))
    same = [record for group in groups for record in group.records if record.is_exact]
    exact = same[0] if len(same) == 1 else None
    groups.sort(key=lambda group: exact is None or group.kind is not exact.kind)
    return Findings(tuple(groups), exact, is_limited=True)


def _simple_record(kind: RecordKind, row: tuple[str, str, str, str], typed: Typed) -> FoundRecord:
    record_id, reference, title, subtitle = row
    is_exact = bool(reference) and identifier(reference) == identifier(typed.text)
    plain_title, plain_subtitle = ((Segment(text),) if text else () for text in (title, subtitle))
    return FoundRecord(
        kind, record_id, identifier_segments(reference, typed), plain_title, plain_subtitle, 0.0, is_exact
    )

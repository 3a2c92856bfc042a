"""What pages about tags show."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app.core import registry
from app.core.columns import Column
from app.core.lists import Frame, RecordList
from app.core.subjects import Subject
from app.desk.audit_trail.services import TimelineEntry
from app.desk.tags.forms import TagForm
from app.desk.tags.models import Tag
from app.desk.tags.queries import SPEC, USES_CAP
from app.desk.tags.rules import TagState
from app.desk.tags.schemas import TagItem
from app.desk.tags.services import TagPanel


@dataclass(frozen=True, slots=True)
class RecordTagsPage:
    """The tags of one record by themselves, and what was typed."""

    subject: Subject
    tags: TagPanel
    form: TagForm


LIST = RecordList(
    key="tags",
    title="Tags",
    path="/tags",
    spec=SPEC,
    columns=(
        Column("name", "Tag", "name", is_fixed=True), Column("kind", "Of"),
        Column("records", "Records", align="number"), Column("state", "State"),
        Column("created", "First used", "created_at", css="faint"),
    ),
    cells="desk/tags/_cells.html",
    kind="tag",
    hint="A part of the word",
)  # fmt: skip
STATE_WORDS = {TagState.ACTIVE: "In use", TagState.MERGING: "Being merged", TagState.DELETING: "Being deleted"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    id: str
    name: str
    kind: str
    records: str
    records_href: str
    state: str
    is_leaving: bool
    created_at: str


@dataclass(frozen=True, slots=True)
class TagList:
    """The list page."""

    frame: Frame
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Move:
    """What can be done with a tag: button, form and what is said of it."""

    name: str
    label: str
    action: str
    text: str
    form: TagForm
    tone: str = ""
    asks: str = ""
    """The label of the word that it needs."""
    names_href: str = ""
    """Where words are asked for that fit what is typed."""


@dataclass(frozen=True, slots=True)
class TagPage:
    """One tag: who bears it, and what can be done with it."""

    tag: Tag
    row: Row
    into: str
    into_href: str
    moves: list[Move]
    entries: Sequence[TimelineEntry]


@dataclass(frozen=True, slots=True)
class MovePage:
    """A form that was refused."""

    tag: Tag
    move: Move


def row(item: TagItem, uses: int) -> Row:
    """A tag with how many records bear it."""
    kind = registry.record_kinds.get(item.kind)
    plural = kind.plural if kind else item.kind
    records = f"{USES_CAP:,}+" if uses > USES_CAP else f"{uses:,}"
    href = f"{kind.list_address}?{urlencode({'tag': item.name})}" if kind and uses else ""
    state = TagState(item.state)
    return Row(
        item.id, item.name, plural, records, href, STATE_WORDS[state], state is not TagState.ACTIVE, item.created_at
    )


def views() -> list[tuple[str, dict[str, str]]]:
    """The tabs: every word, and those of each kind of record."""
    return [("All", {}), *((title, {"kind": key}) for key, title in kinds_in_words().items())]


def kinds_in_words() -> dict[str, str]:
    """Every kind whose records bear tags."""
    return {kind.key: kind.plural for kind in registry.record_kinds.values() if kind.has_tags}


def moves_for(tag: Tag, shown: Row, refused: TagForm | None = None) -> list[Move]:
    """Renaming, merging and deleting, while the tag is not leaving already."""
    if tag.state is not TagState.ACTIVE:
        return []
    address, many = f"/tags/{tag.id}", f"{shown.records} {shown.kind.lower()}"
    form = refused or TagForm.of({})
    return [
        Move(
            "renaming", "Rename", f"{address}/renaming",
            f"The new word stands on {many} within moments, and saved views ask for it.",
            refused or TagForm.of({"name": tag.name}), asks="New name",
        ),
        Move(
            "merging", "Merge", f"{address}/merging",
            f"{many} bear the other tag instead. It cannot be told afterwards which ones bore {tag.name}.",
            form, asks="Other tag", names_href=f"{address}/names",
        ),
        Move(
            "deletion", "Delete", f"{address}/deletion",
            f"It is taken off {many}. Their timelines tell that they bore it.", form, tone="danger",
        ),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamesPage:
    """Words that fit what is being typed."""

    names: list[str]

"""What the pages of exports show."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.area import RecordKind
from app.core.columns import Column
from app.core.lists import Frame, RecordList
from app.core.selections import Selection, in_words
from app.desk.exports.models import Export
from app.desk.exports.queries import SPEC
from app.desk.exports.rules import ExportState
from app.desk.exports.schemas import FORMAT_WORDS, STATE_WORDS, ExportItem

LIST = RecordList(
    key="exports",
    title="Exports",
    path="/exports",
    spec=SPEC,
    columns=(
        Column("list", "List", is_fixed=True),
        Column("filters", "Filters", align="wide", css="faint"),
        Column("rows", "Rows", align="number"),
        Column("format", "File"),
        Column("state", "State"),
        Column("size", "Size", align="number"),
        Column("at", "When", "created_at", css="faint"),
    ),
    cells="desk/exports/_cells.html",
    kind="export",
)
TONES = {"failed": "act"}


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One line of the list."""

    id: str
    name: str
    item: ExportItem
    asked: list[tuple[str, str]]
    format: str
    state: str
    tone: str
    is_on: bool
    size: str


@dataclass(frozen=True, slots=True)
class ExportList:
    """The list page."""

    frame: Frame
    rows: list[ExportRow]


@dataclass(frozen=True, slots=True)
class ExportPage:
    """One export, at whatever point it is."""

    export: Export
    state: str
    tone: str
    list_href: str
    asked: list[tuple[str, str]]
    format: str
    size: str
    written: int

    @property
    def is_working(self) -> bool:
        return self.export.state is ExportState.WRITING

    @property
    def is_ready(self) -> bool:
        return self.export.state is ExportState.READY

    @property
    def is_gone(self) -> bool:
        return self.export.state is ExportState.EXPIRED

    @property
    def progress_words(self) -> str:
        return f"{self.written:,} of {self.export.total:,} rows"


def row(item: ExportItem, kind: RecordKind | None, names: Mapping[str, str]) -> ExportRow:
    """A line of the list."""
    if item.picked:
        asked = [("Picked", f"{item.picked:,}")]
    else:
        asked = in_words(kind, Selection(item.kind, item.query), names) if kind else []
    return ExportRow(
        item.id,
        item.title,
        item,
        asked,
        FORMAT_WORDS[item.format],
        STATE_WORDS[item.state],
        TONES.get(item.state, ""),
        item.state == "writing",
        size_in_words(item.size_bytes),
    )


def export_page(export: Export, kind: RecordKind, written: int, names: Mapping[str, str]) -> ExportPage:
    """One export with how far it is."""
    return ExportPage(
        export,
        STATE_WORDS[export.state.value],
        TONES.get(export.state.value, ""),
        export.selection.address(kind),
        in_words(kind, export.selection, names),
        FORMAT_WORDS[export.format.value],
        size_in_words(export.size_bytes),
        written,
    )


def size_in_words(size: int) -> str:
    """`4.2 MB`; nothing for a file that was not kept."""
    if not size:
        return ""
    return f"{size / 1_000_000:,.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1_000)):,} kB"

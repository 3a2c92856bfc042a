"""What the page of a branch's day shows, and its files."""

from dataclasses import dataclass
from datetime import timedelta

from app.kit.tables import Cell, Head
from app.rental.manifests.queries import Line
from app.rental.manifests.rules import Section
from app.rental.manifests.services import Manifest

SECTION_WORDS = {
    Section.OUT: ("Out", "Nothing is handed over on this day."),
    Section.IN: ("In", "Nothing comes back on this day."),
    Section.LATE: ("Late", "Nothing is late."),
    Section.MOVE: ("Transfers", "No vehicle moves to or from here on this day."),
}
HEADS = [
    Head(title)
    for title in (
        "Section",
        "At",
        "Booking",
        "Driver",
        "Phone",
        "Class",
        "Plate",
        "Vehicle",
        "From",
        "To",
        "State",
        "Note",
    )
]


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line in words."""

    at: str
    line: Line
    state: str
    tone: str
    way: str


@dataclass(frozen=True, slots=True)
class SectionPart:
    title: str
    empty: str
    id: str
    rows: list[LineRow]


@dataclass(frozen=True, slots=True)
class ManifestPage:
    """A branch's day."""

    branch: str
    code: str
    day: str
    day_words: str
    branches: list[tuple[str, str]]
    counts: str
    parts: list[SectionPart]
    before_href: str
    today_href: str
    after_href: str
    csv_href: str
    xlsx_href: str


def manifest_page(found: Manifest, branches: list[tuple[str, str]], *, can_export: bool) -> ManifestPage:
    code, day = found.branch.code, found.day
    return ManifestPage(
        branch=found.branch.name,
        code=code,
        day=day.isoformat(),
        day_words=f"{day:%A %-d %B %Y}",
        branches=branches,
        counts=_counts(found),
        parts=[_part(section, found.lines[section]) for section in Section],
        before_href=f"/manifest?branch={code}&day={day - timedelta(days=1)}",
        today_href=f"/manifest?branch={code}",
        after_href=f"/manifest?branch={code}&day={day + timedelta(days=1)}",
        csv_href=f"/manifest/file?branch={code}&day={day}&format=csv" if can_export else "",
        xlsx_href=f"/manifest/file?branch={code}&day={day}&format=xlsx" if can_export else "",
    )


def cells(found: Manifest) -> list[list[Cell]]:
    """The lines as rows of a file."""
    return [
        [
            SECTION_WORDS[line.section][0], line.at.replace("T", " "), line.reference, line.driver_name,
            line.driver_phone, line.class_code, line.plate, line.title, line.from_location, line.to_location,
            in_words(line.state), line.note,
        ]
        for line in found.all_lines
    ]  # fmt: skip


def in_words(state: str) -> str:
    return state.replace("_", " ").capitalize()


def _counts(found: Manifest) -> str:
    words = [f"{len(found.lines[section])} {SECTION_WORDS[section][0].lower()}" for section in Section]
    return ", ".join(words + ([f"{found.unassigned} without a vehicle"] if found.unassigned else []))


def _part(section: Section, lines: list[Line]) -> SectionPart:
    title, empty = SECTION_WORDS[section]
    return SectionPart(f"{title}, {len(lines)}", empty, section.value, [_row(line) for line in lines])


def _row(line: Line) -> LineRow:
    is_late = line.section is Section.LATE
    waits = line.section is Section.OUT and not line.vehicle_id and line.state == "confirmed"
    state = "Late" if is_late else "No vehicle yet" if waits else in_words(line.state)
    way = f"{line.from_location} to {line.to_location}" if line.from_location != line.to_location else ""
    at = line.at.replace("T", " ") if is_late else line.at[11:]
    return LineRow(at, line, state, "act" if is_late else "soon" if waits else "", way)

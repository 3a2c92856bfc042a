"""What import pages show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from app.core.columns import Column
from app.core.importing import Importer, Result
from app.core.lists import Frame, RecordList
from app.desk.imports import rules
from app.desk.imports.forms import FLAG, SECRET, TARGET, TRANSLATED, MappingForm, UploadForm, words_name
from app.desk.imports.models import ImportRun, StagedRow
from app.desk.imports.queries import SPEC
from app.desk.imports.rules import ColumnMapping, RunState
from app.desk.imports.schemas import STATE_WORDS, RunItem
from app.desk.imports.services.lists import BY_IMPORT
from app.kit.cells import FALSE, TRUE, slug

LIST = RecordList(
    key="imports",
    title="Imports",
    path="/imports",
    spec=SPEC,
    columns=(
        Column("file", "File", "file_name", is_fixed=True),
        Column("kind", "Kind"),
        Column("source", "Source", css="mono"),
        Column("state", "State"),
        Column("rows", "Rows", align="number"),
        Column("created", "Created", align="number"),
        Column("updated", "Updated", align="number"),
        Column("unchanged", "Unchanged", align="number"),
        Column("refused", "Refused", align="number"),
        Column("by", "By"),
        Column("at", "When", "created_at", css="faint"),
    ),
    cells="desk/imports/_cells.html",
    kind="import",
)
RESULT_WORDS = {
    Result.CREATED: "Created",
    Result.UPDATED: "Updated",
    Result.UNCHANGED: "Unchanged",
    Result.WAITING: "Waits for consent",
    Result.REFUSED: "Refused",
}
CHECKED_WORDS = RESULT_WORDS | {Result.CREATED: "New", Result.UPDATED: "To be changed"}
SHOWN_ROWS = 10
SHOWN_REFUSED = 100
SHOWN_FIELDS = 6
SHOWN_SAMPLES = 3
LEFT_ALONE = "Kept as it is, no field"
KEY_ALONE = "Names the row, no field"
NEVER_KEPT = "Secret: kept nowhere"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of the list."""

    id: str
    file_name: str
    kind: str
    source: str
    state: str
    tone: str
    counts: list[int]
    refused: int
    total: int
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class RunList:
    """The list page."""

    frame: Frame
    rows: list[RunRow]
    kinds: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class NewImport:
    """The upload form."""

    form: UploadForm
    kinds: list[tuple[str, str]]
    title: str
    corrects: str = ""


@dataclass(frozen=True, slots=True)
class WordsBox:
    """Their words and ours for a column; for one field of several that it fills, under its title."""

    name: str
    title: str
    lines: int


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column and what may become of it."""

    target_name: str
    header: str
    samples: str
    options: list[tuple[str, str]]
    words: list[WordsBox]


@dataclass(frozen=True, slots=True)
class Constant:
    """A field that one value can fill for the whole file."""

    name: str
    title: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class MappingPage:
    """The columns of a file."""

    run: ImportRun
    kind: str
    form: MappingForm
    columns: list[ColumnRow]
    row_keys: list[tuple[str, str]]
    constants: list[Constant]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """Why one row cannot be imported."""

    number: int
    key: str
    refusals: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One of the first rows as the import reads it."""

    number: int
    key: str
    result: str
    cells: list[str]
    href: str


@dataclass(frozen=True, slots=True)
class RunPage:
    """One import, at whatever point it is."""

    run: ImportRun
    kind: str
    list_address: str
    state: str
    tone: str
    counts: list[tuple[str, int, str]]
    is_working: bool
    can_map: bool
    can_confirm: bool
    heads: list[str] = field(default_factory=list[str])
    rows: list[ShownRow] = field(default_factory=list[ShownRow])
    refused: list[RefusedRow] = field(default_factory=list[RefusedRow])

    @property
    def progress_words(self) -> str:
        return f"{self.run.done:,} of {self.run.total:,} rows, {self.run.refused_count:,} refused"

    @property
    def confirm_words(self) -> str:
        """What the button will do."""
        changing = self.run.created_count + self.run.updated_count
        return f"Import {changing:,} row{'' if changing == 1 else 's'}"

    @property
    def is_over(self) -> bool:
        return self.run.state is RunState.DONE


def row(item: RunItem, titles: Mapping[str, str]) -> RunRow:
    """A line of the list."""
    return RunRow(
        id=item.id,
        file_name=item.file_name,
        kind=titles.get(item.kind, item.kind),
        source=item.source,
        state=STATE_WORDS[item.state],
        tone=tone_of(item.state),
        counts=[item.created_count, item.updated_count, item.unchanged_count],
        refused=item.refused_count,
        total=item.total,
        by=item.created_by_name,
        at=item.created_at,
    )


def tone_of(state: str) -> str:
    """Somebody must act on what failed, and soon on what waits for them."""
    return {"failed": "act", "uploaded": "soon", "checked": "soon"}.get(state, "")


def mapping_page(
    run: ImportRun,
    importer: Importer,
    form: MappingForm,
    mapping: ColumnMapping,
    samples: Sequence[Mapping[str, str]],
    menus: Mapping[str, Sequence[tuple[str, str]]],
) -> MappingPage:
    """The columns with their first values and choices."""
    headers = [header for header in run.headers if header not in rules.OWN_COLUMNS]
    columns = [_column(place, header, importer, form, mapping, samples) for place, header in enumerate(run.headers)]
    return MappingPage(
        run=run,
        kind=importer.title,
        form=form,
        columns=[column for column in columns if column.header in headers],
        row_keys=[(rules.ROW_NUMBER, "Its number in the file"), *((header, header) for header in headers)],
        constants=[
            Constant(name, known.title, known.choices or menus.get(name, ()))
            for name, known in importer.fields.items()
            if known.is_constant
        ],
    )


def run_page(
    run: ImportRun, importer: Importer, first: Sequence[StagedRow] = (), refused: Sequence[StagedRow] = ()
) -> RunPage:
    """One import with its first and its refused rows."""
    mapping = run.column_mapping
    shown = _shown_fields(mapping, importer) if mapping else []
    return RunPage(
        run=run,
        kind=importer.title,
        list_address=_list_address(run, importer) if first else importer.list_address,
        state=STATE_WORDS[run.state.value],
        tone=tone_of(run.state.value),
        counts=_counts(run),
        is_working=run.state in rules.WORKING,
        can_map=rules.can_map(run.state) is None,
        can_confirm=rules.can_confirm(run.state) is None,
        heads=[importer.fields[name].title for name in shown],
        rows=[
            _shown_row(staged, mapping, shown, importer, RESULT_WORDS if run.state is RunState.DONE else CHECKED_WORDS)
            for staged in first
        ]
        if mapping
        else [],
        refused=[
            RefusedRow(staged.number, staged.row_key, [(one["column"], one["reason"]) for one in staged.refusals])
            for staged in refused
        ],
    )


def _list_address(run: ImportRun, importer: Importer) -> str:
    """Where the records of an import are listed, as long as its staged rows say which they are."""
    return f"{importer.list_address}?{urlencode({BY_IMPORT.name: run.id})}"


def refused_line(staged: StagedRow) -> tuple[str, str, dict[str, str]]:
    """A refused row as its file has it: key, reason, cells."""
    reasons = (f"{one['column']}: {one['reason']}" if one["column"] else one["reason"] for one in staged.refusals)
    return staged.row_key, "; ".join(reasons), staged.cells


def _column(
    place: int,
    header: str,
    importer: Importer,
    form: MappingForm,
    mapping: ColumnMapping,
    samples: Sequence[Mapping[str, str]],
) -> ColumnRow:
    target, values = form.text(f"{TARGET}{place}"), [sample.get(header, "") for sample in samples]
    shown = list(dict.fromkeys(value for value in values if value))[:SHOWN_SAMPLES]
    is_secret = header in mapping.secret
    return ColumnRow(
        target_name=f"{TARGET}{place}",
        header=header,
        samples="" if is_secret else ", ".join(shown),
        options=_options(header, target, importer, mapping, values, is_key=header == form.text("row_key")),
        words=_words_of(place, target.split(","), importer, form),
    )


def _words_of(place: int, names: Sequence[str], importer: Importer, form: MappingForm) -> list[WordsBox]:
    """One box for the column, and one for each field that has words of its own."""
    boxes = [WordsBox(words_name(place), "", 0)] if any(_takes_words(name, importer) for name in names) else []
    if not boxes and form.text(words_name(place)):
        boxes = [WordsBox(words_name(place), "", 0)]
    boxes += [WordsBox(key, _title(name, importer), 0) for name in names if form.text(key := words_name(place, name))]
    return [replace(box, lines=max(2, min(8, form.text(box.name).count("\n") + 1))) for box in boxes]


def _options(
    header: str,
    target: str,
    importer: Importer,
    mapping: ColumnMapping,
    values: Iterable[str],
    *,
    is_key: bool,
) -> list[tuple[str, str]]:
    options = [("", KEY_ALONE if is_key else LEFT_ALONE), (SECRET, NEVER_KEPT)]
    options += [(name, known.title) for name, known in importer.fields.items()]
    if "," in target:
        options.append((target, " and ".join(_title(name, importer) for name in target.split(","))))
    given = [value.strip().lower() for value in values if value.strip()]
    is_fact = bool(given) and all(value in TRUE | FALSE for value in given)
    for name, known in importer.fields.items():
        if known.kind != "slugs":
            continue
        added = mapping.flags.get(name, {}).get(header) or (_flag_word(header) if is_fact else "")
        if added:
            options.append((f"{FLAG}{name}:{added}", f"{known.title}: {added.replace('_', ' ')}"))
    return options


def _flag_word(header: str) -> str:
    return slug(header).removeprefix("has_").removeprefix("is_")


def _takes_words(name: str, importer: Importer) -> bool:
    return name in importer.fields and importer.fields[name].kind in TRANSLATED


def _title(name: str, importer: Importer) -> str:
    return importer.fields[name].title if name in importer.fields else name


def _shown_fields(mapping: ColumnMapping, importer: Importer) -> list[str]:
    filled = {name for names in mapping.fields.values() for name in names}
    return [name for name in importer.fields if name in filled][:SHOWN_FIELDS]


def _shown_row(
    staged: StagedRow,
    mapping: ColumnMapping,
    shown: Sequence[str],
    importer: Importer,
    words: Mapping[Result, str],
) -> ShownRow:
    cells: Mapping[str, Any] = rules.map_row(mapping, staged.number, staged.cells).cells
    href = importer.address(staged.record_id) if staged.record_id and staged.result is not Result.REFUSED else ""
    result = words[staged.result] if staged.result else ""
    return ShownRow(staged.number, staged.row_key, result, [cells.get(name, "") for name in shown], href)


def _counts(run: ImportRun) -> list[tuple[str, int, str]]:
    """Label, figure and tone of each count."""
    is_over = run.state is RunState.DONE
    words = RESULT_WORDS if is_over else CHECKED_WORDS
    return [
        (words[result], count, "soon" if result is Result.REFUSED and count else "")
        for result, count in run.counts.items()
    ]

"""How a file's columns become fields: the mapping as people write it, what is wrong with one, and one row by it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, cast

from app.kit.cells import CellError, CellField, read_fact, shown, slug
from app.kit.problems import Problem

ROW_NUMBER = "@row"
LONGEST_KEY = 120
LONGEST_SOURCE = 64
KEPT = timedelta(days=7)
"""How long an upload and its staged rows are kept."""
OWN_KEY_COLUMN = "import_row_key"
OWN_REASON_COLUMN = "import_reason"
OWN_COLUMNS = frozenset({OWN_KEY_COLUMN, OWN_REASON_COLUMN})
"""What a file of refused rows has besides the columns of its owner."""
KEY_HEADERS = frozenset({"id", "key", "external_id", "source_key", "row_id", "uuid"})

_TEXTS = frozenset({"kind", "row_key", "source"})
_LISTS = frozenset({"headers", "secret", "keep"})
_TABLES = frozenset({"fields", "constants", "defaults", "values"})


class RunState(StrEnum):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


WORKING = frozenset({RunState.CHECKING, RunState.RUNNING})


def can_map(state: RunState) -> str | None:
    """Why the columns can no longer be mapped, or None."""
    return None if state in (RunState.UPLOADED, RunState.CHECKED, RunState.FAILED) else state.value


def can_confirm(state: RunState) -> str | None:
    """Why the import cannot be begun, or None: only what was checked is imported."""
    return None if state is RunState.CHECKED else state.value


class MappingError(ValueError):
    """A mapping that cannot be used; one sentence naming what and where."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What becomes of each column. Cells of `values` are looked up by column, field ("" for all fields) and text."""

    kind: str
    row_key: str = ROW_NUMBER
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    flags: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """By list field: columns of yes and no, and what each adds to the list."""
    constants: Mapping[str, str] = field(default_factory=dict[str, str])
    defaults: Mapping[str, str] = field(default_factory=dict[str, str])
    values: Mapping[str, Mapping[str, Mapping[str, str]]] = field(
        default_factory=dict[str, Mapping[str, Mapping[str, str]]]
    )
    secret: Sequence[str] = ()
    keep: Sequence[str] = ()
    headers: Sequence[str] = ()
    source: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """Every column that is spoken of."""
        named = {*self.fields, *self.secret, *self.keep, *self.values}
        named |= {column for flags in self.flags.values() for column in flags}
        return frozenset(named | ({self.row_key} if self.row_key != ROW_NUMBER else set()))

    @property
    def mapped_fields(self) -> frozenset[str]:
        """Every field that gets a value from somewhere."""
        from_columns = {name for names in self.fields.values() for name in names}
        return frozenset({*from_columns, *self.flags, *self.constants, *self.defaults})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ColumnMapping:
        return cls(**stored)

    def translate(self, column: str, field_name: str, text: str) -> str:
        """Our word for theirs; the case of theirs does not matter, because spreadsheets write TRUE as they like."""
        tables = self.values.get(column)
        if not tables:
            return text
        for table in (tables.get(field_name, {}), tables.get("", {})):
            if text in table:
                return table[text]
            for theirs, ours in table.items():
                if theirs.casefold() == text.casefold():
                    return ours
        return text


@dataclass(frozen=True, slots=True)
class MappedRow:
    """One row by its mapping: cells by field, where each came from, and what is kept as it was."""

    number: int
    key: str
    cells: Mapping[str, str]
    columns: Mapping[str, str]
    source_fields: Mapping[str, str]
    problems: Sequence[Problem]


def header_key(headers: Collection[str]) -> str:
    """What two files with the same columns share, whatever the order."""
    return hashlib.sha256("\0".join(sorted(set(headers) - OWN_COLUMNS)).encode()).hexdigest()


def fits(mapping: ColumnMapping, headers: Collection[str]) -> bool:
    """Whether these are the headers of the mapping's file; refused rows come back without the secret columns."""
    given, known = set(headers) - OWN_COLUMNS, set(mapping.headers)
    return bool(known) and given in (known, known - set(mapping.secret))


def source_name(text: str) -> str:
    """A source as it is stored: `Getaround cars-refused.csv` is `getaround-cars`."""
    stem = text.rpartition("/")[2].rpartition("\\")[2].rsplit(".", 1)[0]
    return slug(stem.partition("-refused")[0]).replace("_", "-")[:LONGEST_SOURCE] or "file"


def parse_mapping(text: str, where: str) -> ColumnMapping:
    """Read a mapping file; `where` names it in messages. Raises MappingError."""
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{where} is not TOML: {error}.") from None
    kind = read.get("kind")
    if not isinstance(kind, str) or not kind:
        raise MappingError(f'{where} does not say its kind; begin with kind = "vehicles", for example.')
    for name, value in read.items():
        _require_shape(name, value, where)
    flags = {
        name: _texts(value, f"[{name}]", where) for name, value in read.items() if name not in _TEXTS | _LISTS | _TABLES
    }
    return ColumnMapping(
        kind=kind,
        row_key=read.get("row_key", ROW_NUMBER),
        fields=_targets(read.get("fields", {}), where),
        flags=flags,
        constants=_texts(read.get("constants", {}), "[constants]", where),
        defaults=_texts(read.get("defaults", {}), "[defaults]", where),
        values={column: _translations(column, table, where) for column, table in read.get("values", {}).items()},
        secret=tuple(read.get("secret", ())),
        keep=tuple(read.get("keep", ())),
        headers=tuple(read.get("headers", ())),
        source=read.get("source", ""),
    )


def problems_of(
    mapping: ColumnMapping, fields: Mapping[str, CellField], headers: Sequence[str], where: str
) -> list[str]:
    """What is wrong with a mapping for this file, one sentence each."""
    found: list[str] = []
    present = set(headers)
    secret = set(mapping.secret)
    missing = sorted(mapping.columns - present - (secret if OWN_KEY_COLUMN in present else set()))
    found += [f"{where} speaks of the column {column!r}, which the file does not have." for column in missing]
    for name in sorted(mapping.mapped_fields - set(fields)):
        if name in mapping.flags:
            found.append(f"{where} has a section [{name}], which is no list of these records.")
        else:
            found.append(f"{where} names the field {name!r}, which does not exist.")
    found += [
        f"{where} has a section [{name}], but {name} is not a list."
        for name in mapping.flags
        if name in fields and fields[name].kind != "slugs"
    ]
    found += [
        f"{where} calls the column {column!r} secret and uses it all the same."
        for column in sorted(secret & {*mapping.fields, *mapping.keep, mapping.row_key})
    ]
    taken: dict[str, str] = {}
    for column, names in mapping.fields.items():
        for name in names:
            if name in taken:
                found.append(f"{where} fills {name} from two columns, {taken[name]!r} and {column!r}.")
            taken[name] = column
    for column, tables in mapping.values.items():
        for name in set(tables) - {"", *mapping.fields.get(column, ())}:
            found.append(f"{where} has [values.{column}.{name}], but the column does not fill {name}.")
    if not mapping.fields and not mapping.constants:
        found.append(f"{where} fills no field.")
    return found


def guess_mapping(kind: str, headers: Sequence[str], fields: Mapping[str, CellField]) -> ColumnMapping:
    """Columns that are called as fields are, by name, title or last part; each field once."""
    chosen: dict[str, tuple[str, ...]] = {}
    free = {name: {slug(name), slug(field.title), slug(name.rpartition(".")[2])} for name, field in fields.items()}
    for header in headers:
        found = next((name for name, words in free.items() if slug(header) in words), None)
        if found:
            del free[found]
            chosen[header] = (found,)
    key = next((header for header in headers if slug(header) in KEY_HEADERS and header not in chosen), ROW_NUMBER)
    return ColumnMapping(kind, row_key=key, fields=chosen)


def map_row(mapping: ColumnMapping, number: int, cells: Mapping[str, str]) -> MappedRow:
    """Put one row's cells under our names; empty cells say nothing, and a default stands in for them."""
    problems: list[Problem] = []
    values: dict[str, str] = {}
    columns: dict[str, str] = {}
    for column, names in mapping.fields.items():
        for name in names:
            columns[name] = column
            if text := mapping.translate(column, name, cells.get(column, "")):
                values[name] = text
    for name, flags in mapping.flags.items():
        columns.setdefault(name, ", ".join(flags))
        chosen = [*([values[name]] if name in values else []), *_flagged(flags, cells, problems)]
        values[name] = ",".join(chosen)
    values = {**mapping.defaults, **values, **mapping.constants}
    return MappedRow(
        number, _key(mapping, number, cells, problems), values, columns, _unmapped(mapping, cells), problems
    )


def column_of(problem: Problem, columns: Mapping[str, str], fields: Mapping[str, CellField]) -> str:
    """The file's column behind a problem of the record, "" when no column is to blame."""
    wanted = problem.field
    while wanted:
        if wanted in columns:
            return columns[wanted]
        for name, column in columns.items():
            if name in fields and fields[name].record_field == wanted:
                return column
        wanted = wanted.rpartition(".")[0]
    return problem.field if problem.field in columns.values() else ""


def without_secrets(mapping: ColumnMapping, cells: Mapping[str, str]) -> dict[str, str]:
    """A row as it may be kept."""
    return {column: text for column, text in cells.items() if column not in mapping.secret}


def _flagged(flags: Mapping[str, str], cells: Mapping[str, str], problems: list[Problem]) -> list[str]:
    chosen: list[str] = []
    for column, added in flags.items():
        text = cells.get(column, "")
        try:
            if read_fact(text):
                chosen.append(added)
        except CellError as error:
            problems.append(Problem(column, "malformed", f"{error}: {shown(text)}"))
    return chosen


def _key(mapping: ColumnMapping, number: int, cells: Mapping[str, str], problems: list[Problem]) -> str:
    key = cells.get(OWN_KEY_COLUMN) or (
        str(number) if mapping.row_key == ROW_NUMBER else cells.get(mapping.row_key, "")
    )
    column = mapping.row_key if mapping.row_key != ROW_NUMBER else ""
    if not key:
        problems.append(Problem(column, "required", "Without a key"))
    elif len(key) > LONGEST_KEY:
        problems.append(Problem(column, "too_long", f"A key has at most {LONGEST_KEY} characters"))
    return key[:LONGEST_KEY]


def _unmapped(mapping: ColumnMapping, cells: Mapping[str, str]) -> dict[str, str]:
    used = {*mapping.fields, mapping.row_key, *(column for flags in mapping.flags.values() for column in flags)}
    return {
        column: _plain(text)
        for column, text in cells.items()
        if text
        and column not in mapping.secret
        and column not in OWN_COLUMNS
        and (column in mapping.keep or column not in used)
    }


def _plain(text: str) -> str:
    """The same for a CSV file's True and a workbook's TRUE, so that the one does not change what the other made."""
    return text.lower() if text.casefold() in {"true", "false"} else text


def _require_shape(name: str, value: Any, where: str) -> None:
    if name in _TEXTS and not isinstance(value, str):
        raise MappingError(f"{where}: {name} is text.")
    if name in _LISTS and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        raise MappingError(f"{where}: {name} is a list of column names.")
    if name in _TABLES and not isinstance(value, dict):
        raise MappingError(f"{where}: {name} is a section, [{name}].")
    if name not in _TEXTS | _LISTS | _TABLES and not isinstance(value, dict):
        known = ", ".join(sorted(_TEXTS | _LISTS | _TABLES))
        raise MappingError(f"{where} has the key {name!r}, which means nothing; known are {known}.")


def _targets(table: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    targets: dict[str, tuple[str, ...]] = {}
    for column, named in table.items():
        names = cast("list[Any]", named) if isinstance(named, list) else [named]
        if not names or not all(isinstance(name, str) and name for name in names):
            raise MappingError(f"{where}, [fields] {column}: name a field, or a list of fields.")
        targets[column] = tuple(names)
    return targets


def _texts(table: Any, section: str, where: str) -> dict[str, str]:
    """A section of plain values; numbers and true are taken as they are written, and so are dotted names."""
    texts: dict[str, str] = {}
    for name, value in cast("dict[str, Any]", table).items():
        if isinstance(value, dict):
            texts |= {f"{name}.{rest}": text for rest, text in _texts(value, section, where).items()}
        elif isinstance(value, list):
            raise MappingError(f"{where}, {section} {name}: one value is expected, not a list.")
        else:
            texts[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return texts


def _translations(column: str, table: Any, where: str) -> dict[str, dict[str, str]]:
    if not isinstance(table, dict):
        raise MappingError(f"{where}: [values.{column}] is a section of values.")
    found: dict[str, dict[str, str]] = {}
    for theirs, ours in cast("dict[str, Any]", table).items():
        if isinstance(ours, dict):
            found[theirs] = _texts(ours, f"[values.{column}.{theirs}]", where)
        else:
            found.setdefault("", {})[theirs] = str(ours).lower() if isinstance(ours, bool) else str(ours)
    return found

"""The forms of imports: an upload, and what becomes of each column."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, ClassVar

from litestar.datastructures import UploadFile

from app.core.forms import Form
from app.core.importing import Importer
from app.desk.imports.rules import ROW_NUMBER, ColumnMapping, source_name
from app.kit.cells import slug

CHUNK_BYTES = 1024 * 1024
SECRET = "!secret"  # noqa: S105 - a choice in a menu
TARGET, WORDS, CONSTANT = "target.", "words.", "constant."
FLAG = "flag:"
PAIR = "="
TRANSLATED = frozenset({"choice", "fact", "slugs", "currency"})


class UploadForm(Form):
    """A file."""

    kind: str | None = None
    file: Any = None

    def values(self) -> dict[str, Any]:
        return {"file_name": self.file_name, "chunks": self.chunks()}

    @property
    def file_name(self) -> str:
        """The name by which its sender knows it; never used as a path."""
        name = PurePath(self.file.filename.replace("\\", "/")).name
        return "".join(mark for mark in name if mark.isprintable()) or "file"

    def require_file(self) -> None:
        if not isinstance(self.file, UploadFile) or not self.file.filename:
            self.refuse("file", "Choose a CSV or XLSX file")

    async def chunks(self) -> AsyncIterator[bytes]:
        """The content from its start, also when the request is repeated."""
        await self.file.seek(0)
        while chunk := await self.file.read(CHUNK_BYTES):
            yield chunk


@dataclass(slots=True)
class _Read:
    fields: dict[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    flags: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    values: dict[str, Mapping[str, Mapping[str, str]]] = field(
        default_factory=dict[str, Mapping[str, Mapping[str, str]]]
    )
    secret: list[str] = field(default_factory=list[str])


class MappingForm(Form):
    """What becomes of each column: `target.N`, and in `words.N` one `theirs = ours` per line."""

    many: ClassVar[frozenset[str]] = frozenset()

    source: str | None = None
    row_key: str | None = None

    @classmethod
    def of_mapping(cls, mapping: ColumnMapping, source: str, headers: Sequence[str]) -> "MappingForm":
        """The form as the proposed mapping fills it."""
        raw: dict[str, Any] = {"source": source, "row_key": mapping.row_key}
        for place, header in enumerate(headers):
            raw[f"{TARGET}{place}"] = target_of(mapping, header)
            for name, table in {"": {}, **mapping.values.get(header, {})}.items():
                pairs = (f"{theirs} {PAIR} {ours}" for theirs, ours in table.items())
                raw[words_name(place, name)] = "\n".join(pairs)
        raw |= {f"{CONSTANT}{name}": value for name, value in mapping.constants.items()}
        return cls.of(raw)

    def mapping(self, importer: Importer, headers: Sequence[str], base: ColumnMapping) -> ColumnMapping:
        """The mapping that was chosen; what the page does not show is carried on from `base`."""
        read = _Read()
        for place, header in enumerate(headers):
            self._read_column(read, place, header, importer, base)
        shown = {name for name, known in importer.fields.items() if known.is_constant}
        constants = {name: value for name, value in base.constants.items() if name not in shown}
        constants |= {name: value for name in shown if (value := self.text(f"{CONSTANT}{name}").strip())}
        filled = {name for names in read.fields.values() for name in names}
        return replace(
            base,
            kind=importer.key,
            row_key=self.row_key or ROW_NUMBER,
            fields=read.fields,
            flags=read.flags,
            constants={name: value for name, value in constants.items() if name not in filled},
            values=read.values,
            secret=tuple(read.secret),
            keep=tuple(column for column in base.keep if column not in read.secret),
        )

    @property
    def source_name(self) -> str:
        """Whose rows these are, as it is stored."""
        return source_name(f"{self.source or ''}.x")

    def _read_column(self, read: _Read, place: int, header: str, importer: Importer, base: ColumnMapping) -> None:
        target = self.text(f"{TARGET}{place}")
        if target == SECRET:
            read.secret.append(header)
        elif target.startswith(FLAG):
            _, name, added = target.split(":", 2)
            if importer.fields.get(name) is not None and slug(added) == added:
                read.flags.setdefault(name, {})[header] = added
        elif target:
            names = tuple(target.split(","))
            read.fields[header] = names
            known = base.values.get(header, {})
            tables = {name: self._words(place, name, known.get(name, {})) for name in ("", *names)}
            if tables := {name: table for name, table in tables.items() if table}:
                read.values[header] = tables

    def _words(self, place: int, name: str, known: Mapping[str, str]) -> Mapping[str, str]:
        """The pairs that were written; those of a field that the page did not ask for stay as they were."""
        key = words_name(place, name)
        if name and key not in self.raw:
            return known
        found: dict[str, str] = {}
        for line in self.text(key).splitlines():
            theirs, separator, ours = line.rpartition(PAIR)
            if separator and theirs.strip():
                found[theirs.strip()] = ours.strip()
            elif line.strip():
                self.refuse(key, "Write one pair per line: theirs = ours")
        return found


def words_name(place: int, name: str = "") -> str:
    """What the form calls the words of a column, or of one field of several that it fills."""
    return f"{WORDS}{place}.{name}" if name else f"{WORDS}{place}"


def target_of(mapping: ColumnMapping, header: str) -> str:
    """The choice that a column stands at."""
    if header in mapping.secret:
        return SECRET
    for name, flags in mapping.flags.items():
        if header in flags:
            return f"{FLAG}{name}:{flags[header]}"
    return ",".join(mapping.fields.get(header, ()))

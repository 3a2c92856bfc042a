"""Tables on their way out: CSV in pieces and XLSX in constant memory, with cells that no spreadsheet runs."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import xlsxwriter

from app.kit.sheets import MAX_CELL_CHARACTERS, safe_cell

if TYPE_CHECKING:
    from pathlib import Path

    from xlsxwriter.format import Format

Cell: TypeAlias = str | int | Decimal | date | datetime | None
"""A moment is aware UTC."""

FIRST_YEAR = 1900
"""Spreadsheets know no earlier day; older ones become text."""
LARGEST_EXACT = 10**15
"""Numbers with more digits would lose some in a spreadsheet; they become text."""
_WIDTHS = {"text": 20, "number": 12, "day": 12, "moment": 20}


@dataclass(frozen=True, slots=True)
class Head:
    """A column's title and what its cells are."""

    title: str
    kind: Literal["text", "number", "day", "moment"] = "text"


class CsvTable:
    """RFC 4180 in UTF-8: lines end with CR LF, cells of text are formula-safe. `has_mark` is for spreadsheets."""

    def __init__(self, heads: Sequence[Head], *, has_mark: bool = False) -> None:
        self._heads, self._has_mark = heads, has_mark

    def head(self) -> bytes:
        """The line of titles."""
        mark = codecs.BOM_UTF8 if self._has_mark else b""
        return mark + self.lines([[head.title for head in self._heads]])

    def lines(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Rows as lines."""
        text = io.StringIO(newline="")
        csv.writer(text).writerows([_in_csv(cell) for cell in row] for row in rows)
        return text.getvalue().encode()


class XlsxTable:
    """One sheet whose rows go to the disk as they come; the file is whole after `close`."""

    def __init__(self, path: Path, heads: Sequence[Head], *, title: str) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": path.parent,
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet(_sheet_name(title))
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._numbers: dict[int, Format] = {}
        self._row = 1
        bold = self._book.add_format({"bold": True})
        self._sheet.freeze_panes(1, 0)
        for place, head in enumerate(heads):
            self._sheet.set_column(place, place, max(_WIDTHS[head.kind], len(head.title) + 2))
            self._sheet.write_string(0, place, head.title, bold)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            for place, cell in enumerate(row):
                self._write(self._row, place, cell)
            self._row += 1

    def close(self) -> None:
        self._book.close()

    def _write(self, row: int, place: int, cell: Cell) -> None:
        sheet: Any = self._sheet
        match cell:
            case None:
                pass
            case datetime() if cell.year >= FIRST_YEAR:
                sheet.write_datetime(row, place, cell.astimezone(UTC).replace(tzinfo=None), self._moment)
            case date() if cell.year >= FIRST_YEAR:
                sheet.write_datetime(row, place, cell, self._day)
            case int() | Decimal() if abs(cell) < LARGEST_EXACT:
                sheet.write_number(row, place, cell, self._number(cell))
            case _:
                sheet.write_string(row, place, _in_text(cell)[:MAX_CELL_CHARACTERS])

    def _number(self, cell: int | Decimal) -> Format | None:
        places = -int(cell.as_tuple().exponent) if isinstance(cell, Decimal) else 0
        if places <= 0:
            return None
        if places not in self._numbers:
            self._numbers[places] = self._book.add_format({"num_format": f"#,##0.{'0' * places}"})
        return self._numbers[places]


def _in_csv(cell: Cell) -> str:
    return safe_cell(cell) if isinstance(cell, str) else _in_text(cell)


def _in_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        case date():
            return cell.isoformat()
        case Decimal():
            return format(cell, "f")
        case _:
            return str(cell)


def _sheet_name(title: str) -> str:
    """A name that a workbook takes: no brackets, slashes and the like, at most 31 characters."""
    return "".join(mark for mark in title if mark not in "[]:*?/\\'")[:31] or "Rows"

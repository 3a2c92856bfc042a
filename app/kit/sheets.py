"""Tables in files: CSV and XLSX read row by row as clean text, CSV written safe for spreadsheets."""

from __future__ import annotations

import codecs
import csv
import os
import re
import zipfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MAX_ROWS = 1_000_000
MAX_COLUMNS = 200
MAX_CELL_CHARACTERS = 32_767
"""The most a cell of a spreadsheet holds."""
MAX_UNPACKED_BYTES = 512 * 1024 * 1024

_CHUNK_BYTES = 1024 * 1024
_SAMPLE_ROWS = 20
_EXCEL_DIGITS = 15
_DELIMITERS = ",;\t|"
_ZIP = b"PK\x03\x04"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED_FORMULA = re.compile(r"'+[=+\-@\t\r]")


class SheetError(ValueError):
    """A file that cannot be read as a table; `row` is its number as a spreadsheet shows it, where one is to blame."""

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it (the headers are row 1) and its cells by header."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    headers: list[str]
    rows: Iterator[Row]


def read_sheet(path: Path) -> Sheet:
    """Read a CSV or XLSX file, told apart by content; SheetError now or while the rows are taken."""
    with path.open("rb") as file:
        start = file.read(4)
    records = _xlsx_records if start == _ZIP else _csv_records
    with closing(records(path)) as opening:
        header_number, header_cells = next(opening, (0, []))
    if not header_cells:
        raise SheetError("The file is empty")
    headers = _unique_headers(header_cells)
    return Sheet(headers, _rows(records(path), headers, header_number))


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula; `read_sheet` takes the prefix off again."""
    return f"'{text}" if _FORMULA.match(text) else text


def write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str]], *, mode: int = 0o600) -> int:
    """Write a UTF-8 CSV file with formula-safe cells, readable by its owner alone, and return the number of rows."""
    written = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        os.fchmod(descriptor, mode)
        writer = csv.writer(file)
        writer.writerow([safe_cell(header) for header in headers])
        for row in rows:
            writer.writerow([safe_cell(cell) for cell in row])
            written += 1
    return written


def _rows(records: Iterator[tuple[int, list[str]]], headers: list[str], header_number: int) -> Iterator[Row]:
    taken = 0
    for number, cells in records:
        if number <= header_number:
            continue
        taken += 1
        if taken > MAX_ROWS:
            raise SheetError(f"The file has more than {MAX_ROWS:,} rows", number)
        end = len(cells)
        while end > len(headers) and not cells[end - 1]:
            end -= 1
        if end > len(headers):
            raise SheetError(f"Row {number} has {end} cells, the headers are {len(headers)}", number)
        filled = cells[: len(headers)] + [""] * (len(headers) - end)
        yield Row(number, dict(zip(headers, filled, strict=True)))


def _unique_headers(cells: list[str]) -> list[str]:
    if len(cells) > MAX_COLUMNS:
        raise SheetError(f"The file has {len(cells)} columns, at most {MAX_COLUMNS} are read", 1)
    headers: list[str] = []
    for position, cell in enumerate(cells, 1):
        name = header = cell or f"column_{position}"
        repeat = 1
        while header in headers:
            repeat += 1
            header = f"{name}_{repeat}"
        headers.append(header)
    return headers


def _clean(cells: Iterable[str], number: int) -> list[str]:
    """Cells without outer spaces and formula prefixes; refuses NUL and endless text."""
    cleaned = [(cell[1:] if _ESCAPED_FORMULA.match(cell) else cell).strip() for cell in cells]
    for position, cell in enumerate(cleaned, 1):
        if len(cell) > MAX_CELL_CHARACTERS:
            raise SheetError(
                f"Row {number}, column {position} has more than {MAX_CELL_CHARACTERS:,} characters", number
            )
        if "\0" in cell:
            raise SheetError(f"Row {number}, column {position} has a NUL character; the file is not text", number)
    return cleaned


def _csv_records(path: Path) -> Generator[tuple[int, list[str]], None, None]:
    """Non-empty records of a CSV file with their numbers; each call reads from the start."""
    encoding = _encoding(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=_delimiter(file))
            for number, cells in enumerate(reader, 1):
                cleaned = _clean(cells, number)
                if any(cleaned):
                    yield number, cleaned
    except csv.Error as error:
        raise SheetError(f"The file is not well-formed CSV: {error}") from error


def _encoding(path: Path) -> str:
    """UTF-8 with or without mark when the whole file is that, otherwise Windows-1252."""
    with path.open("rb") as file:
        start = file.read(4)
        if start.startswith(_UTF16):
            raise SheetError("The file is UTF-16; save it as CSV UTF-8")
        file.seek(0)
        if _decodes(file, "utf-8"):
            return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
        file.seek(0)
        if _decodes(file, "cp1252"):
            return "cp1252"
    raise SheetError("The file is neither UTF-8 nor Windows-1252 text")


def _decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while chunk := file.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(file: IO[str]) -> str:
    """The delimiter that gives the first rows the same and the most cells; leaves the file at its start."""
    lines = [file.readline(MAX_CELL_CHARACTERS) for _ in range(_SAMPLE_ROWS)]
    file.seek(0)

    def score(delimiter: str) -> tuple[bool, int]:
        widths = [len(cells) for cells in csv.reader(iter(lines), delimiter=delimiter) if cells]
        return len(set(widths)) == 1 and widths[0] > 1, widths[0] if widths else 0

    return max(_DELIMITERS, key=score)


def _xlsx_records(path: Path) -> Generator[tuple[int, list[str]], None, None]:
    """Non-empty rows of the first visible sheet with their numbers."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise SheetError("The workbook is too large when unpacked")
        with CalamineWorkbook.from_path(path) as workbook:
            sheet = _first_sheet(workbook)
            for number, values in enumerate(islice(sheet.iter_rows(), MAX_ROWS + 2), 1):
                cleaned = _clean([_text(value) for value in values], number)
                while cleaned and not cleaned[-1]:  # rows are as wide as the widest, the headers too
                    cleaned.pop()
                if cleaned:
                    yield number, cleaned
    except (CalamineError, zipfile.BadZipFile) as error:
        raise SheetError("The file is not a workbook that can be read") from error


def _first_sheet(workbook: CalamineWorkbook) -> CalamineSheet:
    for sheet in workbook.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return workbook.get_sheet_by_name(sheet.name)
    raise SheetError("The workbook has no visible sheet")


def _text(value: object) -> str:
    """A typed cell as text: 12.0 -> "12", a date without time -> "2026-06-29"."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return format(Decimal(format(value, f".{_EXCEL_DIGITS}g")), "f")
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)

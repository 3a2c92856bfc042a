"""Files of exports: outside the web root, under names of our own, readable by this system alone."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from pathlib import Path
from typing import Protocol
from uuid import UUID

from app.desk.exports.rules import Format
from app.kit.ids import new_id
from app.kit.tables import Cell, CsvTable, Head, XlsxTable

CHUNK_BYTES = 256 * 1024

Rows = Sequence[Sequence[Cell]]


class Sink(Protocol):
    """A file that rows are added to."""

    def add(self, rows: Rows) -> None: ...

    def close(self) -> None: ...


class CsvFile:
    """A CSV table on the disk."""

    def __init__(self, path: Path, table: CsvTable) -> None:
        self._table, self._file = table, path.open("wb")
        self._file.write(table.head())

    def add(self, rows: Rows) -> None:
        self._file.write(self._table.lines(rows))

    def close(self) -> None:
        self._file.close()


def export_directory(data_dir: Path) -> Path:
    directory = data_dir / "exports"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return directory


def export_path(data_dir: Path, export_id: UUID) -> Path:
    """Where the whole file lies; its name says nothing about its content."""
    return export_directory(data_dir) / f"{export_id}.export"


def part_path(data_dir: Path) -> Path:
    """A new name for a file that is not whole yet."""
    path = export_directory(data_dir) / f"{new_id()}.part"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


def open_sink(path: Path, heads: Sequence[Head], file_format: Format, *, title: str, has_mark: bool) -> Sink:
    if file_format is Format.XLSX:
        return XlsxTable(path, heads, title=title)
    return CsvFile(path, CsvTable(heads, has_mark=has_mark))


async def csv_chunks(batches: AsyncIterable[Rows], table: CsvTable) -> AsyncGenerator[bytes, None]:
    """The table as it is read."""
    yield table.head()
    async for rows in batches:
        yield await asyncio.to_thread(table.lines, rows)


async def xlsx_chunks(
    batches: AsyncIterable[Rows], heads: Sequence[Head], data_dir: Path, *, title: str
) -> AsyncGenerator[bytes, None]:
    """A workbook, which is whole only at its end: written beside the others, sent, and deleted."""
    path = part_path(data_dir)
    try:
        table = await asyncio.to_thread(XlsxTable, path, heads, title=title)
        async for rows in batches:
            await asyncio.to_thread(table.add, rows)
        await asyncio.to_thread(table.close)
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield chunk
    finally:
        path.unlink(missing_ok=True)


def keep_file(part: Path, path: Path) -> int:
    """Give a whole file its name, and tell its size in bytes."""
    part.chmod(0o600)
    part.replace(path)
    return path.stat().st_size


def forget_file(data_dir: Path, export_id: UUID) -> None:
    export_path(data_dir, export_id).unlink(missing_ok=True)


def forget_old_files(data_dir: Path, before: float) -> int:
    """Delete what nobody came back to, whole or not: by its time of change, in seconds since 1970."""
    old = [path for path in export_directory(data_dir).iterdir() if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)

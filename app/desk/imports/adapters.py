"""Files: uploads under server-made names, refused rows for their owner, and the mappings we ship."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from time import time
from uuid import UUID

from app.desk.imports.rules import (
    OWN_COLUMNS,
    OWN_KEY_COLUMN,
    OWN_REASON_COLUMN,
    ColumnMapping,
    MappingError,
    fits,
    parse_mapping,
)
from app.kit.numbers_in_text import masked
from app.kit.sheets import Sheet, read_sheet, write_csv
from app.settings import ROOT

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
KNOWN_MAPPINGS = ROOT / "docs" / "mappings"
SAMPLE_ROWS = 20


def import_directory(data_dir: Path) -> Path:
    """Where uploads and reports lie, for their owner alone."""
    directory = data_dir / "imports"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return directory


def upload_path(data_dir: Path, run_id: UUID) -> Path:
    """An upload is named by us, never by its sender."""
    return import_directory(data_dir) / f"{run_id}.upload"


async def keep_upload(path: Path, chunks: AsyncIterator[bytes]) -> int:
    """Write an upload and return its size in bytes; a larger one than MAX_UPLOAD_BYTES is cut off and refused by it.

    One that does not come to its end, because the sender went away or the disk is full, leaves nothing behind.
    """
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > MAX_UPLOAD_BYTES:
                    break
                await asyncio.to_thread(file.write, chunk)
    except BaseException:
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - one call on a file of ours
        raise
    return size


def forget_upload(data_dir: Path, run_id: UUID) -> None:
    upload_path(data_dir, run_id).unlink(missing_ok=True)


def forget_old_files(data_dir: Path, age: timedelta) -> int:
    """Delete files that nobody came back to, and tell how many."""
    oldest = time() - age.total_seconds()
    old = [path for path in import_directory(data_dir).iterdir() if path.is_file() and path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def read_sample(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Headers and first rows, without what nobody should read there. Raises SheetError for what is no table."""
    sheet = read_sheet(path)
    rows = [{column: masked(text) for column, text in row.cells.items()} for row in islice(sheet.rows, SAMPLE_ROWS)]
    return sheet.headers, rows


def open_sheet(path: Path) -> Sheet:
    return read_sheet(path)


def count_rows(path: Path) -> int:
    """How many rows a file has; reads all of it, so that a fault is met before anything is imported."""
    return sum(1 for _ in read_sheet(path).rows)


def write_refused(
    path: Path, headers: Sequence[str], secret: Sequence[str], rows: Iterable[tuple[str, str, dict[str, str]]]
) -> int:
    """Refused rows as (key, reason, cells), as their file had them besides the secret columns; mode 0600."""
    kept = [header for header in headers if header not in secret and header not in OWN_COLUMNS]
    return write_csv(
        path,
        [OWN_KEY_COLUMN, OWN_REASON_COLUMN, *kept],
        ([key, reason, *(cells.get(header, "") for header in kept)] for key, reason, cells in rows),
    )


def refused_csv(
    data_dir: Path, headers: Sequence[str], secret: Sequence[str], rows: Iterable[tuple[str, str, dict[str, str]]]
) -> bytes:
    """Refused rows as the content of a file to download."""
    with tempfile.TemporaryDirectory(dir=import_directory(data_dir)) as directory:
        path = Path(directory) / "refused.csv"
        write_refused(path, headers, secret, rows)
        return path.read_bytes()


def read_mapping(path: Path) -> ColumnMapping:
    """A mapping file. Raises MappingError."""
    try:
        return parse_mapping(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"The mapping {path} cannot be read: {error}.") from None


def find_known_mapping(kind: str, headers: Sequence[str]) -> tuple[str, ColumnMapping] | None:
    """The shipped mapping whose file has exactly these headers, and its name."""
    for path in sorted(KNOWN_MAPPINGS.glob("*.toml")):
        mapping = read_mapping(path)
        if mapping.kind == kind and fits(mapping, headers):
            return path.stem, mapping
    return None

"""Files of others, sent so that a browser keeps them and never runs them."""

import asyncio
import os
import tempfile
from collections.abc import AsyncGenerator, Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.response import Stream

from app.kit.tables import CsvTable, Head, XlsxTable

CHUNK_BYTES = 256 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


def disposition(name: str, *, is_inline: bool = False) -> str:
    """Content-Disposition (RFC 6266): the name in ASCII for old clients, and as it is (RFC 8187) for all others."""
    plain = "".join(mark if " " <= mark <= "~" and mark not in '"\\%' else "_" for mark in name)
    way = "inline" if is_inline else "attachment"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def table_answer(heads: Sequence[Head], rows: Iterable[Sequence[Any]], *, name: str, is_xlsx: bool) -> Response[bytes]:
    """A table that is small enough to be made at once, for a spreadsheet."""
    ending, media_type = ("xlsx", XLSX) if is_xlsx else ("csv", "text/csv; charset=utf-8")
    headers = HEADERS | {"Content-Disposition": disposition(f"{name}.{ending}")}
    return Response(_xlsx(heads, rows, name) if is_xlsx else _csv(heads, rows), media_type=media_type, headers=headers)


def _csv(heads: Sequence[Head], rows: Iterable[Sequence[Any]]) -> bytes:
    table = CsvTable(heads, has_mark=True)
    return table.head() + table.lines(rows)


def _xlsx(heads: Sequence[Head], rows: Iterable[Sequence[Any]], title: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="forecourt-") as directory:
        path = Path(directory) / "table.xlsx"
        table = XlsxTable(path, heads, title=title)
        table.add(rows)
        table.close()
        return path.read_bytes()


async def file_answer(
    path: Path, *, name: str, media_type: str, etag: str = "", is_inline: bool = False
) -> Response[Any]:
    """The content of a file. Raises FileNotFoundError before anything is sent.

    `is_inline` is for what we have written ourselves; all else is kept by the browser, not shown.
    """
    file = await asyncio.to_thread(path.open, "rb")
    headers = HEADERS | {
        "Content-Disposition": disposition(name, is_inline=is_inline),
        "Content-Length": str(os.fstat(file.fileno()).st_size),
    }

    async def pieces() -> AsyncGenerator[bytes]:
        with file:
            while piece := await asyncio.to_thread(file.read, CHUNK_BYTES):
                yield piece

    return Stream(pieces(), status_code=200, media_type=media_type, headers=headers | ({"ETag": etag} if etag else {}))

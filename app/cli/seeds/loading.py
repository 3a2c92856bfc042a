"""Bringing many rows into a table at once: LOAD DATA LOCAL INFILE over a synchronous connection."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import msgspec
import pymysql
from pymysql.cursors import Cursor
from sqlalchemy.engine import make_url

from app.cli.failures import CommandFailed
from app.core.db import SESSION_SETTINGS

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 600
WARNINGS_SHOWN: Final = 3
FILE_BYTES: Final = 1 << 20
NULL: Final = "\\N"
_LENGTH_OF_OFFSET: Final = len("+00:00")
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n"})

Row = Mapping[str, Any]


class RowsRefused(CommandFailed):
    """The database did not take every row of a batch; nothing of the batch is kept."""


class Table:
    """A table and its columns in the order in which rows are written; `binary` ones travel as hexadecimal digits."""

    def __init__(self, name: str, columns: Sequence[str], *, binary: Sequence[str] = ()) -> None:
        self.name = name
        self.columns = tuple(columns)
        self._values = itemgetter(*columns)
        targets = ", ".join(f"@{column}" if column in binary else f"`{column}`" for column in columns)
        parts = ", ".join(f"`{column}` = UNHEX(@{column})" for column in binary)
        self._target = f"INTO TABLE `{name}` CHARACTER SET utf8mb4 ({targets})" + (f" SET {parts}" if parts else "")

    def line(self, row: Row) -> str:
        """One row as a line of the file."""
        return "\t".join([as_text(value) for value in self._values(row)])

    def statement(self, file: Path) -> str:
        return f"LOAD DATA LOCAL INFILE '{file}' {self._target}"


def table_of(model: Any, *, binary: Sequence[str] = ()) -> Table:
    """The table of a model with every column that is not computed."""
    table = model.__table__
    return Table(table.name, [column.name for column in table.columns if column.computed is None], binary=binary)


def as_text(value: Any) -> str:
    """A value as LOAD DATA reads it."""
    kind = type(value)
    if kind is str:
        return value.translate(_ESCAPES) if "\\" in value or "\t" in value or "\n" in value else value
    if value is None:
        return NULL
    if kind is int:
        return str(value)
    if kind is datetime and value.tzinfo is UTC:
        return str(value)[:-_LENGTH_OF_OFFSET]
    return _rare_as_text(value)


def _rare_as_text(value: Any) -> str:
    if isinstance(value, dict | list):
        value = msgspec.json.encode(value).decode()
    elif isinstance(value, datetime):
        value = str(value.astimezone(UTC))[:-_LENGTH_OF_OFFSET]
    elif isinstance(value, bool):
        value = int(value)
    elif isinstance(value, bytes):
        value = value.hex()
    elif isinstance(value, Enum):
        value = value.value
    return as_text(str(value))


@contextlib.contextmanager
def connection(database_url: str) -> Generator[Cursor]:
    """A cursor of a connection that may send files; what was not committed is rolled back at the end."""
    address = make_url(database_url)
    try:
        opened = pymysql.connect(
            host=address.host or "127.0.0.1",
            port=address.port or 3306,
            user=address.username,
            password=address.password or "",
            database=address.database,
            charset="utf8mb4",
            local_infile=True,
            autocommit=True,
            init_command=SESSION_SETTINGS,
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
        )
    except pymysql.MySQLError as error:
        raise CommandFailed(f"The database cannot be reached: {error.args[-1]}.") from error
    try:
        with opened.cursor() as cursor:
            yield cursor
    finally:
        opened.close()


@contextlib.contextmanager
def transaction(cursor: Cursor) -> Generator[None]:
    """All or nothing. The constraints of rows that we made ourselves are not looked up for each row."""
    cursor.execute("SET SESSION foreign_key_checks = 0")
    cursor.execute("START TRANSACTION")
    try:
        yield
    except BaseException:
        cursor.execute("ROLLBACK")
        raise
    else:
        cursor.execute("COMMIT")
    finally:
        cursor.execute("SET SESSION foreign_key_checks = 1")


def load(cursor: Cursor, table: Table, rows: Iterable[Row]) -> int:
    """Write rows within the running transaction; returns how many. Raises RowsRefused when one was left out.

    With LOCAL the server turns refused rows into warnings, so the count is what tells.
    """
    return load_lines(cursor, table, [table.line(row) for row in rows])


def load_lines(cursor: Cursor, table: Table, lines: Sequence[str]) -> int:
    """As `load`, for rows that are text already."""
    if not lines:
        return 0
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", buffering=FILE_BYTES, prefix="forecourt-"
    ) as file:
        file.write("\n".join(lines))
        file.write("\n")
        file.flush()
        try:
            taken = cursor.execute(table.statement(Path(file.name)))
        except pymysql.MySQLError as error:
            raise RowsRefused(f"The database refused rows of {table.name}: {error.args[-1]}.") from error
    cursor.execute("SHOW WARNINGS LIMIT %s", (WARNINGS_SHOWN,))
    warnings = [str(row[2]) for row in cursor.fetchall()]
    if taken != len(lines) or warnings:
        reasons = "; ".join(warnings) or "no reason given"
        raise RowsRefused(f"The database took {taken} of {len(lines)} rows of {table.name}: {reasons}.")
    return taken

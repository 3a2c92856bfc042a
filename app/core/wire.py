"""Results straight from the wire: aiomysql's connection with a reader that takes a whole answer at once.

aiomysql awaits twice for every row and calls four functions for every value, which is most of what a list page costs.
Here a statement's answer is read in large pieces and each row in one loop. How the columns are decoded is worked out
once for each set of column descriptions. The text protocol: https://mariadb.com/kb/en/result-set-packets/
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Self

from aiomysql.connection import Connection
from pymysql.constants import COMMAND, FIELD_TYPE
from pymysql.err import InternalError, OperationalError
from pymysql.protocol import MysqlPacket

Decoder = Callable[[bytes], Any]
Description = tuple[tuple[str], ...]

CHUNK_BYTES = 1 << 18
BINARY = 63
"""The character set of columns that hold bytes."""
NULL, TWO_BYTES, THREE_BYTES, EIGHT_BYTES = 251, 252, 253, 254
OK, END, ERROR = 0x00, 0xFE, 0xFF
LONGEST_END = 9
LARGEST_PACKET = 0xFFFFFF
KEPT_DESCRIPTIONS = 512
SERVER_LOST = 2013

_WHOLE = (
    FIELD_TYPE.TINY,
    FIELD_TYPE.SHORT,
    FIELD_TYPE.INT24,
    FIELD_TYPE.LONG,
    FIELD_TYPE.LONGLONG,
    FIELD_TYPE.YEAR,
)
_NUMBERS: Mapping[int, Decoder] = {
    **dict.fromkeys(_WHOLE, int),
    FIELD_TYPE.FLOAT: float,
    FIELD_TYPE.DOUBLE: float,
    FIELD_TYPE.DECIMAL: lambda raw: Decimal(raw.decode()),
    FIELD_TYPE.NEWDECIMAL: lambda raw: Decimal(raw.decode()),
}
_MOMENTS = (FIELD_TYPE.DATE, FIELD_TYPE.TIME, FIELD_TYPE.DATETIME, FIELD_TYPE.TIMESTAMP)
_BYTES = (
    FIELD_TYPE.TINY_BLOB,
    FIELD_TYPE.MEDIUM_BLOB,
    FIELD_TYPE.LONG_BLOB,
    FIELD_TYPE.BLOB,
    FIELD_TYPE.STRING,
    FIELD_TYPE.VAR_STRING,
    FIELD_TYPE.VARCHAR,
    FIELD_TYPE.BIT,
    FIELD_TYPE.GEOMETRY,
)


class WireConnection(Connection):
    """aiomysql's connection with cursors of our own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._described: dict[bytes, tuple[Description, list[Decoder]]] = {}

    @classmethod
    async def open(cls, **options: Any) -> Self:
        """Connect and sign in, as `aiomysql.connect` does."""
        connection = cls(**options)
        await connection._connect()
        return connection

    def cursor(self, *_: Any) -> "WireCursor":  # pyright: ignore[reportIncompatibleMethodOverride]
        """A cursor that holds one answer at a time."""
        return WireCursor(self)

    async def ask(self, sql: str, parameters: Sequence[Any] | None) -> tuple[Description, list[tuple[Any, ...]]]:
        """Columns and rows of one statement; none of either when it is no SELECT."""
        statement = sql % tuple(self.escape(value) for value in parameters) if parameters else sql
        await self._execute_command(COMMAND.COM_QUERY, statement)
        assert self._reader is not None
        answer = _Answer(self._reader)
        first = await answer.packet()
        if first[0] in (OK, ERROR):
            MysqlPacket(first, self.encoding).check_error()
            return (), []
        description, decoders = self._columns([await answer.packet() for _ in range(_length(first, 0)[0] + 1)][:-1])
        rows: list[tuple[Any, ...]] = []
        while True:
            packet = await answer.packet()
            if packet[0] >= END and (packet[0] == ERROR or len(packet) < LONGEST_END):
                MysqlPacket(packet, self.encoding).check_error()
                return description, rows
            rows.append(_row(packet, decoders))

    def _columns(self, packets: list[bytes]) -> tuple[Description, list[Decoder]]:
        known = b"".join(packets)
        if known not in self._described:
            if len(self._described) >= KEPT_DESCRIPTIONS:
                self._described.clear()
            columns = [_column(packet) for packet in packets]
            decoders = [self._decoder(kind, charset) for _, kind, charset in columns]
            self._described[known] = tuple((name,) for name, _, _ in columns), decoders
        return self._described[known]

    def _decoder(self, kind: int, charset: int) -> Decoder:
        if kind in _NUMBERS:
            return _NUMBERS[kind]
        if kind in _BYTES and charset == BINARY:
            return bytes
        convert: Callable[[str], Any] | None = self.decoders.get(kind) if kind in _MOMENTS else None
        return _of_text(convert) if convert else bytes.decode


def _of_text(convert: Callable[[str], Any]) -> Decoder:
    def decode(raw: bytes) -> Any:
        return convert(raw.decode())

    return decode


class WireCursor:
    """As much of a cursor as the read pool uses."""

    def __init__(self, connection: WireConnection) -> None:
        self._connection = connection
        self._rows: list[tuple[Any, ...]] = []
        self.description: Description = ()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._rows = []

    async def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        self.description, self._rows = await self._connection.ask(sql, parameters)

    async def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows


class _Answer:
    """The packets of one answer, cut out of pieces as large as the connection has them."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._held = b""
        self._at = 0

    async def packet(self) -> bytes:
        """The next packet; what spans several is joined."""
        await self._have(4)
        length = int.from_bytes(self._held[self._at : self._at + 3], "little")
        await self._have(4 + length)
        start = self._at + 4
        self._at = start + length
        body = self._held[start : self._at]
        return body + await self.packet() if length == LARGEST_PACKET else body

    async def _have(self, size: int) -> None:
        missing = size - (len(self._held) - self._at)
        if missing <= 0:
            return
        pieces = [self._held[self._at :]]
        while missing > 0:
            piece = await self._reader.read(CHUNK_BYTES)
            if not piece:
                raise OperationalError(SERVER_LOST, "Lost connection to MySQL server during query")
            pieces.append(piece)
            missing -= len(piece)
        self._held, self._at = b"".join(pieces), 0


def _row(packet: bytes, decoders: Sequence[Decoder]) -> tuple[Any, ...]:
    values: list[Any] = []
    at = 0
    for decode in decoders:
        length = packet[at]
        at += 1
        if length >= NULL:
            if length == NULL:
                values.append(None)
                continue
            length, at = _length(packet, at - 1)
        end = at + length
        values.append(decode(packet[at:end]))
        at = end
    return tuple(values)


def _length(packet: bytes, at: int) -> tuple[int, int]:
    """A length-encoded number and where what follows begins."""
    first = packet[at]
    if first < NULL:
        return first, at + 1
    size = {TWO_BYTES: 2, THREE_BYTES: 3, EIGHT_BYTES: 8}.get(first)
    if size is None:
        raise InternalError(f"{first} begins no length")
    return int.from_bytes(packet[at + 1 : at + 1 + size], "little"), at + 1 + size


def _column(packet: bytes) -> tuple[str, int, int]:
    """Name, type and character set of a column description."""
    at, name = 0, b""
    for place in range(6):  # catalogue, schema, table, its own name, name, own name of the column
        length, at = _length(packet, at)
        if place == 4:
            name = packet[at : at + length]
        at += length
    charset = int.from_bytes(packet[at + 1 : at + 3], "little")
    return name.decode(), packet[at + 7], charset

"""Results straight from the wire: aiomysql's connection with a reader that takes a whole answer at once.

aiomysql awaits twice for every row and calls four functions for every value, which is most of what a list page costs.
Here an answer is read in large pieces and its rows are taken out of them without awaiting. How a row is decoded is
written out as one function for each set of column descriptions and kept. The text protocol:
https://mariadb.com/kb/en/result-set-packets/
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Self

from aiomysql.connection import Connection
from pymysql.constants import COMMAND, CR, FIELD_TYPE
from pymysql.err import OperationalError
from pymysql.protocol import EOFPacketWrapper, MysqlPacket, OKPacketWrapper

Decoder = Callable[[bytes], Any]
RowReader = Callable[[bytes, int], tuple[Any, ...]]
"""From bytes and where a row begins in them to its values."""
Description = tuple[tuple[str, int, None, None, None, None, None], ...]
"""Name and type of each column, as the DB-API has them."""

CHUNK_BYTES = 1 << 18
BINARY = 63
"""The character set of columns that hold bytes."""
NULL, TWO_BYTES, THREE_BYTES, EIGHT_BYTES = 251, 252, 253, 254
OK, END, ERROR = 0x00, 0xFE, 0xFF
LONGEST_END = 9
LARGEST_PACKET = 0xFFFFFF
KEPT_DESCRIPTIONS = 512

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


class Answer(NamedTuple):
    """Columns and rows of one statement, none of either when it is no SELECT, and how it ended."""

    description: Description
    rows: list[tuple[Any, ...]]
    end: Any
    """The packet of the end: `OKPacketWrapper`, or after rows `EOFPacketWrapper`."""


class Answering(Connection):
    """aiomysql's connection that reads an answer as a whole."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._described: dict[bytes, tuple[Description, RowReader]] = {}

    @classmethod
    async def open(cls, **options: Any) -> Self:
        """Connect and sign in, as `aiomysql.connect` does."""
        connection = cls(**options)
        await connection._connect()
        return connection

    async def _connect(self) -> None:
        try:
            await super()._connect()
        except RuntimeError as error:
            raise OperationalError(CR.CR_CONN_HOST_ERROR, f"The server hung up on a connect: {error}") from error

    def _write_bytes(self, data: bytes) -> None:
        """Raises OperationalError when the line was reset meanwhile, which uvloop tells as a RuntimeError."""
        try:
            super()._write_bytes(data)
        except (RuntimeError, OSError) as error:
            self.close()
            raise OperationalError(CR.CR_SERVER_LOST, f"The connection was lost: {error}") from error

    async def ensure_closed(self) -> None:
        """Say goodbye and close, unless the server has gone before."""
        try:
            await super().ensure_closed()
        except (RuntimeError, OSError):
            self.close()

    async def read_answer(self) -> "Answer":
        """What the server says to the command that was sent last. Raises what it says is wrong."""
        pieces = _Pieces(self._read_piece)
        first = await pieces.packet()
        if first[0] in (OK, ERROR):
            packet = MysqlPacket(first, self.encoding)
            packet.check_error()
            return Answer((), [], OKPacketWrapper(packet))
        description, read = self._columns(await pieces.columns(_length(first, 0)[0]))
        rows: list[tuple[Any, ...]] = []
        while True:
            pieces.take_rows(read, rows)
            body = await pieces.packet()
            if body[0] >= END and (body[0] == ERROR or len(body) < LONGEST_END):
                packet = MysqlPacket(body, self.encoding)
                packet.check_error()
                return Answer(description, rows, EOFPacketWrapper(packet))
            rows.append(read(body, 0))

    async def _read_piece(self) -> bytes:
        """As much as is here, at least a byte; nothing once the server is gone."""
        assert self._reader is not None
        return await self._reader.read(CHUNK_BYTES)

    def _columns(self, packets: bytes) -> tuple[Description, RowReader]:
        """Names and reader of the columns that these packets describe."""
        if packets not in self._described:
            if len(self._described) >= KEPT_DESCRIPTIONS:
                self._described.clear()
            columns = [_column(packet) for packet in _cut(packets)]
            reader = _reader([self._decoding(kind, charset) for _, kind, charset in columns])
            described = tuple((name, kind, None, None, None, None, None) for name, kind, _ in columns)
            self._described[packets] = described, reader
        return self._described[packets]

    def _decoding(self, kind: int, charset: int) -> tuple[str, Callable[..., Any]]:
        """How a value becomes what it is: an expression of `raw`, its bytes, and the function that it calls."""
        if kind in _NUMBERS:
            return "call(raw)", _NUMBERS[kind]
        if kind in _BYTES and charset == BINARY:
            return "raw", bytes
        convert: Callable[[str], Any] | None = self.decoders.get(kind) if kind in _MOMENTS else None
        return ("call(raw.decode())", convert) if convert else ("raw.decode()", bytes)


class WireConnection(Answering):
    """A connection with cursors of our own."""

    def cursor(self, *_: Any) -> "WireCursor":  # pyright: ignore[reportIncompatibleMethodOverride]
        """A cursor that holds one answer at a time."""
        return WireCursor(self)

    async def ask(self, sql: str, parameters: Sequence[Any] | None) -> tuple[Description, list[tuple[Any, ...]]]:
        """Columns and rows of one statement; none of either when it is no SELECT."""
        statement = sql % tuple(self.escape(value) for value in parameters) if parameters else sql
        await self._execute_command(COMMAND.COM_QUERY, statement)
        answer = await self.read_answer()
        return answer.description, answer.rows


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


class _Pieces:
    """The packets of one answer, cut out of pieces as large as the connection has them."""

    def __init__(self, read: Callable[[], Awaitable[bytes]]) -> None:
        self._read = read
        self._held = b""
        self._at = 0

    async def packet(self) -> bytes:
        """The next packet; what spans several is joined."""
        await self._have(4)
        length = _packet_length(self._held, self._at)
        await self._have(4 + length)
        start = self._at + 4
        self._at = start + length
        body = self._held[start : self._at]
        return body + await self.packet() if length == LARGEST_PACKET else body

    async def columns(self, count: int) -> bytes:
        """The packets that describe so many columns; the one that ends them is passed over."""
        size, missing = 0, count
        while missing:
            await self._have(size + 4)
            held, at, end = self._held, self._at + size, len(self._held)
            while missing and end - at >= 4:
                at += 4 + (held[at] | held[at + 1] << 8 | held[at + 2] << 16)
                missing -= 1
            size = at - self._at
        await self._have(size)
        start, self._at = self._at, self._at + size
        described = self._held[start : self._at]
        await self.packet()
        return described

    def take_rows(self, read: RowReader, rows: list[tuple[Any, ...]]) -> None:
        """Append the rows that are here as a whole, up to the first packet that may be something else."""
        held, at, size = self._held, self._at, len(self._held)
        while size - at > 4:
            start = at + 4
            stop = start + (held[at] | held[at + 1] << 8 | held[at + 2] << 16)
            if stop > size or held[start] >= END or stop - start == LARGEST_PACKET:
                break
            rows.append(read(held, start))
            at = stop
        self._at = at

    async def _have(self, size: int) -> None:
        missing = size - (len(self._held) - self._at)
        if missing <= 0:
            return
        pieces = [self._held[self._at :]]
        while missing > 0:
            piece = await self._read()
            if not piece:
                raise OperationalError(CR.CR_SERVER_LOST, "Lost connection to MySQL server during query")
            pieces.append(piece)
            missing -= len(piece)
        self._held, self._at = b"".join(pieces), 0


_COLUMN = """
    size = held[at]
    at += 1
    if size < {null}:
        end = at + size
        v{place} = {short}
        at = end
    elif size == {null}:
        v{place} = None
    else:
        raw, at = long(held, at - 1)
        v{place} = {long}
"""


def _reader(decodings: Sequence[tuple[str, Callable[..., Any]]]) -> RowReader:
    """A function that reads rows of these columns, each column written out: a loop over them takes twice the time."""
    names: dict[str, Any] = {"long": _long}
    source = "def read(held, at):"
    for place, (expression, call) in enumerate(decodings):
        names[f"call{place}"] = call
        value = expression.replace("call", f"call{place}")
        source += _COLUMN.format(null=NULL, place=place, short=value.replace("raw", "held[at:end]"), long=value)
    source += f"    return ({''.join(f'v{place}, ' for place in range(len(decodings)))})"
    exec(source, names)  # noqa: S102 - the text is our own  # nosec B102
    return names["read"]


def _long(held: bytes, at: int) -> tuple[bytes, int]:
    """A value whose length takes several bytes, and where the next one begins."""
    length, start = _length(held, at)
    return held[start : start + length], start + length


def _cut(packets: bytes) -> Iterator[bytes]:
    """The bodies of packets that follow each other."""
    at = 0
    while at < len(packets):
        start, at = at + 4, at + 4 + _packet_length(packets, at)
        yield packets[start:at]


def _packet_length(held: bytes, at: int) -> int:
    return int.from_bytes(held[at : at + 3], "little")


def _length(packet: bytes, at: int) -> tuple[int, int]:
    """A length-encoded number and where what follows begins."""
    first = packet[at]
    if first < NULL:
        return first, at + 1
    size = {TWO_BYTES: 2, THREE_BYTES: 3, EIGHT_BYTES: 8}.get(first)
    if size is None:
        raise ValueError(f"{first} begins no length")
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

"""A line to MariaDB that knows its protocol well enough to lose a connection exactly at a COMMIT."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import urlsplit

CHUNK = 65_536
HEADER = 4
FIRST_OF_A_COMMAND, COM_QUERY = 0, 3
WRITES = (b"INSERT", b"UPDATE", b"DELETE")

Moment = Literal["before", "after"]


class CommitLine:
    """Passes packets on; the next commit of something written is lost before it arrives, or after it was done."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.port = 0
        self.lost = 0
        self._moments: list[Moment] = []

    def lose_next(self, *moments: Moment) -> None:
        """Lose the next commits at these moments, one each."""
        self._moments = list(moments)

    async def serve(self, near_reader: asyncio.StreamReader, near_writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        both = (near_writer, far_writer)
        is_lost = asyncio.Event()
        tasks = {
            asyncio.create_task(self._pass_commands(near_reader, both, is_lost)),
            asyncio.create_task(self._pass_answers(far_reader, both, is_lost)),
        }
        _, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        for writer in both:
            writer.transport.abort()

    async def _pass_commands(
        self,
        reader: asyncio.StreamReader,
        both: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        is_lost: asyncio.Event,
    ) -> None:
        _, far_writer = both
        has_written = False
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                header = await reader.readexactly(HEADER)
                payload = await reader.readexactly(int.from_bytes(header[:3], "little"))
                is_query = header[3] == FIRST_OF_A_COMMAND and payload[:1] == bytes([COM_QUERY])
                statement = payload[1:].lstrip().upper() if is_query else b""
                has_written = has_written or statement.startswith(WRITES)
                if has_written and statement == b"COMMIT":
                    has_written = False
                    if self._moments:
                        self.lost += 1
                        if self._moments.pop(0) == "before":
                            return
                        is_lost.set()
                far_writer.write(header + payload)
                await far_writer.drain()

    async def _pass_answers(
        self,
        reader: asyncio.StreamReader,
        both: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
        is_lost: asyncio.Event,
    ) -> None:
        near_writer, _ = both
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if is_lost.is_set():
                    return
                near_writer.write(chunk)
                await near_writer.drain()


@asynccontextmanager
async def commit_line(server_url: str) -> AsyncIterator[CommitLine]:
    """A line to the server of this address."""
    parts = urlsplit(server_url)
    line = CommitLine(parts.hostname or "127.0.0.1", parts.port or 3306)
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()


def through(url: str, port: int) -> str:
    """The same address by another port."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()

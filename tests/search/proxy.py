"""A TCP proxy before the real node that can stop answering."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 65_536


class Proxy:
    """Passes bytes while `passing` is set; otherwise takes connections and requests and answers nothing.

    Each answer comes `delay_seconds` late.
    """

    def __init__(self, target: str):
        parts = urlsplit(target)
        self._target = (parts.hostname, parts.port)
        self.passing = asyncio.Event()
        self.passing.set()
        self.delay_seconds = 0.0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer, is_answer=True))
        finally:
            far_writer.close()
            writer.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool = False
    ) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK):
                await self.passing.wait()
                await asyncio.sleep(self.delay_seconds if is_answer else 0)
                writer.write(chunk)
                await writer.drain()
            writer.close()


@asynccontextmanager
async def proxy_for(target: str) -> AsyncIterator[Proxy]:
    proxy = Proxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        proxy.passing.set()
        server.close()
        await server.wait_closed()

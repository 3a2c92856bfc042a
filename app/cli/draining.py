"""Stopping without losing a request: the door is closed first, then everybody inside is served.

A server that closes its listening socket resets the connections that the system has already accepted for it, and one
that closes kept connections can cross a request on its way. So a worker that shall stop first turns new connections
away, by a filter on its listening socket that drops their first packet: the client sends it again a second later, is
refused, and goes elsewhere. What waited in the queue is taken in meanwhile, and every answer says that its connection
is not kept.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Final

import structlog
from granian.server import Server
from litestar.datastructures import MutableScopeHeaders
from litestar.types import ASGIApp, Message, Receive, Scope, Send

DOOR_SECONDS: Final = 0.5
"""How long a worker takes in what has already arrived; its loop only has to accept it."""
CLOSE_DOOR: Final = signal.SIGUSR1
SO_ATTACH_FILTER: Final = 26
DROP_FIRST_PACKETS: Final = b"".join(
    struct.pack("HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the flags of the TCP header
        (0x45, 0, 1, 0x02),  # SYN?
        (0x06, 0, 0, 0),  # drop
        (0x06, 0, 0, 0xFFFFFFFF),  # keep
    )
)

logger = structlog.get_logger()


class DrainingServer(Server):  # pyright: ignore[reportGeneralTypeIssues, reportUntypedBaseClass]
    """Tells its workers to close the door before it asks them to end."""

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            if worker.is_alive():
                os.kill(worker._id(), CLOSE_DOOR)  # noqa: SLF001
        time.sleep(DOOR_SECONDS)
        super()._stop_workers()


class Draining:
    """Around the application of one worker: hears that the door shall be closed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.is_leaving = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # pyright: ignore[reportUnnecessaryComparison] - servers send more kinds than the type knows
            asyncio.get_running_loop().add_signal_handler(CLOSE_DOOR, self.close_door)
        await self.app(scope, receive, self._last(send) if self.is_leaving else send)

    def close_door(self) -> None:
        self.is_leaving = True
        closed = close_listening_sockets()
        logger.info("web.leaving", sockets=closed)

    def _last(self, send: Send) -> Send:
        async def send_last(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableScopeHeaders.from_message(message)["Connection"] = "close"
            await send(message)

        return send_last


def close_listening_sockets() -> int:
    """Have the system drop the first packet of every new connection to this process; returns to how many sockets."""
    if sys.platform != "linux":
        return 0
    program = ctypes.create_string_buffer(DROP_FIRST_PACKETS)
    filtered = struct.pack("HP", len(DROP_FIRST_PACKETS) // 8, ctypes.addressof(program))
    closed = 0
    for held_file in Path("/proc/self/fd").iterdir():
        try:
            with socket.socket(fileno=os.dup(int(held_file.name))) as held:
                if held.family in (socket.AF_INET, socket.AF_INET6) and held.getsockopt(
                    socket.SOL_SOCKET, socket.SO_ACCEPTCONN
                ):
                    held.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filtered)
                    closed += 1
        except OSError:
            continue
    return closed

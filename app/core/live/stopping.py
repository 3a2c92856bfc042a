"""Streams end as soon as the server is asked to stop: it waits for open answers, and a stream would never be done."""

import asyncio
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from app.core.live.hub import Hub

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def ending_streams(hub: Hub) -> Generator[None]:
    """Close the hub at the first signal to stop, then do what the server does with it.

    The lifespan's own end comes too late: servers begin it once all answers are given.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def stop(number: int, frame: FrameType | None) -> Any:
        loop.call_soon_threadsafe(hub.close)
        handler = before[signal.Signals(number)]
        if callable(handler):
            return handler(number, frame)
        return None

    for number, handler in before.items():
        if callable(handler):
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is stop:
                signal.signal(number, handler)

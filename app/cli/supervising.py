"""Keeps the processes of one `forecourt run` alive: its servers, the web server and the worker."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.cli.processes import ProcessIdentity, size_of, start_process

if TYPE_CHECKING:
    from app.cli.servers.mariadb import PrivateMariaDB
    from app.cli.servers.opensearch import PrivateOpenSearch

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 60.0
"""A child that lived this long starts over with the first pause."""
STOP_SECONDS: Final = 15
TURN_SECONDS: Final = 0.2


class Supervised(ABC):
    """A process that is started again when it ends, each time after a longer pause."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._started_at = time.monotonic()
        self._start_again_at = 0.0
        self._pause = FIRST_PAUSE_SECONDS

    @property
    @abstractmethod
    def identity(self) -> ProcessIdentity | None:
        """Which process it is now."""

    @abstractmethod
    def ending(self) -> str | None:
        """How it ended; None while it runs."""

    @abstractmethod
    def _spawn(self) -> None: ...

    def start(self) -> None:
        self._spawn()
        self._started_at = time.monotonic()
        self._start_again_at = 0.0

    def look_after(self) -> str | None:
        """Start it again when it has ended and its pause is over; returns a sentence when it has just ended."""
        ending, now = self.ending(), time.monotonic()
        if ending is None:
            return None
        if self._start_again_at == 0.0:
            self._clear()
            if now - self._started_at > STEADY_SECONDS:
                self._pause = FIRST_PAUSE_SECONDS
            pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE_SECONDS)
            self._start_again_at = now + pause
            return f"The {self.name} process ended{ending} and starts again in {pause:.0f} s; see {self.log}."
        if now >= self._start_again_at:
            self.start()
        return None

    def _clear(self) -> None:  # noqa: B027 - not everything leaves something behind
        """Remove what it left behind."""


class ServerChild(Supervised):
    """A private server, which comes back at the same address; its starter stops it."""

    def __init__(self, name: str, server: PrivateMariaDB | PrivateOpenSearch, log: Path) -> None:
        super().__init__(name, log)
        self._server = server

    @property
    def identity(self) -> ProcessIdentity | None:
        return self._server.identity

    def ending(self) -> str | None:
        return None if self.identity is not None and self.identity.is_running else ""

    def _spawn(self) -> None:
        self._server.start_again()


class Child(Supervised):
    """One child process of ours."""

    def __init__(self, name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> None:
        super().__init__(name, log)
        self.log_start = 0
        self._command = command
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._identity: ProcessIdentity | None = None

    @property
    def identity(self) -> ProcessIdentity | None:
        return self._identity

    @property
    def exit_code(self) -> int | None:
        return self._process.poll() if self._process is not None else None

    def ending(self) -> str | None:
        return None if self.exit_code is None else f" with {self.exit_code}"

    def _spawn(self) -> None:
        self.log_start = size_of(self.log)
        self._process = start_process(self._command, log=self.log, environment=self._environment)
        self._identity = ProcessIdentity.of(self._process.pid)

    def _clear(self) -> None:
        self._end_group()

    def _end_group(self) -> None:
        """End what a killed child left of its process group: its workers would keep answering on its port."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and end it by force after 15 s together with its own children."""
        if self.identity is not None:
            self.identity.stop(seconds=STOP_SECONDS, group=True)
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
        self._end_group()


def supervise(children: Sequence[Supervised], *, changed: Callable[[], None], tell: Callable[[str], None]) -> None:
    """Look after the children until a signal interrupts; `changed` is called when one has a new process."""
    while True:
        for child in children:
            before = child.identity
            if sentence := child.look_after():
                tell(sentence)
            if child.identity != before:
                changed()
        time.sleep(TURN_SECONDS)

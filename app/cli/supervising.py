"""Keeps the web server and the worker of one `forecourt run` alive, and stops them in order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from app.cli.processes import ProcessIdentity, size_of, start_process

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 60.0
"""A child that lived this long starts over with the first pause."""
STOP_SECONDS: Final = 15
TURN_SECONDS: Final = 0.2


class Child:
    """One child process that is started again when it ends, each time after a longer pause."""

    def __init__(self, name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        self.log_start = 0
        self._command = command
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at = 0.0
        self._pause = FIRST_PAUSE_SECONDS
        self.identity: ProcessIdentity | None = None

    def start(self) -> None:
        self.log_start = size_of(self.log)
        self._process = start_process(self._command, log=self.log, environment=self._environment)
        self.identity = ProcessIdentity.of(self._process.pid)
        self._started_at = time.monotonic()
        self._start_again_at = 0.0

    @property
    def exit_code(self) -> int | None:
        return self._process.poll() if self._process is not None else None

    def look_after(self) -> str | None:
        """Start the child again when it has ended and its pause is over; returns a sentence when it has just ended."""
        code, now = self.exit_code, time.monotonic()
        if code is None:
            return None
        if self._start_again_at == 0.0:
            self._end_group()
            if now - self._started_at > STEADY_SECONDS:
                self._pause = FIRST_PAUSE_SECONDS
            pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE_SECONDS)
            self._start_again_at = now + pause
            return f"The {self.name} process ended with {code} and starts again in {pause:.0f} s; see {self.log}."
        if now >= self._start_again_at:
            self.start()
        return None

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


def supervise(children: Sequence[Child], *, changed: Callable[[], None], tell: Callable[[str], None]) -> None:
    """Look after the children until a signal interrupts; `changed` is called when one has a new process."""
    while True:
        for child in children:
            before = child.identity
            if sentence := child.look_after():
                tell(sentence)
            if child.identity != before:
                changed()
        time.sleep(TURN_SECONDS)

"""Child processes that are told apart from later ones with the same number, and waits that end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

PAUSE_SECONDS: Final = 0.05
LARGEST_LOG_BYTES: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process number together with its start time, so that a reused number is not mistaken for it."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Identify a running process; None when there is none (or only its unread exit status)."""
        started = _start_time(pid)
        return cls(pid, started) if started else None

    @classmethod
    def from_json(cls, record: Mapping[str, Any] | None) -> Self | None:
        """Read back what `to_json` wrote; None when the record is not one."""
        if not record or not isinstance(record.get("pid"), int):
            return None
        return cls(record["pid"], str(record.get("started", "")))

    def to_json(self) -> dict[str, Any]:
        return {"pid": self.pid, "started": self.started}

    @property
    def is_running(self) -> bool:
        return _start_time(self.pid) == self.started

    def signal(self, number: signal.Signals, *, group: bool = False) -> None:
        """Send a signal when this very process still runs; `group` reaches its process group as well."""
        if not self.is_running:
            return
        with contextlib.suppress(ProcessLookupError):
            if group and os.getpgid(self.pid) == self.pid:
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)

    def stop(self, *, seconds: float, group: bool = False) -> bool:
        """Terminate, wait, then kill; returns whether it went by itself."""
        self.signal(signal.SIGTERM)
        if wait_until(lambda: not self.is_running, seconds=seconds):
            return True
        self.signal(signal.SIGKILL, group=group)
        wait_until(lambda: not self.is_running, seconds=5)
        return False


def _start_time(pid: int) -> str | None:
    """Return the start time of a process as its system words it, None for no process and for a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None if Path("/proc/self/stat").exists() else _start_time_from_ps(pid)
    return None if fields[0] in "ZX" else fields[19]


def _start_time_from_ps(pid: int) -> str | None:
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=10
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


def command_line(pid: int) -> list[str]:
    """Return the arguments of a process, empty when it is gone."""
    try:
        return [os.fsdecode(part) for part in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if part]
    except OSError:
        answer = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False, timeout=10
        )
        return answer.stdout.split()


def start_process(
    command: Sequence[str], *, log: Path, directory: Path | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own: a Ctrl-C at the terminal reaches only us, and we stop it in order."""
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_suffix(log.suffix + ".1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Ask until the condition holds; False when the limit passed first."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def free_ports(count: int = 1) -> list[int]:
    """Return ports of the loopback address that nobody listens on now, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in sockets:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in sockets]


def is_port_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


def telling_line(log: Path, *, containing: str = "", after: int = 0) -> str:
    """Return the first line after a byte position that contains a word, else the last one: for a one-sentence error."""
    try:
        lines = log.read_bytes()[after:].decode(errors="replace").splitlines()
    except OSError:
        return "it wrote no log"
    told = [line.strip() for line in lines if line.strip()]
    if not told:
        return "its log is empty"
    return next((line for line in told if containing and containing in line), told[-1])


def size_of(log: Path) -> int:
    """Return how much a log holds already, so that an error is looked for in what follows."""
    return log.stat().st_size if log.exists() else 0

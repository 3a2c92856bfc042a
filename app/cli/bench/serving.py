"""Servers under measurement: each on the application's core, stopped at the end whatever happens."""

from __future__ import annotations

import contextlib
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.cli.bench import cores
from app.cli.bench.load import Asked, Load, Round, ask
from app.cli.bench.processes import cpu_seconds
from app.cli.failures import CommandFailed
from app.cli.options import environment_of
from app.cli.processes import ProcessIdentity, free_ports, start_process, telling_line
from app.cli.web import BACKLOG
from app.settings import ROOT, Settings

READY_SECONDS: Final = 60
STOP_SECONDS: Final = 15
PAUSE_SECONDS: Final = 0.005
PEERS: Final = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers: its address, its process, and the time from its start to the first answer."""

    url: str
    pid: int
    seconds: float


async def measured(server: Served, asked: Sequence[Asked], load: Load) -> Round:
    """One round with the server's own processor time."""
    before = cpu_seconds(server.pid)
    found = await ask(asked, load)
    return replace(found, cpu_seconds=cpu_seconds(server.pid) - before)


@contextlib.contextmanager
def served(
    command: Sequence[str], url: str, ready: str, *, log: Path, environment: Mapping[str, str]
) -> Generator[Served]:
    """Run a server on the application's core until the block ends; it is up when `ready` answers 200."""
    own = ",".join(str(core) for core in cores()[0])
    begun = time.perf_counter()
    process = start_process(["taskset", "-c", own, *command], log=log, directory=ROOT, environment=environment)
    identity = ProcessIdentity.of(process.pid)
    try:
        while not _answers(url + ready):
            if process.poll() is not None or time.perf_counter() - begun > READY_SECONDS:
                raise CommandFailed(f"{' '.join(command[:4])} did not start: {telling_line(log)} (see {log})")
            time.sleep(PAUSE_SECONDS)
        yield Served(url, process.pid, time.perf_counter() - begun)
    finally:
        if identity is not None:
            identity.stop(seconds=STOP_SECONDS, group=True)
        process.wait()


@contextlib.contextmanager
def forecourt(settings: Settings, *, app: str = "", log: str = "web") -> Generator[Served]:
    """Forecourt's own web server with one worker; `app` names another factory than the real one."""
    port = free_ports()[0]
    url = f"http://127.0.0.1:{port}"
    settings = settings.model_copy(update={"base_url": url})
    command = [sys.executable, "-m", "app.cli", "web", "--port", str(port)]
    if app:
        command = [*granian(app, port), "--factory", "--backlog", str(BACKLOG)]
    path = settings.data_dir / "logs" / f"bench-{log}.log"
    with served(command, url, "/health/live", log=path, environment=_as_installed(settings)) as server:
        yield server


def _as_installed(settings: Settings) -> dict[str, str]:
    """The settings, and bytecode that is kept from start to start, as an installation has it."""
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(settings.data_dir / "bench" / "bytecode")}
    return environment_of(settings) | kept


@contextlib.contextmanager
def peer(command: Sequence[str], port: int, settings: Settings, name: str, **extra: str) -> Generator[Served]:
    """Another server over the same database; what it needs to know comes in its environment."""
    url = f"http://127.0.0.1:{port}"
    log = settings.data_dir / "logs" / f"bench-{name}.log"
    environment = {**environment_of(settings), "PYTHONPATH": str(PEERS), **extra}
    with served(command, url, extra.get("READY", "/"), log=log, environment=environment) as server:
        yield server


def granian(app: str, port: int, python: str = sys.executable) -> list[str]:
    """The command that serves an ASGI application as `forecourt web` serves ours."""
    options = ["--interface", "asgi", "--loop", "uvloop", "--workers", "1", "--no-ws", "--log-level", "warning"]
    return [python, "-m", "granian", app, "--port", str(port), *options]


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=READY_SECONDS) as answer:  # noqa: S310 - our own address  # nosec B310
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False

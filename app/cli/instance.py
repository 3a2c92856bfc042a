"""What runs over one data directory: `instance.json`, the lock beside it, and the servers of a command."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import typer

from app.cli import tools
from app.cli.failures import CommandFailed
from app.cli.migrating import migrate
from app.cli.processes import ProcessIdentity
from app.cli.servers.mariadb import PrivateMariaDB
from app.cli.servers.opensearch import PrivateOpenSearch
from app.settings import Settings

RECORD: Final = "instance.json"
LOCK: Final = "instance.lock"
RUN: Final = "run"
TURN_SECONDS: Final = 600
STOP_CHILD_SECONDS: Final = 15


class DirectoryInUse(CommandFailed):
    """Another command holds this data directory."""


def read_record(data_dir: Path) -> dict[str, Any]:
    """Return what `instance.json` says, empty when nothing runs or it cannot be read."""
    try:
        record = json.loads((data_dir / RECORD).read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write_record(data_dir: Path, record: dict[str, Any]) -> None:
    """Replace `instance.json` in one step; it holds a password, so only its owner may read it."""
    descriptor, name = tempfile.mkstemp(dir=data_dir, prefix=f".{RECORD}.")
    try:
        with os.fdopen(descriptor, "w") as output:
            json.dump(record, output, indent=2)
            output.write("\n")
        Path(name).replace(data_dir / RECORD)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove_record(data_dir: Path) -> None:
    (data_dir / RECORD).unlink(missing_ok=True)


@contextlib.contextmanager
def hold(data_dir: Path) -> Generator[None]:
    """Hold a data directory alone; the system lets go of it when the process ends, however it ends."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data_dir / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryInUse(_who_holds(data_dir)) from None
        yield


def _who_holds(data_dir: Path) -> str:
    record = read_record(data_dir)
    address = f" at {record['base_url']}" if record.get("base_url") else ""
    command = record.get("command", "a starting command")
    return f"{data_dir} is in use by `forecourt {command}` (process {record.get('pid', 'unknown')}){address}."


@dataclass
class Servers:
    """The servers that one command uses: their settings, what is missing, and what the command itself started."""

    settings: Settings
    mariadb: PrivateMariaDB | None = None
    opensearch: PrivateOpenSearch | None = None
    degraded: list[str] = field(default_factory=list[str])

    def to_record(self, command: str) -> dict[str, Any]:
        own = ProcessIdentity.of(os.getpid())
        record: dict[str, Any] = {"command": command, **(own.to_json() if own else {"pid": os.getpid()})}
        record["database_url"] = self.settings.database_url
        record["opensearch_url"] = self.settings.opensearch_url
        for name, server in (("mariadb", self.mariadb), ("opensearch", self.opensearch)):
            if server is not None and server.identity is not None:
                record[name] = {**server.identity.to_json(), "port": server.port, "url": server.url}
        return record

    def wait_for_search(self) -> None:
        """Wait for the private node; in development a node that does not come up only limits search."""
        if self.opensearch is None:
            return
        try:
            self.opensearch.wait()
        except CommandFailed as failure:
            if self.settings.environment == "test":
                raise
            self._without_search(str(failure))

    def _without_search(self, reason: str) -> None:
        if self.opensearch is not None:
            self.opensearch.stop()
        self.opensearch = None
        self.settings = self.settings.model_copy(update={"opensearch_url": None})
        self.degraded.append(f"Search is limited to references, names and plates. {reason}")

    def start(self, *, search: bool) -> None:
        """Spawn what the settings do not name, the slower node first; returns when MariaDB answers."""
        earlier = read_record(self.settings.data_dir)
        stop_children(earlier)
        if search and not self.settings.opensearch_url:
            self._start_search(earlier)
        if self.settings.database_url:
            return
        tools.require(tools.MARIADB)
        self.mariadb = PrivateMariaDB(self.settings.data_dir / "mariadb", for_tests=self.settings.environment == "test")
        if not _adopted(self.mariadb, earlier.get("mariadb")):
            self.mariadb.start()
            self.mariadb.wait()
        self.settings = self.settings.model_copy(update={"database_url": self.mariadb.url})

    def _start_search(self, earlier: dict[str, Any]) -> None:
        if problem := tools.problem_with(tools.JAVA) or tools.problem_with(tools.MAVEN):
            self._without_search(problem)
            return
        node = PrivateOpenSearch(self.settings.data_dir / "opensearch", for_tests=self.settings.environment == "test")
        self.opensearch = node
        try:
            if not _adopted(node, earlier.get("opensearch")):
                node.start()
        except CommandFailed as failure:
            if self.settings.environment == "test":
                raise
            self._without_search(str(failure))
        else:
            self.settings = self.settings.model_copy(update={"opensearch_url": node.url})

    def stop(self) -> None:
        """Stop what was started here, the database last."""
        try:
            if self.opensearch is not None:
                self.opensearch.stop()
        finally:
            if self.mariadb is not None:
                self.mariadb.stop()


def _adopted(server: PrivateMariaDB | PrivateOpenSearch, earlier: dict[str, Any] | None) -> bool:
    identity = ProcessIdentity.from_json(earlier)
    return identity is not None and earlier is not None and server.adopt(identity, str(earlier.get("url", "")))


def stop_children(record: dict[str, Any]) -> None:
    """Stop the web server and the worker that a killed run left behind, so that their port is free again."""
    for name in ("sandbox", "worker", "web"):
        identity = ProcessIdentity.from_json(record.get(name))
        if identity is not None:
            identity.stop(seconds=STOP_CHILD_SECONDS, group=True)


@contextlib.contextmanager
def started_servers(settings: Settings, *, search: bool = True) -> Generator[Servers]:
    """Start what the settings do not name and stop it at the end, whatever happens; the caller holds the directory."""
    servers = Servers(settings)
    try:
        servers.start(search=search)
        yield servers
    finally:
        servers.stop()


@contextlib.contextmanager
def servers_for(settings: Settings, *, command: str = "command", search: bool = True) -> Generator[Settings]:
    """Give a command its servers: those of a running `forecourt run`, or ones started and stopped for it.

    `DATABASE_URL` and `OPENSEARCH_URL` stand for the server they name; a private database is migrated first.
    In qa and production nothing is ever started.
    """
    if settings.environment in {"qa", "production"} or (
        settings.database_url and (settings.opensearch_url or not search)
    ):
        yield settings
        return
    with contextlib.ExitStack() as stack:
        if not _hold_or_share(stack, settings.data_dir):
            yield _shared(settings)
            return
        servers = stack.enter_context(started_servers(settings, search=search))
        if servers.mariadb is not None:
            migrate(servers.settings.database_url)
        servers.wait_for_search()
        for sentence in servers.degraded:
            typer.echo(sentence, err=True)
        write_record(settings.data_dir, servers.to_record(command))
        stack.callback(remove_record, settings.data_dir)
        yield servers.settings


def _hold_or_share(stack: contextlib.ExitStack, data_dir: Path) -> bool:
    """Hold the directory and return True, or return False when a `run` has it; other commands are waited for."""
    limit = time.monotonic() + TURN_SECONDS
    is_told = False
    while True:
        try:
            stack.enter_context(hold(data_dir))
        except DirectoryInUse:
            record = read_record(data_dir)
            holder = ProcessIdentity.from_json(record)
            if record.get("command") == RUN and holder is not None and holder.is_running:
                return False
            if time.monotonic() > limit:
                raise
            if not is_told:
                typer.echo(f"Waiting: {_who_holds(data_dir)}", err=True)
                is_told = True
            time.sleep(0.2)
        else:
            return True


def _shared(settings: Settings) -> Settings:
    """Return the settings with the addresses that a running `forecourt run` wrote down."""
    record = read_record(settings.data_dir)
    if not settings.database_url and not record.get("database_url"):
        raise DirectoryInUse(_who_holds(settings.data_dir))
    return settings.model_copy(
        update={
            "database_url": settings.database_url or record["database_url"],
            "opensearch_url": settings.opensearch_url or record.get("opensearch_url"),
            "base_url": record.get("base_url", settings.base_url),
        }
    )

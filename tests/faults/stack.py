"""A portal that may be hurt: a MariaDB of its own that keeps what it acknowledged, and web processes over it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.cli.migrating import migrate
from app.cli.options import environment_of
from app.cli.processes import free_ports
from app.cli.servers.mariadb import PrivateMariaDB
from app.core.auth.tokens import issue_tokens
from app.core.db import Database
from app.settings import ROOT, Settings, load_settings
from tests.factories.staff import make_staff
from tests.faults.load import Load

START_SECONDS = 240
LOG_TAIL = 2_000
NOBODY = "http://127.0.0.1:9"
"""The address of a search engine that is not there, so that no process starts one of its own."""


@dataclass
class Web:
    """One web process as `forecourt web` starts it."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path
    client: httpx.AsyncClient

    async def status(self, path: str, seconds: float = 20) -> int:
        """The status of an address; 0 when nobody listens."""
        try:
            return (await self.client.get(self.address + path, timeout=seconds)).status_code
        except httpx.TransportError:
            return 0

    async def until(self, path: str, status: int, *, seconds: float = START_SECONDS) -> float:
        """Wait until an address answers so; returns the seconds that it took."""
        began = time.monotonic()
        while await self.status(path) != status:
            assert self.process.poll() is None or status == 0, self.log.read_text()[-LOG_TAIL:]
            assert time.monotonic() - began < seconds, f"{path} never answered {status}"
            await asyncio.sleep(0.05)
        return time.monotonic() - began


@dataclass
class Stack:
    """The server, its settings, and a way to start the portal's processes over it."""

    mariadb: PrivateMariaDB
    settings: Settings
    directory: Path

    @contextlib.contextmanager
    def program(self, *arguments: str, name: str, **settings: object) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        """A process of the project in a group of its own, killed at the end if it still lives."""
        log = self.directory / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=environment_of(self.settings.model_copy(update=settings)),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process, log
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @asynccontextmanager
    async def web(self) -> AsyncIterator[Web]:
        """A web process that is ready."""
        port = free_ports()[0]
        address = f"http://127.0.0.1:{port}"
        start = ("-P", "-m", "app.cli", "web", "--port", str(port))
        async with httpx.AsyncClient(headers={"connection": "close"}) as client:
            with self.program(*start, name=f"web-{port}", base_url=address) as (process, log):
                web = Web(process, address, log, client)
                await web.until("/health/ready", 200)
                yield web

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        database = await Database.open(self.settings, pool_size=2)
        try:
            yield database
        finally:
            await database.close()

    async def token(self) -> str:
        async with self.database() as database, database.unit() as session:
            staff = await make_staff(session, roles=["fleet_clerk"])
            return (await issue_tokens(session, staff.id)).access_token

    async def load(self, web: Web, *, keeps_connections: bool = True) -> Load:
        return Load(web.address, await self.token(), keeps_connections=keeps_connections)


@contextlib.contextmanager
def running_stack(directory: Path) -> Iterator[Stack]:
    """Start the server and migrate its database; all of it is gone afterwards."""
    server = PrivateMariaDB(directory / "mariadb")
    try:
        server.start()
        server.wait()
        migrate(server.url)
        secret = os.urandom(32).hex()
        settings = load_settings(
            environment="test",
            database_url=server.url,
            opensearch_url=NOBODY,
            data_dir=directory / "data",
            secret_key=secret,
        )
        yield Stack(server, settings, directory)
    finally:
        server.stop()

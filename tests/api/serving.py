"""The API behind a real server, for clients that are no part of this process."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from app.cli.options import environment_of
from app.settings import ROOT, Settings
from tests.api.committing import Live

START_SECONDS = 60


@dataclass(frozen=True)
class Served:
    """Where the server listens, and the access token of somebody who may do everything."""

    address: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


@pytest.fixture(scope="session")
async def served(live: Live, live_settings: Settings) -> AsyncIterator[Served]:
    """A web process on a free port over the database of `live`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    settings = live_settings.model_copy(update={"base_url": address})
    program = f"from app.cli.web import serve; serve('127.0.0.1', {port}, 1)"
    process = _start(program, {**os.environ, **environment_of(settings)})
    try:
        await asyncio.to_thread(_wait, process, address)
        token = await live.token("admin", "fleet_manager", "credit_manager", "engineer", "auditor")
        yield Served(address, token)
    finally:
        process.terminate()
        process.wait(20)


def _start(program: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", program]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/health/live").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the web process did not start (it ended with {process.poll()})")

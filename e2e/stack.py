"""The portal as `forecourt run` starts it, over servers of the test run and with the demo's records."""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from app.cli.assets import ensure_assets
from app.cli.demo_accounts import DEMO_ACCOUNTS
from app.cli.migrating import migrate
from app.cli.options import command_settings, environment_of
from app.cli.processes import free_ports, wait_until
from app.cli.run import wait_for_readiness
from app.cli.seeding import ensure_demo
from app.cli.supervising import Child
from app.cli.test import test_servers as private_servers
from app.settings import Settings
from e2e.line import SearchLine
from tests.plugins.servers import create_database, on_database, run_statements

PASSWORD = "a long password of the demo"
INDEX_SECONDS = 90
REQUEST_SECONDS = 20


@dataclass(slots=True)
class Stack:
    """A running portal: where it answers, and the line to its search engine."""

    address: str
    settings: Settings
    search_line: SearchLine
    logs: Path

    @contextlib.contextmanager
    def api(self, email: str = "admin@demo.test") -> Iterator[httpx.Client]:
        """A client of the JSON API, signed in; what a test needs to be there is made through it."""
        with httpx.Client(base_url=f"{self.address}/api/v1/", timeout=REQUEST_SECONDS) as client:
            pair = client.post("auth/tokens", json={"email": email, "password": PASSWORD}).raise_for_status().json()
            client.headers["authorization"] = f"Bearer {pair['access_token']}"
            yield client


@contextlib.contextmanager
def running_stack(directory: Path) -> Iterator[Stack]:
    """Start everything, wait until the demo's records are found by text, and stop it all at the end."""
    ensure_assets()
    with _servers() as (database_url, opensearch_url), _line_to(opensearch_url) as line:
        port, sandbox_port = free_ports(2)
        address = f"http://127.0.0.1:{port}"
        settings = command_settings(
            directory,
            environment="development",
            base_url=address,
            database_url=database_url,
            opensearch_url=line.url,
            search_namespace=f"e2e{secrets.token_hex(4)}",
            demo=True,
            demo_password=SecretStr(PASSWORD),
            sandbox_url=f"http://127.0.0.1:{sandbox_port}",
        )
        migrate(settings.database_url)
        ensure_demo(settings)
        web, worker = _child("web", settings, "--port", str(port)), _child("worker", settings)
        sandbox = _child("sandbox", settings, "--port", str(sandbox_port))
        try:
            sandbox.start()
            web.start()
            worker.start()
            wait_for_readiness(web, address)
            stack = Stack(address, settings, line, directory / "logs")
            _wait_for_indices(stack)
            yield stack
        finally:
            worker.stop()
            web.stop()
            sandbox.stop()


def _child(name: str, settings: Settings, *arguments: str) -> Child:
    command = [sys.executable, "-P", "-m", "app.cli", name, *arguments]
    return Child(name, command, log=settings.data_dir / "logs" / f"{name}.log", environment=environment_of(settings))


@contextlib.contextmanager
def _servers() -> Iterator[tuple[str, str]]:
    """A database of our own on the servers of `forecourt test`, or on private ones."""
    given = os.environ.get("FORECOURT_TEST_DATABASE_URL"), os.environ.get("FORECOURT_TEST_OPENSEARCH_URL")
    with contextlib.ExitStack() as stack:
        if all(given):
            server_url, opensearch_url = given
        else:
            settings = stack.enter_context(private_servers()).settings
            server_url, opensearch_url = settings.database_url, settings.opensearch_url
        assert server_url
        assert opensearch_url
        name = f"forecourt_e2e_{os.getpid()}"
        create_database(server_url, name)
        stack.callback(run_statements, server_url, f"DROP DATABASE IF EXISTS `{name}`")
        yield on_database(server_url, name), opensearch_url


@contextlib.contextmanager
def _line_to(opensearch_url: str) -> Iterator[SearchLine]:
    assert urlsplit(opensearch_url).port
    line = SearchLine(opensearch_url)
    line.start()
    try:
        yield line
    finally:
        line.stop()


def _wait_for_indices(stack: Stack) -> None:
    """The worker builds the indices of what the demo loaded; a kind is there when a word of it is found."""
    with stack.api() as api:

        def is_found(path: str, word: str) -> bool:
            return bool(api.get(path, params={"q": word, "limit": 1}).raise_for_status().json()["items"])

        def is_indexed() -> bool:
            return (
                is_found("search?kind=vehicle", "octavia combi")
                and is_found("search?kind=application", "tallinn refinancing")
                and is_found("search?kind=customer", "tamm")
            )

        assert wait_until(is_indexed, seconds=INDEX_SECONDS), f"not indexed within {INDEX_SECONDS} s; see {stack.logs}"


__all__ = ["DEMO_ACCOUNTS", "PASSWORD", "Stack", "running_stack"]

"""`forecourt run`: the whole portal on one machine, from nothing to a page that answers."""

from __future__ import annotations

import contextlib
import http.client
import importlib
import importlib.util
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from app.cli import tools
from app.cli.assets import ensure_assets
from app.cli.demo_accounts import DEMO_ACCOUNTS, with_demo_password
from app.cli.demo_sellers import with_demo_sellers
from app.cli.failures import CommandFailed
from app.cli.instance import (
    RUN,
    Servers,
    hold,
    read_record,
    remove_record,
    started_servers,
    stop_children,
    write_record,
)
from app.cli.migrating import migrate
from app.cli.options import DataDir, command_settings, environment_of
from app.cli.processes import free_ports, is_port_free, telling_line, wait_until
from app.cli.sandbox import settings_for
from app.cli.supervising import Child, ServerChild, supervise
from app.cli.vendoring import vendor_is_current
from app.settings import Settings

READY_SECONDS: Final = 90
ANSWER_SECONDS: Final = 2
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

console = Console(highlight=False, soft_wrap=True)


class StopRequested(BaseException):
    """A signal asked to stop; unwinds everything that was started, in order."""


def register(cli: typer.Typer) -> None:
    @cli.command()
    def run(
        data_dir: DataDir = None,
        host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8000,
        no_demo: Annotated[bool, typer.Option("--no-demo", help="Start empty, without demo records.")] = False,
    ) -> None:
        """Start the portal with its database, search and worker; Ctrl-C stops all of it."""
        base_url = os.environ.get("FORECOURT_BASE_URL") or f"http://{_visitable(host)}:{port}"
        settings = command_settings(data_dir, base_url=base_url, demo=not no_demo)
        for number in SIGNALS:
            signal.signal(number, _stop)
        with contextlib.suppress(StopRequested):
            with_everything(with_demo_sellers(with_demo_password(settings)), host, port)
        console.print("Forecourt has stopped.")


def with_everything(settings: Settings, host: str, port: int) -> None:
    """Start everything over one data directory and look after it until a signal asks to stop."""
    begun = time.monotonic()
    with hold(settings.data_dir):
        stop_children(read_record(settings.data_dir))
        if not is_port_free(host, port):
            raise CommandFailed(f"Port {port} is taken; choose another with --port.")
        tools.require(*needed_tools(settings))
        if problem := tools.problem_with(tools.PANGO):
            console.print(escape(f"{problem} Until then papers are pages to print."))
        with _step("assets"):
            ensure_assets()
        with started_servers(settings) as servers:
            sandbox_port = add_sandbox(servers)
            prepare(servers)
            with children_of(servers, host, port, sandbox_port) as children:
                wait_for_readiness(children[0], f"http://{_visitable(host)}:{port}")
                show(servers, time.monotonic() - begun)
                supervise(
                    [*server_children(servers), *children],
                    changed=lambda: record(servers, children),
                    tell=lambda text: console.print(escape(text)),
                )


def server_children(servers: Servers) -> list[ServerChild]:
    """Return the private servers, to be looked after as well."""
    given = (("database", servers.mariadb), ("search", servers.opensearch))
    return [ServerChild(name, server, server.log) for name, server in given if server is not None]


def needed_tools(settings: Settings) -> list[tools.Tool]:
    """Return the programs without which this start cannot go on; search can be missing, so its tools are not here."""
    needed = [] if settings.database_url else [tools.MARIADB]
    return needed if vendor_is_current() else [*needed, tools.NODE]


def prepare(servers: Servers) -> None:
    """Bring the schema up to date while search starts, then add the demo to an empty database."""
    with _step("database schema"):
        migrate(servers.settings.database_url)
    with _step("search"):
        servers.wait_for_search()
    if servers.settings.demo and importlib.util.find_spec("app.cli.seeding"):
        with _step("demo"):
            importlib.import_module("app.cli.seeding").ensure_demo(servers.settings)


def add_sandbox(servers: Servers) -> int:
    """Give the demo the sandbox's companies, and its identity provider unless there is one; returns its port, or 0."""
    if not servers.settings.demo or servers.settings.sandbox_url:
        return 0
    (port,) = free_ports(1)
    given = settings_for(port)
    if servers.settings.oidc_issuer:
        given = {"sandbox_url": given["sandbox_url"]}
    servers.settings = servers.settings.model_copy(update=given)
    return port


@contextlib.contextmanager
def children_of(servers: Servers, host: str, port: int, sandbox_port: int) -> Generator[list[Child]]:
    """Start web server, worker and sandbox; they find the servers in `instance.json` and in their environment."""
    environment = environment_of(servers.settings)
    directory = servers.settings.data_dir
    commands = {"web": ["web", "--host", host, "--port", str(port)]}
    if importlib.util.find_spec("app.cli.worker"):
        commands["worker"] = ["worker"]
    if sandbox_port:
        commands["sandbox"] = ["sandbox", "--port", str(sandbox_port)]
    starter = [sys.executable, "-P", "-m", "app.cli"]  # -P: a directory named app where we were started is not ours
    children = [
        Child(name, [*starter, *arguments], log=directory / "logs" / f"{name}.log", environment=environment)
        for name, arguments in commands.items()
    ]
    record(servers, children)
    try:
        for child in children:
            child.start()
        record(servers, children)
        yield children
    finally:
        for child in children:
            child.stop()
        remove_record(directory)


def record(servers: Servers, children: list[Child]) -> None:
    """Write down what runs, for other commands of this directory and for the next start after a kill."""
    content = {**servers.to_record(RUN), "base_url": servers.settings.base_url}
    content.update({child.name: child.identity.to_json() for child in children if child.identity is not None})
    write_record(servers.settings.data_dir, content)


def wait_for_readiness(web: Child, address: str) -> None:
    """Return when the portal says that it is ready; its limit is 90 s."""
    ready = wait_until(lambda: web.exit_code is not None or answers(f"{address}/health/ready"), seconds=READY_SECONDS)
    if web.exit_code is not None:
        reason = telling_line(web.log, containing="Error:", after=web.log_start)
        raise CommandFailed(f"The web server stopped while starting: {reason} (see {web.log})")
    if not ready:
        raise CommandFailed(f"The portal was not ready within {READY_SECONDS} s; see {web.log}.")


def answers(address: str) -> bool:
    """Say whether an address answers 200 within two seconds."""
    try:
        with urllib.request.urlopen(address, timeout=ANSWER_SECONDS) as answer:  # noqa: S310  (our own address)  # nosec B310
            return answer.status == http.client.OK
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return False


def show(servers: Servers, seconds: float) -> None:
    """Print where to go, who may sign in, and what is missing."""
    settings = servers.settings
    console.print(f"\n[bold]Forecourt is ready at {escape(settings.base_url)}[/bold] (after {seconds:.0f} s)")
    console.print(f"Data: {escape(str(settings.data_dir))}")
    if settings.demo and settings.demo_password is not None:
        console.print(f"Demo sign-ins, password [bold]{escape(settings.demo_password.get_secret_value())}[/bold]:")
        for address, role in DEMO_ACCOUNTS.items():
            console.print(f"  {address:<28}{role.replace('_', ' ')}")
    else:
        console.print("The first account: forecourt staff create EMAIL --role admin")
    for sentence in servers.degraded:
        console.print(f"[yellow]{escape(sentence)}[/yellow]")
    console.print("Ctrl-C stops everything.\n")


@contextlib.contextmanager
def _step(name: str) -> Generator[None]:
    begun = time.monotonic()
    with console.status(f"{name} ..."):
        yield
    console.print(f"  {name:<18}{time.monotonic() - begun:5.1f} s")


def _visitable(host: str) -> str:
    """Return an address that a browser on this machine can open for what the server listens on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nosec B104
    return f"[{host}]" if ":" in host else host


def _stop(_number: int, _frame: object) -> NoReturn:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # the order of stopping is kept; every wait in it has a limit
    raise StopRequested

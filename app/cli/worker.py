"""`forecourt worker`: jobs, schedules, the relay of events and the search indexer."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer

from app.cli.instance import servers_for
from app.cli.options import DataDir, command_settings
from app.settings import Settings


def register(cli: typer.Typer) -> None:
    @cli.command()
    def worker(
        data_dir: DataDir = None,
        status_host: Annotated[str, typer.Option(help="Where to answer probes and collectors.")] = "127.0.0.1",
        status_port: Annotated[int, typer.Option(help="On which port; 0 for none.", min=0, max=65535)] = 0,
    ) -> None:
        """Run background work until stopped; several may run side by side."""
        with servers_for(command_settings(data_dir), command="worker") as settings:
            import uvloop

            uvloop.run(work(settings, status_host, status_port))


async def work(settings: Settings, status_host: str = "", status_port: int = 0) -> None:
    """Run one worker until SIGTERM or SIGINT, then drain."""
    from app.core.db import Database
    from app.core.logs import configure_logs
    from app.core.status_server import status_server
    from app.core.worker import run_worker
    from app.desk.notifications.services import tell_maker
    from app.main import assemble
    from search.client import SearchClient

    configure_logs()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    assembly = assemble()
    database = await Database.open(settings)
    search = SearchClient(settings.opensearch_url) if settings.opensearch_url else None
    try:
        kinds = list(assembly.kinds.values())
        async with status_server(status_host, status_port):
            await run_worker(database, search, settings, kinds, assembly.tasks, stop, ended=tell_maker)
    finally:
        if search is not None:
            await search.close()
        await database.close()

"""`forecourt web`: the portal's pages and API on granian."""

from __future__ import annotations

import gc
import os
from functools import cache
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.instance import servers_for
from app.cli.options import DataDir, command_settings, environment_of

if TYPE_CHECKING:
    from litestar.types import ASGIApp

DRAIN_SECONDS: Final = 10
BACKLOG: Final = 1024
"""Connections that wait to be accepted; more are refused by the system."""


def register(cli: typer.Typer) -> None:
    @cli.command()
    def web(
        data_dir: DataDir = None,
        host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
        port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = 8000,
        workers: Annotated[int, typer.Option(help="Processes that answer.", min=1, max=64)] = 1,
    ) -> None:
        """Serve the pages and the API."""
        with servers_for(command_settings(data_dir), command="web") as settings:
            os.environ.update(environment_of(settings))  # the workers read their settings from it
            serve(host, port, workers)


def serve(host: str, port: int, workers: int) -> None:
    """Serve until a signal asks to stop; open requests get 10 s to finish."""
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels

    from app.cli.draining import DrainingServer

    load_application()
    DrainingServer(
        "app.main:create_app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=workers,
        backlog=BACKLOG,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_SECONDS,
    ).serve(target_loader=load_application, wrap_loader=False)


@cache
def load_application() -> ASGIApp:
    """The application, made once before the workers are forked: what is wrong with its settings is told here and ends
    the command, where a worker that fails would be started again and again.

    What is imported stays: looking through it for garbage takes a quarter of a start, and writes into each page of
    memory that workers share with this process.
    """
    gc.disable()
    try:
        from app.cli.draining import Draining
        from app.main import create_app

        return Draining(create_app())
    finally:
        gc.enable()
        gc.freeze()

"""The `forecourt` command: every way to start, fill and check the portal."""

from __future__ import annotations

import importlib
import importlib.util
import signal
import sys
from typing import Final, NoReturn

import typer

from app.cli.failures import CommandFailed
from app.settings import SettingsError

COMMANDS: Final = {
    "run": "run",
    "web": "web",
    "migrate": "migrating",
    "worker": "worker",
    "sandbox": "sandbox",
    "import": "importing",
    "seed": "seeding",
    "reindex": "indexing",
    "figures": "figures",
    "reseal": "resealing",
    "openapi": "openapi",
    "staff": "staffing",
    "assets": "assets",
    "doctor": "doctoring",
    "test": "test",
    "audit": "auditing",
    "bench": "bench",
}
"""Each command and the module of this package whose `register(cli)` adds it; only the one asked for is imported."""


def command_line(wanted: str | None) -> typer.Typer:
    """Build the command line with the command asked for, or with all of them when help is asked for."""
    cli = typer.Typer(
        help="Forecourt: the internal portal for rental, credit and the software behind them.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    cli.callback()(_forecourt)
    for module in [COMMANDS[wanted]] if wanted in COMMANDS else COMMANDS.values():
        if importlib.util.find_spec(f"{__name__}.{module}"):
            importlib.import_module(f"{__name__}.{module}").register(cli)
    return cli


def _forecourt() -> None:
    """Keep the commands named even while only one of them is registered."""


def main() -> NoReturn:
    """Run one command; what cannot go on ends with one sentence and a code other than 0."""
    signal.signal(signal.SIGTERM, _leave_in_order)
    signal.signal(signal.SIGHUP, _leave_in_order)
    try:
        command_line(sys.argv[1] if len(sys.argv) > 1 else None)()
    except CommandFailed as failure:
        typer.echo(str(failure), err=True)
        sys.exit(failure.exit_code)
    except SettingsError as problem:
        typer.echo(str(problem), err=True)
        sys.exit(1)
    sys.exit(0)


def _leave_in_order(number: int, _frame: object) -> NoReturn:
    """Unwind instead of vanishing, so that servers started for one command are stopped with it."""
    sys.exit(128 + number)

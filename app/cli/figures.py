"""`forecourt figures`: counts the rental's figures anew from the bookings and the fleet as they are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.failures import CommandFailed
from app.cli.instance import servers_for
from app.cli.options import DataDir, command_settings

if TYPE_CHECKING:
    from app.settings import Settings

USUAL_DAYS = 400


def register(cli: typer.Typer) -> None:
    @cli.command()
    def figures(
        since: Annotated[str, typer.Option(help="The first day, YYYY-MM-DD; 400 days ago when left out.")] = "",
        data_dir: DataDir = None,
    ) -> None:
        """Count the rental's figures anew; pages show the old ones until a month is done."""
        with servers_for(command_settings(data_dir), command="figures", search=False) as settings:
            import uvloop

            uvloop.run(count(settings, since))


async def count(settings: Settings, since: str = "") -> None:
    """Month by month, each in a transaction of its own."""
    from app.core import clock
    from app.core.db import Database, run_in_unit
    from app.rental.figures import services

    try:
        first = date.fromisoformat(since) if since else clock.today() - timedelta(days=USUAL_DAYS)
    except ValueError:
        raise CommandFailed(f"{since} is no date such as 2026-06-25.") from None
    last = clock.today() + timedelta(days=services.AHEAD)
    database = await Database.open(settings)
    try:
        while first < last:
            until = min(first + timedelta(days=services.CHUNK_DAYS), last)
            await run_in_unit(database, lambda session, a=first, b=until: services.recount(session, a, b))
            typer.echo(f"{first} to {until} counted")
            first = until
        await run_in_unit(database, services.recount_delays)
    finally:
        await database.close()

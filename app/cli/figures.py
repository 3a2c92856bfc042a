"""`forecourt figures`: counts the rental's figures anew from the bookings and the fleet as they are."""

from __future__ import annotations

import time
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
        since: Annotated[
            str, typer.Option(help="The first day, YYYY-MM-DD; where it was stopped, or 400 days ago, when left out.")
        ] = "",
        data_dir: DataDir = None,
    ) -> None:
        """Count the rental's figures anew; pages show the old ones until a week is done. It can be stopped."""
        with servers_for(command_settings(data_dir), command="figures", search=False) as settings:
            import uvloop

            uvloop.run(count(settings, since))


async def count(settings: Settings, since: str = "") -> None:
    """Week by week, each in a transaction of its own that also says where to go on."""
    from app.core import clock
    from app.core.db import Database, run_in_unit
    from app.rental.figures import services
    from app.rental.margins import services as margins

    try:
        first = date.fromisoformat(since) if since else None
    except ValueError:
        raise CommandFailed(f"{since} is no date such as 2026-06-25.") from None
    database = await Database.open(settings)
    try:
        stopped = await services.stopped_at(database.reads)
        if first is None and stopped:
            typer.echo(f"Goes on from {stopped}, where it was stopped; --since begins anew.")
        begin = first or stopped or clock.today() - timedelta(days=USUAL_DAYS)
        spans = services.weeks(begin)
        for number, (begins, ends) in enumerate(spans, 1):
            begun = time.perf_counter()
            await run_in_unit(database, lambda session, a=begins, b=ends: services.recount_week(session, a, b))
            seconds = time.perf_counter() - begun
            typer.echo(f"{begins} to {ends} counted in {seconds:.1f} s, {number} of {len(spans)}")
        await run_in_unit(database, services.finish_recount)
        months = margins.months_since(begin)
        for month in months:
            await run_in_unit(database, lambda session, one=month: margins.recount_month(session, one))
        typer.echo(f"What suppliers' cars earned counted, {len(months)} months")
    finally:
        await database.close()

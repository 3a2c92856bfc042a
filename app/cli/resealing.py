"""`forecourt reseal`: seals with the present secret what an earlier one sealed, while everything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from app.cli.failures import CommandFailed
from app.cli.instance import servers_for
from app.cli.options import DataDir, command_settings
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from rich.progress import Progress
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.core.db import Database
    from app.core.sealing import Resealed

    Step = Callable[[AsyncSession, UUID | None], Awaitable[Resealed]]

SHOWN: int = 10


def register(cli: typer.Typer) -> None:
    @cli.command()
    def reseal(data_dir: DataDir = None) -> None:
        """Seal with FORECOURT_SECRET_KEY what FORECOURT_OTHER_SECRET_KEY sealed; may be stopped and run again."""
        with servers_for(command_settings(data_dir), command="reseal", search=False) as settings:
            import uvloop

            uvloop.run(reseal_everything(settings))


async def reseal_everything(settings: Settings) -> None:
    """Go through every table with sealed values, with a bar and one closing line each.

    Raises:
        CommandFailed: some values open with neither secret; all the others are sealed again.

    """
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from app.core.db import Database

    database = await Database.open(settings, pool_size=1)
    lost: list[str] = []
    try:
        with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()) as bars:
            for title, step in _steps(settings).items():
                lost += [f"{title} {row}" for row in await _reseal(database, title, step, bars)]
    finally:
        await database.close()
    if lost:
        shown = ", ".join(lost[:SHOWN]) + (f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else "")
        raise CommandFailed(f"{len(lost)} values open with neither secret: {shown}.")


def _steps(settings: Settings) -> dict[str, Step]:
    from app.desk.customers.services import CustomerKeys, reseal_customers
    from app.desk.staff.services.identity import reseal_second_factors
    from app.main import assemble
    from app.rental.handovers.services import reseal_handovers
    from app.rental.suppliers.services.gateway import reseal_suppliers

    assemble()
    numbers, devices = CustomerKeys.of(settings), settings.keys("totp")
    return {
        "customers": lambda session, after: reseal_customers(session, numbers, after),
        "second factors": lambda session, after: reseal_second_factors(session, devices, after),
        "drivers' papers": lambda session, after: reseal_handovers(session, settings, after),
        "suppliers": lambda session, after: reseal_suppliers(session, settings, after),
    }


async def _reseal(database: Database, title: str, step: Step, bars: Progress) -> list[Any]:
    from app.core.db import run_in_unit

    bar, after, rows, changed, lost = bars.add_task(title, total=None), None, 0, 0, []
    while True:
        done = await run_in_unit(database, lambda session, after=after: step(session, after))
        if done.last is None:
            break
        after, rows, changed = done.last, rows + done.rows, changed + done.changed
        lost += done.unreadable
        bars.update(bar, description=f"{title}: {rows:,} looked at, {changed:,} sealed again")
    typer.echo(f"{title}: {rows:,} sealed rows, {changed:,} sealed again, {len(lost):,} cannot be opened.")
    return lost

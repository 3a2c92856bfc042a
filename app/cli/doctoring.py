"""`forecourt doctor`: looks at everything that the portal stands on, and says what to do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from app.cli.failures import CommandFailed
from app.cli.instance import servers_for
from app.cli.options import DataDir, command_settings
from app.settings import Settings

if TYPE_CHECKING:
    from app.cli.diagnoses import Finding

LONGEST_LOOK_SECONDS: Final = 60
STYLES: Final = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def register(cli: typer.Typer) -> None:
    @cli.command()
    def doctor(
        data_dir: DataDir = None,
        data: Annotated[
            bool, typer.Option("--data", help="Also look whether the invariants of the data hold.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    ) -> None:
        """Look at versions, settings, schema, search and background work; ends with 1 when something fails."""
        findings = examine_all(command_settings(data_dir), data=data)
        if as_json:
            typer.echo(
                json.dumps({"findings": [asdict(finding) for finding in findings], "healthy": healthy(findings)})
            )
        else:
            show(findings)
        if not healthy(findings):
            raise typer.Exit(1)


def healthy(findings: list[Finding]) -> bool:
    return all(finding.status != "fail" for finding in findings)


def examine_all(settings: Settings, *, data: bool) -> list[Finding]:
    """Look at the machine first; a database that cannot be started or reached is a finding as well."""
    from app.cli.diagnoses import Finding, look_at_disk, look_at_programs

    findings = [*look_at_programs(), *look_at_disk(settings)]
    try:
        with servers_for(settings, command="doctor") as running:
            import uvloop

            return findings + uvloop.run(examine_servers(running, data=data))
    except CommandFailed as failure:
        advice = "Nothing else could be looked at."
        return [*findings, Finding("Database", "Reachable", "fail", str(failure), advice)]


async def examine_servers(settings: Settings, *, data: bool) -> list[Finding]:
    """Look at database, worker and search; what cannot be read is a finding, and the others go on."""
    from app.cli import diagnoses
    from app.core.db import Database
    from app.main import assemble

    kinds = list(assemble().kinds.values())
    database = await Database.open(settings)
    try:
        findings = await _look("Database", diagnoses.look_at_database(database))
        findings += await _look("Schema", diagnoses.look_at_migrations(database))
        findings += await _look("Worker", diagnoses.look_at_work(database))
        findings += await _look("Search", diagnoses.look_at_search(settings, database, kinds))
        if data:
            findings += await _look("Data", diagnoses.look_at_rows(database, kinds))
    finally:
        await database.close()
    return findings


async def _look(area: str, look: Awaitable[list[Finding]]) -> list[Finding]:
    from pymysql.err import MySQLError
    from sqlalchemy.exc import SQLAlchemyError

    from app.cli.diagnoses import Finding
    from app.core.errors import Unavailable
    from app.core.reasons import reason_of

    try:
        return await asyncio.wait_for(look, LONGEST_LOOK_SECONDS)
    except (Unavailable, MySQLError, SQLAlchemyError, OSError, TimeoutError) as error:
        return [Finding(area, "Reachable", "fail", reason_of(error), "Start it, or look at its log.")]


def show(findings: list[Finding]) -> None:
    """Print the findings as a table, what needs somebody in colour."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("", "", "", "Found", "What to do"):
        table.add_column(title, overflow="fold")
    area = ""
    for finding in findings:
        style = STYLES[finding.status]
        name = finding.area if finding.area != area else ""
        area = finding.area
        table.add_row(
            name, f"[{style}]{finding.status}[/]", finding.subject, escape(finding.found), escape(finding.advice)
        )
    Console(highlight=False).print(table)

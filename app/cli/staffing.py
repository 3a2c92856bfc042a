"""`forecourt staff`: the first account of an installation, and who there is."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from app.cli.failures import CommandFailed
from app.cli.instance import servers_for
from app.cli.options import DataDir, command_settings
from app.settings import Settings


def register(cli: typer.Typer) -> None:
    staff = typer.Typer(help="Look after accounts without a browser.", no_args_is_help=True)
    cli.add_typer(staff, name="staff")

    @staff.command()
    def create(
        email: Annotated[str, typer.Argument(help="The address to sign in with.")],
        role: Annotated[list[str], typer.Option("--role", help="What the person is here to do; may be repeated.")],
        name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
        emergency: Annotated[
            bool, typer.Option("--emergency", help="An account for when the company's identity provider is away.")
        ] = False,
        data_dir: DataDir = None,
    ) -> None:
        """Add a person and print the single-use link by which they choose a password."""
        with servers_for(command_settings(data_dir), command="staff", search=False) as settings:
            typer.echo(asyncio.run(_create(settings, email, name or email.partition("@")[0], role, emergency)))

    @staff.command("list")
    def show(data_dir: DataDir = None) -> None:
        """Print everybody: address, name, roles and state."""
        with servers_for(command_settings(data_dir), command="staff", search=False) as settings:
            for line in asyncio.run(_lines(settings)):
                typer.echo(line)


async def _create(settings: Settings, email: str, name: str, roles: list[str], is_emergency: bool) -> str:
    from app.core.actor import SYSTEM
    from app.core.db import AsyncSession, Database, run_in_unit
    from app.core.errors import InvalidFields
    from app.desk.staff.adapters import password_link
    from app.desk.staff.services import access

    fields = {
        "email": email,
        "name": name,
        "roles": roles,
        "markets": None,
        "branches": None,
        "is_emergency": is_emergency,
    }

    async def work(session: AsyncSession) -> str:
        _, token = await access.invite_staff(session, fields=fields, actor=SYSTEM)
        return token

    database = await Database.open(settings)
    try:
        return password_link(settings, await run_in_unit(database, work))
    except InvalidFields as refused:
        sentences = "; ".join(f"{problem.field}: {problem.detail}" for problem in refused.problems)
        raise CommandFailed(f"{email} was not added. {sentences}.") from refused
    finally:
        await database.close()


async def _lines(settings: Settings) -> list[str]:
    from app.core.db import Database
    from app.desk.staff import pages, queries

    database = await Database.open(settings)
    try:
        async with database.session() as session:
            found = await queries.list_all_staff(session)
        return [f"{one.email}\t{one.name}\t{', '.join(one.roles)}\t{pages.state_of(one)}" for one in found]
    finally:
        await database.close()

"""The schema: brought to its newest revision before anything reads it."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.failures import CommandFailed
from app.cli.options import DataDir, command_settings
from app.settings import MIGRATIONS


def register(cli: typer.Typer) -> None:
    @cli.command(name="migrate")
    def migrate_schema(
        data_dir: DataDir = None,
        revision: Annotated[str, typer.Option(help="The revision to bring the schema to.")] = "head",
    ) -> None:
        """Bring the schema of DATABASE_URL up to date; running it again changes nothing."""
        from app.cli.instance import servers_for

        with servers_for(command_settings(data_dir), command="migrate", search=False) as settings:
            migrate(settings.database_url, revision)
        typer.echo("The schema is up to date.")


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring the database at this address to a revision; running it again changes nothing."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    if not (MIGRATIONS / "env.py").exists():
        raise CommandFailed(f"{MIGRATIONS} holds no migrations.")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    config.attributes["database_url"] = database_url
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise CommandFailed(f"The migrations cannot run: {error}.") from error
    except SQLAlchemyError as error:
        first_line = str(error).partition("\n")[0]
        raise CommandFailed(f"A migration failed and can be repeated once its cause is gone: {first_line}") from error

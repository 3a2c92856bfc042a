"""The migrations make the tables of the models, from nothing and from the revision before."""

import warnings
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url
from sqlmodel import SQLModel

import app.core.worker
import app.main  # noqa: F401 - registers every other table
from app.cli.migrating import migrate
from app.rental.occupancy.models import NO_OVERLAP
from app.settings import MIGRATIONS
from tests.plugins.servers import create_database, on_database, run_statements

NAME = "forecourt_migrations"


@pytest.fixture
def empty_database(mariadb_url: str) -> Iterator[str]:
    create_database(mariadb_url, NAME)
    yield on_database(mariadb_url, NAME)
    run_statements(mariadb_url, f"DROP DATABASE {NAME}")


def revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


def is_known_to_sqlalchemy(_item: object, name: str | None, *_more: object) -> bool:
    """Not the constraint against overlaps: SQLAlchemy reads it as one of the vehicle alone."""
    return name != NO_OVERLAP


def differences(url: str) -> list[object]:
    engine = create_engine(make_url(url).set(drivername="mariadb+pymysql"))
    try:
        with engine.connect() as connection, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Unknown schema content.*PERIOD FOR")
            options = {"compare_type": True, "include_object": is_known_to_sqlalchemy}
            context = MigrationContext.configure(connection, opts=options)
            return compare_metadata(context, SQLModel.metadata)
    finally:
        engine.dispose()


def test_an_empty_database_gets_the_tables_of_the_models(empty_database):
    migrate(empty_database)
    assert differences(empty_database) == []


def test_the_previous_schema_is_brought_up_and_running_again_changes_nothing(empty_database):
    previous = revisions()[1]
    migrate(empty_database, previous)
    migrate(empty_database)
    migrate(empty_database)
    assert differences(empty_database) == []


def test_there_is_one_line_of_revisions():
    assert len(set(revisions())) == len(revisions())

"""Databases for the tests of seeding and of the doctor: migrated, empty, and committed to."""

import os
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from app.cli.migrating import migrate
from app.cli.seeds.loading import connection
from app.settings import Settings, load_settings
from tests.plugins.servers import create_database, on_database, run_statements

PASSWORD = "quiet-harbour-41"


@pytest.fixture(scope="module")
def demo_settings(mariadb_url: str) -> Iterator[Settings]:
    """Settings of a new database of this module; nothing is in it but the schema."""
    name = f"forecourt_seed_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    create_database(mariadb_url, name)
    url = on_database(mariadb_url, name)
    migrate(url)
    yield load_settings(environment="test", database_url=url, demo=True, demo_password=SecretStr(PASSWORD))
    run_statements(mariadb_url, f"DROP DATABASE IF EXISTS `{name}`")


def fetch(settings, sql, *parameters):
    with connection(settings.database_url) as cursor:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())


def change(settings, *statements):
    with connection(settings.database_url) as cursor:
        for statement in statements:
            cursor.execute(statement)

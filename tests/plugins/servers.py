"""A real MariaDB for tests: the one that `forecourt test` started, else one of our own; a database per xdist worker."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pymysql
import pytest

from app.cli import tools
from app.cli.failures import CommandFailed
from app.cli.servers.mariadb import PrivateMariaDB

MEMORY = Path("/dev/shm")  # noqa: S108


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """The address of a server whose account may make databases; `FORECOURT_TEST_DATABASE_URL` names one that runs."""
    given = os.environ.get("FORECOURT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    if not tools.MARIADB.is_present:
        missing = f"MariaDB is not installed: {' '.join(tools.MARIADB.packages)}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    place = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    directory = Path(tempfile.mkdtemp(prefix="forecourt-pytest-", dir=place))
    server = PrivateMariaDB(directory, for_tests=True)
    try:
        server.start()
        server.wait()
        yield server.url
    except CommandFailed as failure:
        pytest.fail(str(failure))
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def database_url(mariadb_url: str) -> Iterator[str]:
    """The address of an empty database of this xdist worker; what an earlier run left in it is gone."""
    name = f"forecourt_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    create_database(mariadb_url, name)
    yield on_database(mariadb_url, name)
    run_statements(mariadb_url, f"DROP DATABASE IF EXISTS `{name}`")


def create_database(server_url: str, name: str) -> None:
    """Make a new, empty database and drop an older one of that name."""
    run_statements(
        server_url,
        f"DROP DATABASE IF EXISTS `{name}`",
        f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci",
    )


def on_database(server_url: str, name: str) -> str:
    """The same server's address with another database."""
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


def run_statements(server_url: str, *statements: str) -> None:
    parts = urlsplit(server_url)
    connection = pymysql.connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=parts.username,
        password=parts.password or "",
        autocommit=True,
        connect_timeout=10,
    )
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()

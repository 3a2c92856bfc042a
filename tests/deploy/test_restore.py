"""Backing up and restoring, step by step as docs/runbooks/restore.md says it."""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pymysql
import pytest

from app.cli import tools
from app.cli.migrating import migrate
from app.cli.options import environment_of
from app.settings import ROOT, load_settings
from tests.plugins.servers import create_database, on_database, run_statements

TABLES = ("vehicle", "application", "customer", "audit_entry", "outbox_event")

pytestmark = pytest.mark.skipif(
    not tools.MARIADB_CLIENT.is_present and os.environ.get("CI") != "true",
    reason="mariadb-dump is not installed: mariadb-client",
)


@pytest.fixture
def settings(mariadb_url, opensearch_url, tmp_path):
    name = f"forecourt_restore_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    create_database(mariadb_url, name)
    address = on_database(mariadb_url, name)
    migrate(address)
    yield load_settings(
        environment="test",
        database_url=address,
        opensearch_url=opensearch_url,
        search_namespace=name,
        data_dir=tmp_path / "data",
    )
    run_statements(mariadb_url, f"DROP DATABASE IF EXISTS {name}")


def forecourt(settings, *arguments):
    environment = {**os.environ, **environment_of(settings)}
    command = [sys.executable, "-P", "-m", "app.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)


def client(settings, program, **options):
    parts = urlsplit(settings.database_url)
    command = [
        tools.find_program(program), "--no-defaults", "--protocol=tcp", f"--host={parts.hostname}",
        f"--port={parts.port}", f"--user={parts.username}",
    ]  # fmt: skip
    if program == "mariadb-dump":
        command += ["--single-transaction", "--quick", "--routines", "--triggers", "--hex-blob"]
    environment = {**os.environ, "MYSQL_PWD": parts.password or ""}
    subprocess.run([*command, parts.path[1:]], env=environment, check=True, timeout=120, **options)


def sums(settings):
    parts = urlsplit(settings.database_url)
    connection = pymysql.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password or "", db=parts.path[1:]
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CHECKSUM TABLE {', '.join(TABLES)}")
        return cursor.fetchall()


def test_a_dump_brings_everything_back(settings, mariadb_url, tmp_path):
    seeded = forecourt(settings, "seed", "--vehicles", "200", "--applications", "60", "--seed", "3")
    assert seeded.returncode == 0, seeded.stderr
    before = sums(settings)
    dump = tmp_path / "dump.sql"
    with dump.open("wb") as output:
        client(settings, "mariadb-dump", stdout=output)

    create_database(mariadb_url, urlsplit(settings.database_url).path[1:])
    with dump.open("rb") as given:
        client(settings, "mariadb", stdin=given)
    assert sums(settings) == before
    assert all(checksum for _, checksum in before)

    migrated = forecourt(settings, "migrate")
    assert migrated.returncode == 0, migrated.stderr
    indexed = forecourt(settings, "reindex")
    assert indexed.returncode == 0, indexed.stderr

    looked = forecourt(settings, "doctor", "--data", "--json")
    assert looked.stdout, looked.stderr
    findings = json.loads(looked.stdout)["findings"]
    data = [finding for finding in findings if finding["area"] in ("Data", "Schema", "Search")]
    assert data
    assert [finding for finding in data if finding["status"] == "fail"] == []

"""A private MariaDB: starts, is ours alone, survives what an earlier run left."""

import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pymysql
import pytest

from app.cli import tools
from app.cli.failures import CommandFailed
from app.cli.processes import ProcessIdentity, wait_until
from app.cli.servers.mariadb import PrivateMariaDB

pytestmark = pytest.mark.skipif(
    not tools.MARIADB.is_present and os.environ.get("CI") != "true", reason="MariaDB is not installed"
)


@pytest.fixture
def start(tmp_path_factory):
    started = []

    def start(directory):
        server = PrivateMariaDB(directory, for_tests=True)
        started.append(server)
        server.start()
        server.wait()
        return server

    yield start
    for server in started:
        server.stop()


def rows(server, statement):
    parts = urlsplit(server.url)
    with pymysql.connect(
        host="127.0.0.1", port=server.port, user=parts.username, password=parts.password
    ) as connection:
        connection.autocommit(True)
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


class TestPrivateMariaDB:
    def test_another_that_starts_leaves_its_temporary_tables_alone(self, start, tmp_path):
        first, second = start(tmp_path / "first"), start(tmp_path / "second")
        places = [rows(server, "SELECT @@tmpdir")[0][0] for server in (first, second)]
        assert places == [str(tmp_path / name / "tmp") for name in ("first", "second")]

    def test_keeps_records_over_a_restart_with_a_new_password(self, start, tmp_path):
        first = start(tmp_path)
        rows(first, "CREATE TABLE forecourt.kept (id INT PRIMARY KEY)")
        rows(first, "INSERT INTO forecourt.kept VALUES (7)")
        assert first.identity is not None
        first.stop()
        assert not first.identity.is_running
        second = start(tmp_path)
        assert rows(second, "SELECT id FROM forecourt.kept") == [(7,)]
        assert urlsplit(first.url).password != urlsplit(second.url).password

    def test_has_the_settings_that_the_code_counts_on(self, start, tmp_path):
        (found,) = rows(
            start(tmp_path),
            "SELECT @@global.innodb_rollback_on_timeout, @@global.tx_isolation, @@global.time_zone, @@global.sql_mode,"
            " @@global.collation_server",
        )
        assert found[:3] == (1, "READ-COMMITTED", "+00:00")
        assert {"ONLY_FULL_GROUP_BY", "STRICT_ALL_TABLES"} <= set(found[3].split(","))
        assert found[4] == "utf8mb4_uca1400_ai_ci"

    def test_nobody_else_may_connect(self, start, tmp_path):
        server = start(tmp_path)
        for user, password in (("root", ""), ("", ""), ("forecourt", ""), ("forecourt", "forecourt")):
            with pytest.raises(pymysql.err.OperationalError):
                pymysql.connect(host="127.0.0.1", port=server.port, user=user, password=password)
        assert not (tmp_path / "init.sql").exists()

    def test_a_long_path_gets_its_socket_elsewhere(self, start, tmp_path):
        server = start(tmp_path / ("deep" * 20) / ("deeper" * 10))
        assert server._short_socket_directory().is_dir()
        server.stop()
        assert not server._short_socket_directory().exists()


class TestLeftovers:
    def test_a_server_that_was_left_running_is_stopped_first(self, start, tmp_path):
        left = start(tmp_path)
        start(tmp_path)
        assert left.identity is not None
        assert not left.identity.is_running

    def test_a_killed_server_recovers(self, start, tmp_path):
        killed = start(tmp_path)
        rows(killed, "CREATE TABLE forecourt.kept (id INT PRIMARY KEY)")
        assert killed.identity is not None
        killed.identity.signal(signal.SIGKILL)
        assert wait_until(lambda: not killed.answers(), seconds=10)
        assert rows(start(tmp_path), "SHOW TABLES IN forecourt") == [("kept",)]

    def test_a_stale_pid_file_harms_no_other_process(self, start, tmp_path):
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
            (tmp_path / "pid").write_text(str(other.pid))
            start(tmp_path)
            assert other.poll() is None
            other.kill()

    def test_a_half_made_data_directory_is_made_again(self, start, tmp_path):
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "ibdata1").write_text("half")
        assert start(tmp_path).answers()

    def test_a_running_one_is_adopted_only_while_it_answers(self, start, tmp_path):
        running = start(tmp_path)
        assert running.identity is not None
        assert PrivateMariaDB(tmp_path).adopt(running.identity, running.url)
        assert not PrivateMariaDB(tmp_path).adopt(running.identity, running.url.replace("forecourt:", "forecourt:x"))
        earlier = ProcessIdentity(running.identity.pid, "another start")
        assert not PrivateMariaDB(tmp_path).adopt(earlier, running.url)

    def test_a_damaged_data_directory_is_said_in_one_sentence(self, start, tmp_path):
        start(tmp_path).stop()
        (tmp_path / "data" / "ibdata1").write_bytes(b"damaged")
        with pytest.raises(CommandFailed, match=r"MariaDB stopped while starting: .*InnoDB"):
            start(tmp_path)

"""A private MariaDB: its own data directory, port, socket and password."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pymysql

from app.cli.failures import CommandFailed
from app.cli.processes import (
    ProcessIdentity,
    command_line,
    free_ports,
    size_of,
    start_process,
    telling_line,
    wait_until,
)
from app.cli.tools import find_program

USER: Final = "forecourt"
DATABASE: Final = "forecourt"
INSTALL_SECONDS: Final = 120
START_SECONDS: Final = 90
STOP_SECONDS: Final = 30
LONGEST_SOCKET_PATH: Final = 100
"""The system allows 107 bytes for the path of a socket."""

SETTINGS: Final = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_uca1400_ai_ci",
    "--default-time-zone=+00:00",
    "--sql-mode=TRADITIONAL,ONLY_FULL_GROUP_BY",
    "--transaction-isolation=READ-COMMITTED",
    "--innodb-rollback-on-timeout=ON",
    "--local-infile=ON",
    "--max-allowed-packet=64M",
    "--skip-log-bin",
)
LEAST_BUFFER, MOST_BUFFER, SHARE_OF_MEMORY = 256, 2048, 8
"""Mebibytes of the pages that an instance for work keeps in memory: an eighth of the machine's, between bounds."""
FOR_TESTS: Final = (
    "--innodb-buffer-pool-size=256M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-fast-shutdown=2",
    "--performance-schema=0",
)


def _for_work() -> tuple[str, ...]:
    """Room for the indexes of a million rows: with less, each row that comes reads the pages of a dozen indexes."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return (f"--innodb-buffer-pool-size={min(max(memory // SHARE_OF_MEMORY, LEAST_BUFFER), MOST_BUFFER)}M",)


class PrivateMariaDB:
    """One instance over one directory; `start` spawns it, `wait` returns when it answers."""

    def __init__(self, directory: Path, *, for_tests: bool = False) -> None:
        self.directory = directory.absolute()
        self.for_tests = for_tests
        self.port = 0
        self.identity: ProcessIdentity | None = None
        self._password = ""
        self._log_start = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mariadb+aiomysql://{USER}:{self._password}@127.0.0.1:{self.port}/{DATABASE}?charset=utf8mb4"

    @property
    def log(self) -> Path:
        return self.directory / "err.log"

    def start(self) -> None:
        """Make the data directory when it is new, clear what an earlier run left, and spawn the server."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._scratch.mkdir(exist_ok=True, mode=0o700)
        self.stop_leftover()
        self._install()
        self._password = secrets.token_urlsafe(24)
        self.port = free_ports()[0]
        init_file = self.directory / "init.sql"
        init_file.unlink(missing_ok=True)
        with os.fdopen(os.open(init_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
            output.write(_accounts(self._password, everything=self.for_tests))
        self._spawn(f"--init-file={init_file}")

    def start_again(self) -> None:
        """Spawn the server anew after it ended by itself, with the port and the account that others know."""
        if self._process is not None:
            self._process.poll()  # forgets a child that has ended
        self._spawn()

    def _spawn(self, *options: str) -> None:
        command = [
            _program("mariadbd"),
            "--no-defaults",
            f"--datadir={self._data}",
            f"--tmpdir={self._scratch}",
            f"--socket={self._socket()}",
            f"--pid-file={self.directory / 'pid'}",
            f"--port={self.port}",
            f"--log-error={self.log}",
            *options,
            *SETTINGS,
            *(FOR_TESTS if self.for_tests else _for_work()),
            *_as_root(),
        ]
        self._log_start = size_of(self.log)
        self._process = start_process(command, log=self.directory / "output.log")
        self.identity = ProcessIdentity.of(self._process.pid)

    def adopt(self, identity: ProcessIdentity, url: str) -> bool:
        """Take over the running server of an earlier command, when it still answers this address."""
        parts = urlsplit(url)
        if not identity.is_running or f"--datadir={self._data}" not in command_line(identity.pid):
            return False
        self.identity, self.port, self._password = identity, parts.port or 0, parts.password or ""
        return self.answers()

    def wait(self) -> None:
        """Return when the server answers our own account; its limit is 90 s, for a recovery after a crash."""
        process = self._process
        if process is None:
            if self.answers():
                return
            raise CommandFailed("MariaDB was not started or stopped answering.")
        answered = wait_until(lambda: process.poll() is not None or self.answers(), seconds=START_SECONDS)
        if process.poll() is not None:
            reason = telling_line(self.log, containing="[ERROR]", after=self._log_start)
            raise CommandFailed(f"MariaDB stopped while starting: {reason}")
        if not answered:
            self.stop()
            raise CommandFailed(f"MariaDB did not answer within {START_SECONDS} s; see {self.log}.")
        (self.directory / "init.sql").unlink(missing_ok=True)

    def answers(self) -> bool:
        return answers("127.0.0.1", self.port, user=USER, password=self._password)

    def stop(self) -> None:
        """Shut down in order, then by force after 30 s; nothing happens when it is not running."""
        if self.identity is not None:
            self.identity.stop(seconds=STOP_SECONDS)
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
        self._remove_socket()

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _scratch(self) -> Path:
        """Temporary tables: a server that starts deletes what lies where it keeps them, also those of others."""
        return self.directory / "tmp"

    def _install(self) -> None:
        finished = self.directory / "installed"
        if finished.exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)
        command = [
            _program("mariadb-install-db"),
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
            f"--datadir={self._data}",
            *_as_root(),
        ]
        log = self.directory / "install.log"
        environment = {**os.environ, "TMPDIR": str(self._scratch)}
        try:
            with log.open("wb") as output:
                done = subprocess.run(
                    command,
                    env=environment,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=INSTALL_SECONDS,
                    check=False,
                )
        except subprocess.TimeoutExpired:
            raise CommandFailed(f"MariaDB's data directory was not made within {INSTALL_SECONDS} s.") from None
        if done.returncode:
            raise CommandFailed(f"MariaDB's data directory could not be made: {telling_line(log)}")
        finished.touch()

    def stop_leftover(self) -> None:
        """Stop a server that an earlier, killed run left over this data directory."""
        try:
            pid = int((self.directory / "pid").read_text())
        except (OSError, ValueError):
            pid = 0
        if pid and f"--datadir={self._data}" in command_line(pid):
            leftover = ProcessIdentity.of(pid)
            if leftover is not None:
                leftover.stop(seconds=STOP_SECONDS)
        (self.directory / "pid").unlink(missing_ok=True)

    def _socket(self) -> Path:
        near = self.directory / "s.sock"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
            return near
        short = self._short_socket_directory()
        shutil.rmtree(short, ignore_errors=True)
        short.mkdir(mode=0o700)
        return short / "s.sock"

    def _short_socket_directory(self) -> Path:
        name = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"forecourt-{os.getuid()}-{name}"

    def _remove_socket(self) -> None:
        shutil.rmtree(self._short_socket_directory(), ignore_errors=True)


def _accounts(password: str, *, everything: bool) -> str:
    """Return the statements that run before the first connection: one account for us, none for root over TCP.

    Tests make databases and provoke faults with it; otherwise it owns one database and may look at the server's state.
    """
    account = f"'{USER}'@'127.0.0.1'"
    grants = ["ALL ON *.*"] if everything else [f"ALL ON {DATABASE}.*", "PROCESS ON *.*"]
    return "\n".join(
        [
            "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');",
            "FLUSH PRIVILEGES;",
            f"CREATE DATABASE IF NOT EXISTS {DATABASE};",
            f"CREATE OR REPLACE USER {account} IDENTIFIED BY '{password}';",
            *(f"GRANT {grant} TO {account};" for grant in grants),
            "",
        ]
    )


def _program(name: str) -> str:
    found = find_program(name)
    if found is None:
        raise CommandFailed(f"{name} was not found; install MariaDB's server (mariadb-server-core on Debian).")
    return found


def _as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def answers(host: str, port: int, *, user: str, password: str) -> bool:
    """Say whether a server takes this account and runs a statement, within a second."""
    try:
        connection: Any = pymysql.connect(host=host, port=port, user=user, password=password, connect_timeout=1)
    except (pymysql.MySQLError, OSError):
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except (pymysql.MySQLError, OSError):
        return False
    finally:
        with contextlib.suppress(pymysql.MySQLError, OSError):
            connection.close()

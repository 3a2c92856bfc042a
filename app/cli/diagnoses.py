"""What the doctor looks at: each function answers with findings and never changes anything."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, Literal

from app.cli.tools import find_program
from app.core.area import RecordKind
from app.core.db import POOL_SIZE, Database
from app.core.indexing import READ_CONNECTIONS, drift, indexes_for, searchable
from app.core.invariants import violations
from app.settings import MIGRATIONS, ROOT, Settings
from search.client import SearchClient
from search.errors import IndexMissing, SearchError

Status = Literal["ok", "warn", "fail"]

OLDEST_MARIADB: Final = (10, 11)
OLDEST_OPENSEARCH: Final = (2, 19)
WEB_PROCESSES: Final = 2
LEAST_CONNECTIONS: Final = WEB_PROCESSES * 2 * POOL_SIZE + READ_CONNECTIONS
GIGABYTE: Final = 1024**3
SCARCE_GIGABYTES: Final = 2
NO_ROOM_GIGABYTES: Final = 0.2
QUIET_SECONDS: Final = 30
LAG_EVENTS: Final = 1_000
TOOL_SECONDS: Final = 10
PRIVATE_TEST: Final = "A private server for tests may be faster than safe."


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, what was found, and what to do about it."""

    area: str
    subject: str
    status: Status
    found: str
    advice: str = ""


def look_at_programs() -> list[Finding]:
    """Python, Java and the packages against the pins of `pyproject.toml`."""
    found = [Finding("Programs", "Python", "ok", platform.python_version())]
    java = find_program("java")
    words = _first_line([java, "-version"]) if java else ""
    found.append(
        Finding("Programs", "Java", "ok", words)
        if words
        else Finding(
            "Programs", "Java", "warn", "not found", "Needed only for the private search node: install a JDK 17."
        )
    )
    pins = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wrong = [text for pin in pins if (text := _differs(pin))]
    summary = f"{len(pins)} packages as pinned" if not wrong else "; ".join(wrong)
    advice = "Install the pinned packages again: uv pip sync requirements/*.txt" if wrong else ""
    return [*found, Finding("Programs", "Packages", "warn" if wrong else "ok", summary, advice)]


def look_at_disk(settings: Settings) -> list[Finding]:
    """Room where the data lies."""
    place = next(path for path in (settings.data_dir, *settings.data_dir.parents) if path.exists())
    free = shutil.disk_usage(place).free / GIGABYTE
    words = f"{free:.1f} GB free below {settings.data_dir}"
    if free < NO_ROOM_GIGABYTES:
        return [Finding("Disk", "Room", "fail", words, "Make room now: writes will fail.")]
    return [Finding("Disk", "Room", "warn" if free < SCARCE_GIGABYTES else "ok", words)]


async def look_at_database(database: Database) -> list[Finding]:
    """Version, reachability, and the settings on which correctness and durability stand."""
    rows = await database.reads.fetch("SHOW GLOBAL VARIABLES")
    given = {str(name): str(value) for name, value in rows}
    numbers = _numbers(given["version"])
    is_new_enough = numbers[:2] >= OLDEST_MARIADB
    session = {str(name): str(value) for name, value in await database.reads.fetch("SHOW SESSION VARIABLES")}
    checks = [
        Finding(
            "Database",
            "MariaDB",
            "ok" if is_new_enough else "fail",
            given["version"],
            "" if is_new_enough else "10.11 or newer is needed.",
        ),
        _durability(given, "innodb_flush_log_at_trx_commit", "1"),
        _durability(given, "innodb_doublewrite", "ON"),
        _wanted(given, "innodb_rollback_on_timeout", "ON", "fail", "A lock wait would keep half a transaction."),
        _wanted(given, "local_infile", "ON", "warn", "`forecourt seed` sends its rows as files."),
        _wanted(session, "time_zone", "+00:00", "fail", "Every connection sets it; look at SESSION_SETTINGS."),
        _sql_mode(session["sql_mode"]),
        await _isolation(database),
    ]
    if given.get("log_bin") == "ON":
        checks.append(_durability(given, "sync_binlog", "1"))
    most = int(given["max_connections"])
    enough = most >= LEAST_CONNECTIONS
    words = f"{most}, and {WEB_PROCESSES} processes may open {LEAST_CONNECTIONS}"
    advice = "" if enough else "Raise max_connections or make the pools smaller."
    return [*checks, Finding("Database", "max_connections", "ok" if enough else "warn", words, advice)]


async def look_at_migrations(database: Database) -> list[Finding]:
    """Whether the schema is at the newest revision."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    newest = set(ScriptDirectory.from_config(config).get_heads())
    present = {str(row[0]) for row in await database.reads.fetch("SELECT version_num FROM alembic_version")}
    if present == newest:
        return [Finding("Database", "Schema", "ok", f"at revision {', '.join(sorted(present))}")]
    words = f"at {', '.join(sorted(present)) or 'nothing'}, newest is {', '.join(sorted(newest))}"
    return [Finding("Database", "Schema", "fail", words, "Start `forecourt run`, or run the migrations.")]


async def look_at_work(database: Database) -> list[Finding]:
    """The worker's sign of life, the events that wait, and jobs that gave up."""
    fetch = database.reads.fetch
    ((quiet,),) = await fetch("SELECT TIMESTAMPDIFF(SECOND, MAX(at), UTC_TIMESTAMP(6)) FROM worker_heartbeat")
    if quiet is None or quiet > QUIET_SECONDS:
        words = "never seen or left in order" if quiet is None else f"last seen {quiet} s ago"
        found = [Finding("Worker", "Heartbeat", "warn", words, "Start `forecourt worker`, or `forecourt run`.")]
    else:
        found = [Finding("Worker", "Heartbeat", "ok", f"{quiet} s ago")]
    ((unnumbered,),) = await fetch("SELECT COUNT(*) FROM outbox_event WHERE position IS NULL")
    ((newest,),) = await fetch("SELECT COALESCE(MAX(position), 0) FROM outbox_event")
    behind = {str(name): int(newest) - int(at) for name, at in await fetch("SELECT name, position FROM event_consumer")}
    lag = int(unnumbered) + max(behind.values(), default=0)
    words = f"{unnumbered} without a number" + "".join(f", {name} {count} behind" for name, count in behind.items())
    advice = "The worker is behind or not running." if lag > LAG_EVENTS else ""
    found.append(Finding("Worker", "Events", "warn" if lag > LAG_EVENTS else "ok", words, advice))
    ((stuck,),) = await fetch("SELECT COUNT(*) FROM event_failure WHERE quarantined_at IS NOT NULL")
    found.append(_counted("Quarantined events", int(stuck), "Look at their reasons on the page of events."))
    ((dead,),) = await fetch("SELECT COUNT(*) FROM job WHERE state = 'dead'")
    found.append(_counted("Dead jobs", int(dead), "Look at /jobs, mend the cause, and try them again."))
    return found


async def look_at_search(settings: Settings, database: Database, kinds: Sequence[RecordKind]) -> list[Finding]:
    """Version of the node, and for each kind how its index differs from the rows."""
    if not settings.opensearch_url:
        return [Finding("Search", "OpenSearch", "warn", "not set up", "Set OPENSEARCH_URL, or install Java and Maven.")]
    client = SearchClient(settings.opensearch_url)
    try:
        answer = await client.command("GET", "/")
        number = str(answer["version"]["number"])
        is_known = _numbers(number)[:2] >= OLDEST_OPENSEARCH
        advice = "" if is_known else "2.19 or newer is needed."
        found = [Finding("Search", "OpenSearch", "ok" if is_known else "fail", number, advice)]
        found += [await _drift(settings, database, client, kind) for kind in searchable(kinds)]
    except SearchError as error:
        return [
            Finding("Search", "OpenSearch", "fail", str(error), "Pages answer from the database meanwhile; start it.")
        ]
    else:
        return found
    finally:
        await client.close()


async def look_at_rows(database: Database, kinds: Sequence[RecordKind]) -> list[Finding]:
    """The invariants between the tables."""
    broken = await violations(database.reads, kinds)
    if not broken:
        return [Finding("Data", "Invariants", "ok", "all hold")]
    return [
        Finding("Data", violation.invariant, "fail", violation.detail, ", ".join(violation.examples))
        for violation in broken
    ]


async def _drift(settings: Settings, database: Database, client: SearchClient, kind: RecordKind) -> Finding:
    try:
        found = await drift(database.reads, indexes_for(client, settings), kind)
    except IndexMissing:
        return Finding("Search", kind.plural, "warn", "not built yet", "The worker builds it when it starts.")
    words = f"{found.rows:,} rows"
    if found.is_clean:
        return Finding("Search", kind.plural, "ok", f"{words}, none differs")
    words += f": {found.missing:,} missing, {found.stale:,} stale, {found.extra:,} extra"
    return Finding("Search", kind.plural, "warn", words, f"If it stays so: forecourt reindex {kind.key}")


async def _isolation(database: Database) -> Finding:
    from sqlalchemy import text

    async with database.session() as session:
        level = str((await session.execute(text("SELECT @@tx_isolation"))).scalar_one())
    is_right = level == "READ-COMMITTED"
    return Finding(
        "Database", "Isolation", "ok" if is_right else "fail", level, "" if is_right else "READ COMMITTED is needed."
    )


def _durability(given: dict[str, str], name: str, wanted: str) -> Finding:
    value = given.get(name, "missing")
    return Finding(
        "Database", name, "ok" if value == wanted else "warn", value,
        "" if value == wanted else f"{wanted} keeps what was acknowledged when the power fails. {PRIVATE_TEST}",
    )  # fmt: skip


def _wanted(given: dict[str, str], name: str, wanted: str, status: Status, why: str) -> Finding:
    value = given.get(name, "missing")
    return Finding("Database", name, "ok" if value == wanted else status, value, "" if value == wanted else why)


def _sql_mode(mode: str) -> Finding:
    missing = {"STRICT_TRANS_TABLES", "ONLY_FULL_GROUP_BY", "NO_ZERO_DATE"} - set(mode.split(","))
    if missing:
        return Finding("Database", "sql_mode", "fail", mode, f"{', '.join(sorted(missing))} is missing.")
    return Finding("Database", "sql_mode", "ok", "TRADITIONAL, ONLY_FULL_GROUP_BY")


def _counted(subject: str, count: int, advice: str) -> Finding:
    return Finding("Worker", subject, "warn" if count else "ok", str(count), advice if count else "")


def _differs(pin: str) -> str:
    name, _, wanted = pin.partition("==")
    try:
        present = version(name.partition("[")[0])
    except PackageNotFoundError:
        present = "missing"
    return "" if present == wanted else f"{name} is {present}, pinned {wanted}"


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def _first_line(command: list[Any]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TOOL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout or done.stderr).partition("\n")[0].strip()

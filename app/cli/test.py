"""`forecourt test`: real servers for the whole run, the tests, then the browser tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli import tools
from app.cli.assets import ensure_assets
from app.cli.failures import CommandFailed
from app.cli.faulting import ARTIFACTS, FULL_VARIABLE, forget_counts, report_faults, write_document
from app.cli.instance import DirectoryInUse, Servers, hold, started_servers
from app.cli.servers.mariadb import PrivateMariaDB
from app.cli.servers.opensearch import PrivateOpenSearch
from app.cli.vendoring import install_packages
from app.settings import ROOT, load_settings

MEMORY: Final = Path("/dev/shm")  # noqa: S108  (a directory of our own is made below it)  # nosec B108
PREFIX: Final = "forecourt-test-"
BROWSERS: Final = Path.home() / ".cache" / "ms-playwright"
"""Where playwright keeps the browsers that a person installed with it."""
WORKERS: Final = ("-n", "2", "--dist", "loadfile")
WRITE: Final = "--write"
"""After `faults`: keep the table in docs/reliability.md."""
LOST: Final = 1
"""The exit code when a fault was not survived."""

DEPLOYING: Final = (tools.MARIADB_CLIENT, tools.NGINX, tools.COMPOSE, tools.PROMETHEUS)
"""What the tests of `deploy/` use."""

SUITES: Final[dict[str, tuple[str, ...]]] = {
    "unit": ("tests", "--ignore=tests/search", "--ignore=tests/faults"),
    "search": ("tests/search",),
    "faults": ("tests", "-m", "fault"),
    "deploy": ("tests/deploy",),
    "e2e": ("e2e",),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One pytest process: its name, what it is given, and whether it may be divided among workers."""

    name: str
    arguments: tuple[str, ...]
    is_divided: bool = False


def register(cli: typer.Typer) -> None:
    @cli.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
    def test(
        arguments: Annotated[
            list[str] | None,
            typer.Argument(metavar="[unit|search|faults [--write]|e2e] [PYTEST ARGS]", show_default=False),
        ] = None,
    ) -> None:
        """Run the tests on servers of their own; settings of the environment are ignored."""
        for name in list(os.environ):
            if name in {"DATABASE_URL", "DATABASE_READ_URL", "OPENSEARCH_URL", "MAIL_URL"} or name.startswith(
                "FORECOURT_"
            ):
                del os.environ[name]
        given = [argument for argument in arguments or [] if argument != WRITE]
        code = run_parts(parts_of(given))
        if WRITE in (arguments or []):
            write_document()
        raise SystemExit(code)


def parts_of(arguments: Sequence[str]) -> list[Part]:
    """Divide a call into pytest processes: browser tests never share one with the others."""
    if arguments and arguments[0] in SUITES:
        name, *options = arguments
        return [Part(name, (*SUITES[name], *options), is_divided=name != "e2e")]
    paths = [argument for argument in arguments if _is_path(argument)]
    options = [argument for argument in arguments if argument not in paths]
    if not paths:
        both = [Part("tests", ("tests", *options), is_divided=True), Part("e2e", ("e2e", *options))]
        return [part for part in both if (ROOT / part.name).exists()]
    browser = [path for path in paths if Path(path).parts[0] == "e2e"]
    others = [path for path in paths if path not in browser]
    return [Part(name, (*given, *options)) for name, given in (("tests", others), ("e2e", browser)) if given]


def _is_path(argument: str) -> bool:
    return not argument.startswith("-") and (ROOT / argument.partition("::")[0]).exists()


def run_parts(parts: Sequence[Part]) -> int:
    """Start the servers, run each part, stop the servers; returns the worst exit code."""
    begun = time.monotonic()
    tools.require(tools.MARIADB, tools.JAVA, tools.MAVEN, tools.NODE, tools.PANGO)
    if any(set(part.arguments) & {"tests", "tests/deploy"} for part in parts):
        tools.require(*DEPLOYING)
    if any(part.name == "e2e" for part in parts) and not any(BROWSERS.glob("chromium-*")):
        tools.require(tools.CHROMIUM)
    install_packages()
    ensure_assets()
    ARTIFACTS.mkdir(exist_ok=True)
    is_about_faults = any(part.name == "faults" for part in parts)
    forget_counts()
    with test_servers() as servers:
        environment = {
            **os.environ,
            "FORECOURT_TEST_DATABASE_URL": servers.settings.database_url,
            "FORECOURT_TEST_OPENSEARCH_URL": servers.settings.opensearch_url or "",
            FULL_VARIABLE: str(int(is_about_faults)),
        }
        codes = [run_pytest(part, environment) for part in parts]
    typer.echo(summary_line([report_of(part) for part in parts], time.monotonic() - begun))
    if is_about_faults and report_faults():
        codes.append(LOST)
    return max(codes, key=abs)


@contextlib.contextmanager
def test_servers() -> Generator[Servers]:
    """Give MariaDB and OpenSearch with relaxed durability in memory; both are gone afterwards."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    remove_leftovers(place)
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    try:
        with hold(directory), started_servers(load_settings(environment="test", data_dir=directory)) as servers:
            servers.wait_for_search()
            if servers.degraded:
                raise CommandFailed(servers.degraded[0])
            yield servers
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def remove_leftovers(place: Path) -> None:
    """Stop and remove the servers of test runs that were killed; those still running hold their directory."""
    for directory in place.glob(f"{PREFIX}*"):
        with contextlib.suppress(DirectoryInUse, OSError):
            if directory.stat().st_uid == os.getuid():
                with hold(directory):
                    PrivateOpenSearch(directory / "opensearch").stop_leftover()
                    PrivateMariaDB(directory / "mariadb").stop_leftover()
                    shutil.rmtree(directory, ignore_errors=True)


def run_pytest(part: Part, environment: dict[str, str]) -> int:
    report_of(part).unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", f"--junit-xml={report_of(part)}", *part.arguments]
    if part.is_divided and not any(argument.startswith("-n") for argument in part.arguments):
        command += WORKERS
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def report_of(part: Part) -> Path:
    return ARTIFACTS / f"junit-{part.name}.xml"


def summary_line(reports: Sequence[Path], seconds: float) -> str:
    """Return one line over all parts, in the words that pytest closes with."""
    counts: Counter[str] = Counter()
    for report in reports:
        suite = ET.parse(report).getroot().find("testsuite") if report.exists() else None  # noqa: S314  (pytest's own)  # nosec B314
        if suite is None:
            counts["error"] += 1
            continue
        counts.update({name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")})
    passed = counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
    told = {
        "failed": counts["failures"],
        "passed": passed,
        "skipped": counts["skipped"],
        "errors": counts["errors"] + counts["error"],
    }
    words = ", ".join(f"{count} {name}" for name, count in told.items() if count) or "no tests ran"
    return f"====== {words} in {seconds:.2f}s ======"

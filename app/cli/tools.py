"""The programs that Forecourt starts but does not bring: found, or installed where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
from ctypes.util import find_library
from dataclasses import dataclass
from functools import cache
from typing import Final

import typer

from app.cli.failures import CommandFailed

INSTALL_SECONDS: Final = 900
SYSTEM_PROGRAMS: Final = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin")
"""Where MariaDB's server lies; a plain user's path may lack these."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Programs or libraries we need, what for, and the Debian packages that bring them."""

    name: str
    purpose: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]
    libraries: tuple[str, ...] = ()

    @property
    def is_present(self) -> bool:
        return all(map(find_program, self.programs)) and all(map(find_library, self.libraries))


MARIADB: Final = Tool(
    "MariaDB", "the database", ("mariadbd", "mariadb-install-db"), ("mariadb-server-core", "mariadb-client-core")
)
JAVA: Final = Tool("A Java 17 development kit", "search", ("java", "javac"), ("default-jdk-headless",))
MAVEN: Final = Tool("Maven", "fetching the search engine", ("mvn",), ("maven",))
NODE: Final = Tool("Node.js with npm", "the browser's packages", ("node", "npm"), ("nodejs", "npm"))
MARIADB_CLIENT: Final = Tool(
    "MariaDB's client", "the test of restoring", ("mariadb-dump", "mariadb"), ("mariadb-client",)
)
COMPOSE: Final = Tool("Docker Compose", "checking the compose file", ("docker-compose",), ("docker-compose",))
PROMETHEUS: Final = Tool("Prometheus", "checking alerts", ("promtool",), ("prometheus",))
NGINX: Final = Tool("nginx", "the tests behind a proxy", ("nginx",), ("nginx-light",))
PANGO: Final = Tool(
    "Pango",
    "papers as PDF",
    (),
    ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
    ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"),
)
CHROMIUM: Final = Tool("Chromium", "the browser tests", ("chromium",), ("chromium",))


def find_program(name: str) -> str | None:
    """Return the path of a program, looking where system services lie as well."""
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *SYSTEM_PROGRAMS]))


def problem_with(tool: Tool) -> str | None:
    """Return None when the tool is present or could be installed, else one sentence about what is missing."""
    if tool.is_present:
        return None
    wanted = " ".join(tool.packages)
    if not _may_install():
        return f"{tool.name} was not found and is needed for {tool.purpose}; on Debian: apt-get install {wanted}."
    typer.echo(f"Installing {tool.name} ({wanted}) ...", err=True)
    _refresh_package_lists()
    if not _apt_get("install", "--no-install-recommends", *tool.packages) or not tool.is_present:
        return f"{tool.name} is needed for {tool.purpose} and could not be installed: apt-get install {wanted} failed."
    return None


def require(*tools: Tool) -> None:
    """Make sure of these tools, or stop with one sentence about each that is missing."""
    problems = [problem for tool in tools if (problem := problem_with(tool))]
    if problems:
        raise CommandFailed("\n".join(problems))


def _may_install() -> bool:
    return os.geteuid() == 0 and find_program("apt-get") is not None


@cache
def _refresh_package_lists() -> None:
    _apt_get("update")


def _apt_get(*arguments: str) -> bool:
    """Run apt-get without questions; its own words are shown only when it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            ["apt-get", "-q", "-y", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode:
        typer.echo("\n".join(done.stderr.splitlines()[-5:]), err=True)
    return done.returncode == 0

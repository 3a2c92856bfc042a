"""A real search node for tests: the one the runner started, else one of our own."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

EMBEDDED = Path(__file__).parents[2] / "search" / "embedded"
READY_SECONDS = 90
STOP_SECONDS = 20


def _missing() -> str | None:
    if shutil.which("java") is None:
        return "java is not installed"
    if not any((EMBEDDED / "lib").glob("opensearch-2*.jar")):
        return "search/embedded/lib is empty: run mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib there"
    return None


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait_until_ready(node: subprocess.Popen[str], log: Path) -> None:
    killer = threading.Timer(READY_SECONDS, node.kill)
    killer.start()
    try:
        assert node.stdout is not None
        line = node.stdout.readline()
    finally:
        killer.cancel()
    if not line.startswith("ready"):
        pytest.fail(f"the search node did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def opensearch_url() -> Iterator[str]:
    """The address of a search node; `FORECOURT_TEST_OPENSEARCH_URL` names one that already runs."""
    given = os.environ.get("FORECOURT_TEST_OPENSEARCH_URL")
    if given:
        yield given
        return
    missing = _missing()
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    http, transport = _free_ports(2)
    with tempfile.TemporaryDirectory(prefix="forecourt-search-") as directory:
        log = Path(directory) / "node.log"
        arguments = ["java", "-Xmx600m", "-cp", "lib/*", "Node.java", directory, str(http), str(transport)]
        with (
            log.open("w") as errors,
            subprocess.Popen(arguments, cwd=EMBEDDED, stdout=subprocess.PIPE, stderr=errors, text=True) as node,
        ):
            try:
                _wait_until_ready(node, log)
                yield f"http://127.0.0.1:{http}"
            finally:
                node.terminate()
                try:
                    node.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    node.kill()

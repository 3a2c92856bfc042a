"""`forecourt run` from the outside: comes up, looks after its children, stops in order, comes up again."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from app.cli import tools
from app.cli.instance import read_record
from app.cli.processes import ProcessIdentity, free_ports, wait_until
from app.cli.run import answers

READY_SECONDS = 120
STOP_SECONDS = 40

pytestmark = pytest.mark.skipif(
    not tools.MARIADB.is_present and os.environ.get("CI") != "true", reason="MariaDB is not installed"
)


class Run:
    """One `forecourt run` over a directory, with the search node of the tests."""

    def __init__(self, directory, opensearch_url):
        self.directory = directory
        self.port = free_ports()[0]
        self.log = directory.parent / f"{directory.name}-{self.port}.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FORECOURT_", "DATABASE_"))}
        command = [sys.executable, "-m", "app.cli", "run", "--no-demo", "--port", str(self.port)]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "--data-dir", str(directory)],
                env={**kept, "OPENSEARCH_URL": opensearch_url},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def is_ready(self):
        return answers(f"http://127.0.0.1:{self.port}/health/ready")

    def wait(self):
        assert wait_until(lambda: self.is_ready or self.process.poll() is not None, seconds=READY_SECONDS)
        assert wait_until(lambda: "is ready at" in self.log.read_text(), seconds=10), self.log.read_text()

    def part(self, name):
        identity = ProcessIdentity.from_json(read_record(self.directory).get(name))
        assert identity is not None
        return identity


@pytest.fixture
def start(tmp_path, opensearch_url):
    started = []

    def start(name="data"):
        run = Run(tmp_path / name, opensearch_url)
        started.append(run)
        return run

    yield start
    for run in started:
        run.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.process.wait(STOP_SECONDS)
        run.process.kill()
        run.process.wait()


def test_a_run_lives_stops_and_comes_back(start, tmp_path, opensearch_url):
    first, beside = start(), start("beside")
    first.wait()
    beside.wait()
    record = read_record(first.directory)
    assert record["opensearch_url"] == opensearch_url
    assert "opensearch" not in record, "a given search server is not ours to start or stop"
    assert record["mariadb"]["port"] != read_record(beside.directory)["mariadb"]["port"]

    again = start()
    assert again.process.wait(60) == 1
    assert f"is in use by `forecourt run` (process {first.process.pid})" in again.log.read_text()

    killed, database = first.part("web"), first.part("mariadb")
    killed.signal(signal.SIGKILL)
    assert wait_until(lambda: first.part("web") != killed and first.is_ready, seconds=30)

    first.process.send_signal(signal.SIGTERM)
    assert first.process.wait(STOP_SECONDS) == 0
    assert not database.is_running
    assert not first.is_ready
    assert read_record(first.directory) == {}
    assert beside.is_ready


def test_a_killed_run_is_taken_over(start):
    killed = start()
    killed.wait()
    left = [killed.part("web"), killed.part("mariadb")]
    killed.process.kill()
    killed.process.wait()
    second = start()
    second.wait()
    assert not left[0].is_running
    assert second.part("mariadb") == left[1], "a server that answers is used again"
    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(STOP_SECONDS) == 0
    assert not left[1].is_running

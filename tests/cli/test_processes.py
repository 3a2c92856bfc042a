"""Processes are told apart by their start, and children are brought back."""

import os
import signal
import socket
import subprocess
import sys
import time

from app.cli import supervising
from app.cli.processes import ProcessIdentity, free_ports, is_port_free, size_of, telling_line, wait_until

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


class TestProcessIdentity:
    def test_another_process_with_the_number_is_not_touched(self):
        with subprocess.Popen(SLEEP) as process:
            earlier = ProcessIdentity(process.pid, "earlier")
            assert not earlier.is_running
            assert earlier.stop(seconds=1)
            assert process.poll() is None
            process.kill()

    def test_an_ended_child_that_nobody_waited_for_does_not_run(self):
        process = subprocess.Popen([sys.executable, "-c", ""])
        assert wait_until(lambda: ProcessIdentity.of(process.pid) is None, seconds=10)
        process.wait()

    def test_one_that_ignores_the_request_is_killed(self):
        with subprocess.Popen(STUBBORN, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            identity = ProcessIdentity.of(process.pid)
            assert identity is not None
            assert identity.stop(seconds=0.2) is False
            assert process.wait(timeout=5) == -signal.SIGKILL

    def test_none_comes_from_no_record(self):
        assert ProcessIdentity.from_json(None) is None
        assert ProcessIdentity.from_json({"pid": "7"}) is None


class TestPorts:
    def test_free_ports_differ_and_can_be_taken(self):
        ports = free_ports(3)
        assert len(set(ports)) == 3
        with socket.create_server(("127.0.0.1", ports[0])):
            assert not is_port_free("127.0.0.1", ports[0])
            assert is_port_free("127.0.0.1", ports[1])


def test_wait_until_ends():
    begun = time.monotonic()
    assert not wait_until(lambda: False, seconds=0.2)
    assert time.monotonic() - begun < 2


def test_the_telling_line_of_this_start(tmp_path):
    log = tmp_path / "log"
    log.write_text("[ERROR] of yesterday\n")
    after = size_of(log)
    log.write_text("[ERROR] of yesterday\nstarting\n[ERROR] the disk is full\n[ERROR] Aborting\n\n")
    assert telling_line(log, containing="[ERROR]", after=after) == "[ERROR] the disk is full"
    assert telling_line(log, after=after) == "[ERROR] Aborting"
    assert telling_line(tmp_path / "none") == "it wrote no log"


class TestChild:
    def test_comes_back_after_a_growing_pause(self, tmp_path, monkeypatch):
        monkeypatch.setattr(supervising, "FIRST_PAUSE_SECONDS", 0.01)
        child = supervising.Child(
            "web", [sys.executable, "-c", "raise SystemExit(7)"], log=tmp_path / "log", environment=os.environ
        )
        child.start()
        told = []

        def has_ended_three_times():
            if sentence := child.look_after():
                told.append(sentence)
            return len(told) == 3

        assert wait_until(has_ended_three_times, seconds=20)
        assert "ended with 7" in told[0]
        assert child._pause > 0.05
        child.stop()

    def test_its_own_children_end_with_it(self, tmp_path):
        code = (
            "import subprocess, sys\n"
            "grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
            "print(grandchild.pid, flush=True)\ngrandchild.wait()\n"
        )
        log = tmp_path / "log"
        child = supervising.Child("web", [sys.executable, "-c", code], log=log, environment=os.environ)
        child.start()
        assert wait_until(lambda: log.read_text().strip().isdigit(), seconds=10)
        grandchild = ProcessIdentity.of(int(log.read_text()))
        assert grandchild is not None
        assert child.identity is not None
        child.identity.signal(signal.SIGKILL)
        assert wait_until(lambda: child.look_after() is not None, seconds=5)
        assert wait_until(lambda: not grandchild.is_running, seconds=5)
        child.stop()

"""`forecourt web` with settings that cannot work says why and ends."""

import os
import subprocess
import sys

import pytest

from app.settings import ROOT

SECONDS = 120


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL: It must look like mariadb://user:password@host:3306/name."),
        ({"FORECOURT_SECRET_KEY": "00" * 32}, "FORECOURT_SECRET_KEY repeats itself"),
    ],
)
def test_a_broken_configuration_ends_the_command(given, sentence, unused_tcp_port):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FORECOURT_", "DATABASE_"))}
    sound = {"DATABASE_URL": "mariadb://u:p@127.0.0.1:1/d", "OPENSEARCH_URL": "http://127.0.0.1:1"}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "web", "--port", str(unused_tcp_port)],
        cwd=ROOT,
        env={**kept, **sound, "FORECOURT_SECRET_KEY": os.urandom(32).hex(), **given},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert sentence in done.stdout + done.stderr


def test_a_fault_of_the_application_ends_the_command(unused_tcp_port):
    """Not only settings: whatever stops the application from being made is told once, and no worker is started."""
    program = (
        "import app.main\n"
        "def fail():\n    raise ValueError('a route names no permission')\n"
        "app.main.create_app = fail\n"
        f"from app.cli.web import serve\nserve('127.0.0.1', {unused_tcp_port}, 1)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 1
    assert "a route names no permission" in done.stderr

"""The command line itself: what exists, how it refuses, how a test call is divided."""

import os
import socket
import subprocess
import sys

import pytest

from app.cli import COMMANDS
from app.cli.test import parts_of, summary_line


def forecourt(*arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FORECOURT_")}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestCommandLine:
    def test_help_lists_the_commands(self):
        answer = forecourt("--help")
        assert answer.returncode == 0
        assert {"run", "web", "test", "assets"} <= set(answer.stdout.split())

    def test_an_unknown_command_is_refused(self):
        answer = forecourt("fly")
        assert answer.returncode == 2
        assert "fly" in answer.stderr

    def test_every_registered_command_explains_itself(self):
        for name in set(COMMANDS) & {"run", "web", "assets"}:
            assert forecourt(name, "--help").returncode == 0


class TestRefusals:
    def test_a_taken_port_is_one_sentence(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            answer = forecourt("run", "--port", port, "--data-dir", str(tmp_path))
        assert answer.returncode == 1
        assert answer.stderr == f"Port {port} is taken; choose another with --port.\n"

    def test_a_data_directory_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").touch()
        answer = forecourt("run", "--data-dir", str(tmp_path / "file" / "below"))
        assert answer.returncode == 1
        assert answer.stderr.count("\n") == 1
        assert "cannot be used" in answer.stderr

    def test_production_without_a_secret(self, tmp_path):
        answer = forecourt("web", "--data-dir", str(tmp_path), FORECOURT_ENVIRONMENT="production")
        assert answer.returncode == 1
        assert answer.stderr.startswith("FORECOURT_SECRET_KEY is needed in production")


class TestParts:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["unit", "-x"], [("unit", "tests", True)]),
            (["search"], [("search", "tests/search", True)]),
            (["e2e", "-k", "sign"], [("e2e", "e2e", False)]),
            (["tests/cli/test_commands.py::TestParts"], [("tests", "tests/cli/test_commands.py::TestParts", False)]),
        ],
    )
    def test_narrowed(self, arguments, expected):
        assert [(part.name, part.arguments[0], part.is_divided) for part in parts_of(arguments)] == expected

    def test_everything(self):
        first = parts_of(["-x"])[0]
        assert first.arguments == ("tests", "-x")
        assert first.is_divided


class TestSummary:
    def test_counts_all_parts_and_one_that_never_reported(self, tmp_path):
        (tmp_path / "a.xml").write_text(
            '<testsuites><testsuite tests="10" failures="2" errors="1" skipped="3"/></testsuites>'
        )
        line = summary_line([tmp_path / "a.xml", tmp_path / "missing.xml"], 1.5)
        assert line == "====== 2 failed, 4 passed, 3 skipped, 2 errors in 1.50s ======"

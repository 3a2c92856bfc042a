"""The audit of pins and secrets, on trees with something planted."""

import subprocess
import sys

import pytest

from app.cli.auditing import secrets_in, tracked_files, vulnerable_pins
from app.settings import ROOT


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "requirements").mkdir()
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


class TestPins:
    def test_names_the_advisory_of_a_vulnerable_pin(self, tree):
        (tree / "requirements" / "base.txt").write_text("jinja2==3.1.3 \\\n    --hash=sha256:0\nPyMySQL==1.1.0 ; a\n")
        found = {finding.words.split(" (")[0] for finding in vulnerable_pins(tree)}
        assert "jinja2 3.1.3 has CVE-2025-27516" in found
        assert "pymysql 1.1.0 has CVE-2024-36039" in found

    def test_passes_a_mended_pin(self, tree):
        (tree / "requirements" / "base.txt").write_text("jinja2==3.1.6\npymysql==1.1.3\n")
        assert list(vulnerable_pins(tree)) == []

    def test_our_own_pins_are_clean(self):
        assert list(vulnerable_pins(ROOT)) == []


class TestSecrets:
    @pytest.mark.parametrize(
        "text",
        ["-----BEGIN RSA PRIVATE " + "KEY-----", "url = 'https://me:" + "hunter22@host/'", "AKIA" + "IOSFODNN7EXAMPLE"],
    )
    def test_finds_what_is_planted(self, tree, text):
        (tree / "notes.txt").write_text(f"one\n{text}\n")
        (finding,) = secrets_in(tree, tracked_files(tree))
        assert finding.place == "notes.txt:2"

    def test_passes_what_git_ignores(self, tree):
        (tree / ".gitignore").write_text("notes.txt\n")
        (tree / "notes.txt").write_text("-----BEGIN RSA PRIVATE " + "KEY-----\n")
        assert list(secrets_in(tree, tracked_files(tree))) == []


def test_the_command_fails_and_names_the_place(tree):
    (tree / "requirements" / "base.txt").write_text("jinja2==3.1.3\n")
    ran = subprocess.run(
        [sys.executable, "-m", "app.cli", "audit", "--root", str(tree)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode != 0
    assert "requirements/base.txt: jinja2 3.1.3 has CVE-2025-27516" in ran.stderr

"""Words that must not be written, and where the exceptions are."""

import re
import subprocess
from pathlib import Path

import pytest

from app.settings import ROOT, TEMPLATES

BANNED_IN_CODE = {
    r"\.commit\(": {"app/core/db.py"},
    r"\bprint\(": set(),
    r"query_string\"\s*:": set(),
    r"\bfrom litestar\.contrib": set(),
    r"datetime\.(now|utcnow)\(|date\.today\(": {"app/core/clock.py", "search/kinds.py"},
}
BANNED_IN_TEMPLATES = (r"\|\s*safe\b", r"\bstyle=", r"\bon[a-z]+=", r"<script(?![^>]*src=)", r"javascript:", r"hx-on")
CODE = sorted(path for folder in ("app", "search") for path in (ROOT / folder).rglob("*.py"))
LEAKING = re.compile(r"registry\.npmjs|pypi\.org|files\.pythonhosted|repo\.maven|--index-url|/work/|/root/")


@pytest.mark.parametrize("pattern", BANNED_IN_CODE)
def test_banned_words_in_code(pattern: str):
    allowed = BANNED_IN_CODE[pattern]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in CODE
        if str(path.relative_to(ROOT)) not in allowed and "app/cli" not in str(path)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []


@pytest.mark.parametrize("pattern", BANNED_IN_TEMPLATES)
def test_banned_words_in_templates(pattern: str):
    found = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in TEMPLATES.rglob("*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []


def test_no_address_of_a_registry_and_no_path_of_a_machine():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    found = [
        name
        for name in listed.stdout.splitlines()
        if not name.startswith("tests/house/") and (ROOT / name).is_file() and LEAKING.search(_text(ROOT / name))
    ]
    assert found == []


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""

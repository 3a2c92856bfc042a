"""Every template compiles, every page has a title, and every block that code names exists."""

import re
from pathlib import Path

import pytest

from app.core.templating import make_environment
from app.settings import ROOT, TEMPLATES

ALL = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
FRAMES = ('{% extends "base.html" %}', '{% extends "_record.html" %}')
PAGES = [name for name in ALL if any(frame in (TEMPLATES / name).read_text() for frame in FRAMES) and name[0] != "_"]
RECORD_FRAMES = {"_record.html", "payments/charges/show.html"}
"""Who lays out the columns of a record: the frame, and the page that fetches its moves anew with the state."""
CODE = sorted((ROOT / "app").rglob("*.py"))
RENDERED = re.compile(r'render\(\s*request,\s*"([^"]+)"[^)]*?fragment="([^"]+)"', re.DOTALL)


@pytest.fixture(scope="module")
def environment():
    return make_environment({})


@pytest.mark.parametrize("name", ALL)
def test_compiles(environment, name: str):
    environment.get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_has_a_title(environment, name: str):
    assert "{% block title %}" in (TEMPLATES / name).read_text()


@pytest.mark.parametrize("name", [name for name in ALL if name not in RECORD_FRAMES])
def test_a_record_has_its_moves_before_its_facts_by_the_frame(name: str):
    assert not re.search(r'class="columns( record)?"', (TEMPLATES / name).read_text())


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_blocks_named_in_code_exist(environment, path: Path):
    for name, block in RENDERED.findall(path.read_text()):
        assert block in environment.get_template(name).blocks, f"{name} has no block {block}"


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_named_in_code_exist(path: Path):
    for name in re.findall(r'"([a-z_/]+\.html)"', path.read_text()):
        assert (TEMPLATES / name).exists(), name

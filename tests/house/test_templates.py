"""Every template compiles, every page has a title, and every block that code names exists."""

import re
from pathlib import Path

import pytest

from app.core.templating import make_environment
from app.settings import ROOT, TEMPLATES

ALL = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
PAGES = [name for name in ALL if '{% extends "base.html" %}' in (TEMPLATES / name).read_text()]
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


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_blocks_named_in_code_exist(environment, path: Path):
    for name, block in RENDERED.findall(path.read_text()):
        assert block in environment.get_template(name).blocks, f"{name} has no block {block}"


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_named_in_code_exist(path: Path):
    for name in re.findall(r'"([a-z_/]+\.html)"', path.read_text()):
        assert (TEMPLATES / name).exists(), name

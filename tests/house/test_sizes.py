"""Limits on the longest tenth: the tail is what drifts."""

import ast
from pathlib import Path

import pytest

from app.settings import ROOT, TEMPLATES

MODULE_LINES, FUNCTION_LINES, TEMPLATE_LINES, HANDLER_LINES = 400, 60, 150, 25
MODULES = sorted(path for folder in ("app", "search", "tests", "e2e") for path in (ROOT / folder).rglob("*.py"))
HANDLERS = ("get", "post", "patch", "put", "delete")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_short(path: Path):
    text = path.read_text()
    assert text.count("\n") <= MODULE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_stay_short(path: Path):
    assert path.read_text().count("\n") <= TEMPLATE_LINES


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.name in ("routes.py", "api.py") or path.parent.name in ("routes", "api")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_handlers_only_parse_call_and_answer(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.AsyncFunctionDef) and any(_is_route(one) for one in node.decorator_list):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= HANDLER_LINES, f"{node.name} has {length} lines"


def _is_route(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id in HANDLERS

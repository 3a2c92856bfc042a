"""The layering contract of pyproject.toml, and that features meet only at their doors."""

import ast
import subprocess
import sys
from pathlib import Path

from app.settings import ROOT

DOORS = {"services", "models", "rules"}
IN_A_FEATURE = 3
"""Parts of a path below `app` from where on it is a feature's; the area's own files put its features together."""
AREAS = ("desk", "rental", "credit", "portal")


def test_the_layering_contract_is_kept():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert answer.returncode == 0, answer.stdout[-4000:]


def test_other_features_are_used_by_their_services_models_and_rules_only():
    found: list[str] = []
    for path in sorted((ROOT / "app").rglob("*.py")):
        own = path.relative_to(ROOT).parts[1:]
        if len(own) < IN_A_FEATURE or own[0] not in AREAS:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            for module in _imported(node):
                parts = module.split(".")
                if len(parts) >= 4 and parts[1] in AREAS and tuple(parts[1:3]) != own[:2] and parts[3] not in DOORS:
                    found.append(f"{path.relative_to(ROOT)} imports {module}")
    assert found == []


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("app."):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names if alias.name.startswith("app.")]
    return []

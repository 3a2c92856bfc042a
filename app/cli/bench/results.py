"""Results: kept beside the data, shown as a table, and written into docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
import typer

from app.cli.bench import BENCHES
from app.cli.bench.measuring import Line, Result
from app.settings import ROOT

DOCUMENT: Final = ROOT / "docs" / "performance.md"
NAMED: Final = ("granian", "litestar", "sqlalchemy", "aiomysql", "asyncmy", "msgspec", "jinja2", "opensearch-py")
HEADS: Final = ("", "Forecourt", "beside", "ratio", "rounds", "target", "")

METHOD: Final = """\
# Performance

Written by `forecourt bench all --write`; `forecourt bench list` names the benches, `forecourt bench NAME` runs one.

Absolute figures say little on a small or shared machine, so every bench compares: our side and another way of doing
the same work run in turn, A-B-A-B, on the same machine, over the same database. The ratio is the median of the
rounds' own ratios; *rounds* shows the least and the greatest of them. The application has one core, the database,
the search engine and the load have another. Every answer other than 200 ends the bench. Peers are installed from pins
into an environment of their own. MariaDB keeps its production settings (each commit is flushed).

A bench is a program, not a test: nothing in the test suite depends on time. Where a target is missed,
[performance-profile.md](performance-profile.md) tells what the time goes to and which lever is left.
"""


def keep(data_dir: Path, result: Result) -> None:
    """Keep the latest result of a bench."""
    folder = data_dir / "bench"
    folder.mkdir(exist_ok=True)
    (folder / f"{result.name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(result)))


def kept(data_dir: Path) -> list[Result]:
    """The latest result of every bench that was run here."""
    files = [data_dir / "bench" / f"{name}.json" for name in BENCHES]
    return [msgspec.json.decode(file.read_bytes(), type=Result) for file in files if file.exists()]


def print_result(result: Result) -> None:
    typer.echo(f"\n{result.title}\n\n{table(result.lines)}\n")
    for note in result.notes:
        typer.echo(f"- {note}")


def table(lines: list[Line]) -> str:
    """The lines as a Markdown table, its columns aligned for the terminal."""
    rows = [HEADS, *(_cells(line) for line in lines)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADS))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([texts[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *texts[1:]])


def _cells(line: Line) -> tuple[str, ...]:
    verdict = {None: "", True: "met", False: "missed"}[line.is_met]
    spread = f"{line.least:.2f}-{line.most:.2f}"
    return line.what, line.ours, line.theirs, f"{line.ratio:.2f}x", spread, line.target, verdict


def write_document(data_dir: Path) -> None:
    """Write docs/performance.md from the latest results."""
    parts = [METHOD, f"Measured on {machine()}.\n"]
    for result in kept(data_dir):
        notes = "".join(f"\n- {note}" for note in result.notes)
        parts.append(f"## {result.title}\n\n{result.method}\n\n{table(result.lines)}\n{notes}".rstrip() + "\n")
    if missing := [name for name in BENCHES if not (data_dir / "bench" / f"{name}.json").exists()]:
        parts.append(f"## Not measured yet\n\n{', '.join(missing)}.\n")
    DOCUMENT.write_text("\n".join(parts))
    typer.echo(f"Written: {DOCUMENT}")


def machine() -> str:
    """The processor, the number of cores, and the versions that matter."""
    information = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", information.read_text()) if information.exists() else None
    processor = found.group(1) if found else platform.processor() or platform.machine()
    versions = ", ".join(f"{name} {version(name)}" for name in NAMED)
    return f"{os.cpu_count()} cores of {processor}, Python {platform.python_version()}, {_mariadb()}, {versions}"


def _mariadb() -> str:
    from app.cli.tools import find_program

    program = find_program("mariadbd")
    if program is None:
        return "MariaDB"
    text = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=10).stdout
    found = re.search(r"Ver (\S+?)-MariaDB", text)
    return f"MariaDB {found.group(1)}" if found else "MariaDB"

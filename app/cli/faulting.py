"""The table of injected faults: gathered from the test processes, shown, and kept as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from app.settings import ROOT

ARTIFACTS: Final = ROOT / "artifacts"
COUNTS: Final = ARTIFACTS / "faults"
"""One file of counts from each test process."""
REPORT: Final = ARTIFACTS / "faults.md"
DOCUMENT: Final = ROOT / "docs" / "reliability.md"
HEADING: Final = "## What was injected"
FULL_VARIABLE: Final = "FORECOURT_TEST_FAULTS_FULL"


@dataclass(frozen=True, slots=True)
class FaultCount:
    """How often one fault was injected and survived; what was not survived is lost."""

    number: str
    title: str
    injected: int
    survived: int
    skipped: str = ""

    @property
    def lost(self) -> int:
        return self.injected - self.survived

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def forget_counts() -> None:
    """Remove what an earlier run counted."""
    for path in COUNTS.glob("*.json"):
        path.unlink(missing_ok=True)


def gathered_counts() -> list[FaultCount]:
    """The counts of all test processes, one line for each fault and title, in the order of their numbers."""
    return merged(
        FaultCount(**entry) for path in sorted(COUNTS.glob("*.json")) for entry in json.loads(path.read_text())
    )


def merged(counts: Iterable[FaultCount]) -> list[FaultCount]:
    lines: dict[tuple[str, str], FaultCount] = {}
    for count in counts:
        key = (count.number, count.title)
        held = lines.get(key)
        lines[key] = (
            count
            if held is None
            else replace(
                held,
                injected=held.injected + count.injected,
                survived=held.survived + count.survived,
                skipped=held.skipped or count.skipped,
            )
        )
    return sorted(lines.values(), key=lambda line: (_place(line.number), line.title))


def _place(number: str) -> tuple[int, str]:
    digits = re.search(r"\d+", number)
    return (int(digits.group()) if digits else 0, number)


def report_faults(path: Path = REPORT) -> int:
    """Show the table, keep it as Markdown, and return how many injections were lost."""
    counts = gathered_counts()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_markdown(counts))
    _show(counts)
    return sum(count.lost for count in counts)


def write_document(path: Path = DOCUMENT) -> None:
    """Put the table of the last run at the end of the document."""
    before = path.read_text().partition(HEADING)[0].rstrip()
    words = "Written by `forecourt test faults --write`. An injection is survived when every invariant held after it."
    path.write_text(f"{before}\n\n{HEADING}\n{words}\n\n{as_markdown(gathered_counts())}")


def as_markdown(counts: Iterable[FaultCount]) -> str:
    """The table for a document."""
    lines = ["| # | Fault | Injected | Survived | Lost |", "|---|---|---:|---:|---:|"]
    lines += [
        f"| {count.number} | {count.title} | skipped: {count.skipped} | | |"
        if count.skipped and not count.injected
        else f"| {count.number} | {count.title} | {count.injected:,} | {count.survived:,} | {count.lost:,} |"
        for count in counts
    ]
    return "\n".join(lines) + "\n"


def _show(counts: Iterable[FaultCount]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="Faults", title_justify="left")
    for title in ("#", "Fault"):
        table.add_column(title, overflow="fold")
    for title in ("Injected", "Survived", "Lost"):
        table.add_column(title, justify="right")
    for count in counts:
        if count.skipped and not count.injected:
            table.add_row(count.number, escape(count.title), "[yellow]skipped[/]", escape(count.skipped), "")
            continue
        lost = f"[bold red]{count.lost:,}[/]" if count.lost else "0"
        table.add_row(count.number, escape(count.title), f"{count.injected:,}", f"{count.survived:,}", lost)
    Console(highlight=False).print(table)

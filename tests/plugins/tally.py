"""Counts for each fault how often it was injected, survived and lost; `forecourt test faults` makes its table of it.

A test says which fault it injects with `@pytest.mark.fault("F8", "a request is cancelled in a read")`. Without more it
counts as one injection; with the fixture `tally` each `with tally:` is one.
"""

import json
import os
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import pytest

from app.cli.faulting import COUNTS, FULL_VARIABLE, FaultCount

HELD = pytest.StashKey["Tally"]()
COUNTED = pytest.StashKey[list[FaultCount]]()


class Tally:
    """The injections of one test."""

    def __init__(self) -> None:
        self.injected = 0
        self.survived = 0

    def __enter__(self) -> Self:
        self.injected += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.survived += error is None


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """`with tally: ...` around each injection and the look at what became of it."""
    return request.node.stash.setdefault(HELD, Tally())


@pytest.fixture(scope="session")
def is_full() -> bool:
    """Whether every step is wanted, as `forecourt test faults` does, or a sample of them."""
    return os.environ.get(FULL_VARIABLE) == "1"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(number, title): the fault of docs/reliability.md that the test injects")
    config.stash[COUNTED] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield
    marker = item.get_closest_marker("fault")
    if marker is None or not (report.when == "call" or report.skipped or report.failed):
        return report
    tally = item.stash.get(HELD, Tally())
    skipped = ""
    if report.skipped:
        skipped = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    elif tally.injected == 0 or (report.failed and tally.injected == tally.survived):
        tally.injected += 1
        tally.survived += report.passed
    title = marker.args[1].format(**_parameters(item))
    item.config.stash[COUNTED].append(FaultCount(marker.args[0], title, tally.injected, tally.survived, skipped))
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    counted = session.config.stash[COUNTED]
    if counted:
        COUNTS.mkdir(parents=True, exist_ok=True)
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        (COUNTS / f"{worker}.json").write_text(json.dumps([count.to_json() for count in counted]))


def _parameters(item: pytest.Item) -> dict[str, object]:
    return dict(item.callspec.params) if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}

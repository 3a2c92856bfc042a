"""From the start of a process until its first answer, and the memory of a worker before and after 10,000 requests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from app.cli.bench.django_admin import django_admin
from app.cli.bench.load import Asked, Load, ask
from app.cli.bench.measuring import Line, Result, Target, compare
from app.cli.bench.processes import memory_mb, tree
from app.cli.bench.serving import forecourt
from app.cli.bench.stage import Stage

REQUESTS: Final = 10_000
CHUNK: Final = Load(answers=500, seconds=120)
SLOW: Final = Load(answers=48, seconds=120)
MOST_SECONDS: Final = 1.5
MOST_MB: Final = 120.0
MOST_GROWTH: Final = 1.05
BACKSTAGE_SECONDS: Final = 2.2
BACKSTAGE_MB: Final = 180.0
METHOD: Final = (
    "*Start*: from the start of `forecourt web` (one worker, bytecode there) until `/health/live` answers 200, beside "
    "gunicorn with Django's admin. *Memory* is that of the worker process alone (PSS: what is shared with its parent "
    "counts by halves), idle after the first answer, and again after 10,000 requests of four kinds (JSON list, HTML "
    "list, home, a searched list). Backstage's minimal backend is known to need 2.2 to 3.3 s and 180 to 205 MB idle."
)


@dataclass(slots=True)
class Found:
    """What one server needed, round by round."""

    seconds: list[float] = field(default_factory=list[float])
    idle: list[float] = field(default_factory=list[float])


async def run(stage: Stage) -> Result:
    """Start both servers in turn, then let ours answer."""
    ours, django = Found(), Found()
    with forecourt(stage.settings):  # compiles what an installation has compiled
        pass
    for _ in range(stage.rounds):
        with forecourt(stage.settings) as server:
            ours.seconds.append(server.seconds)
            ours.idle.append(_worker_mb(server.pid))
        with django_admin(stage.settings) as admin:
            django.seconds.append(admin.server.seconds)
            await ask([admin.asked("vehicle", "state=in_service")], Load(answers=1))
            django.idle.append(_worker_mb(admin.server.pid))
    growth, before, after = await _after_many(stage)
    lines = [
        compare("first answer beside Django's admin", ours.seconds, django.seconds, "s", digits=2),
        _bound("first answer", ours.seconds, "s", MOST_SECONDS),
        compare("memory idle beside Django's admin", ours.idle, django.idle, "MB"),
        _bound("memory idle", ours.idle, "MB", MOST_MB),
        Line(
            what="memory after 10,000 requests beside 1,000",
            ours=f"{after:.0f} MB",
            theirs=f"{before:.0f} MB",
            ratio=growth,
            least=growth,
            most=growth,
            target=str(Target(MOST_GROWTH, "less")),
            is_met=round(growth, 2) <= MOST_GROWTH,
        ),
        _bound("memory after 10,000 requests", [after], "MB", MOST_MB),
    ]
    start, idle = median(ours.seconds) / BACKSTAGE_SECONDS, median(ours.idle) / BACKSTAGE_MB
    backstage = f"Beside Backstage's least figures: start {start:.2f}x, idle memory {idle:.2f}x."
    return Result(name="footprint", title="Start and memory", method=METHOD, lines=lines, notes=[backstage])


async def _after_many(stage: Stage) -> tuple[float, float, float]:
    """How memory grew from the 1,000th request, when every kind had been asked, to the 10,000th."""
    with forecourt(stage.settings) as server:
        headers = await stage.cookie()
        paths = ("/api/v1/vehicles?limit=50", "/vehicles", "/", "/vehicles?q=golf")
        asked = [Asked(server.url + path, headers) for path in paths]
        before = 0.0
        for done in range(CHUNK.answers, REQUESTS + 1, CHUNK.answers):
            await ask(asked, CHUNK)
            if done == 2 * CHUNK.answers:
                before = await _settled_mb(server.pid)
        after = await _settled_mb(server.pid)
    return after / before, before, after


async def _settled_mb(pid: int) -> float:
    await asyncio.sleep(1)
    return _worker_mb(pid)


def _worker_mb(pid: int) -> float:
    """The largest process of a server: its worker, not the one that only watches it."""
    return max(memory_mb(each) for each in tree(pid))


def _bound(what: str, found: list[float], unit: str, bound: float) -> Line:
    """A figure beside its bound."""
    return compare(f"{what} beside its bound", found, [bound] * len(found), unit, Target(1.0, "less"), digits=2)

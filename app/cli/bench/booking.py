"""Bookings made by sixteen clients at once, beside a script by hand that sends the same SQL."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from app.cli.bench import cores
from app.cli.bench.hires import Planned, Plans, ensure_cards
from app.cli.bench.load import Asked, Load, Round
from app.cli.bench.measuring import Result, Target, compare, in_turn
from app.cli.bench.serving import PEERS, Served, forecourt, measured
from app.cli.bench.stage import Stage
from app.cli.failures import CommandFailed
from app.cli.options import environment_of
from app.cli.seeds.loading import connection
from app.settings import Settings

CLIENTS: Final = 16
BOOKINGS: Final = 400
WARM_UP: Final = 64
CREATED: Final = 201
MOST_STATEMENTS: Final = 14
SCRIPT: Final = "hires_by_hand.py"
SCRIPT_SECONDS: Final = 120
STATEMENTS: Final = ("Com_select", "Com_insert", "Com_update", "Com_delete")
COMMITS, FLUSHES = "Com_commit", "Innodb_data_fsyncs"
METHOD: Final = (
    "Hires of one day of our own fleet, priced by a rate card, each of another class at another airport, 16 clients. "
    "*By hand* is one Python script on the application's core with 16 connections (aiomysql) that sends the same "
    "statements in the same order, and one more that looks for a free reference, and commits each: no HTTP, no token, "
    "no checks, no answer that is shaped. "
    "Statements, commits and flushes (of the redo log, and of data files meanwhile) are the server's own counters."
)


async def run(stage: Stage) -> Result:
    """Book on both sides in turn, then count what the database was asked."""
    plans = Plans(stage.settings.database_url)
    async with stage.database() as database:
        await ensure_cards(database)
    with forecourt(stage.settings, log="booking") as usual, forecourt(stage.fast_settings, log="booking-fast") as fast:

        async def ours(server: Served, count: int = BOOKINGS) -> Round:
            return await booked(server, plans.take(count), await stage.bearer())

        async def by_hand(count: int = BOOKINGS) -> dict[str, Any]:
            return await run_script(stage.settings, "book", plans.take(count), CLIENTS)

        for server in (usual, fast):
            await ours(server, WARM_UP)
        await by_hand(WARM_UP)
        rounds = await in_turn(
            {"aiomysql": lambda: ours(usual), "by hand": by_hand, "asyncmy": lambda: ours(fast)}, stage.rounds
        )
        headers = await stage.bearer()
        used = await _used(stage.settings, lambda: booked(usual, plans.take(BOOKINGS), headers))
        used_by_hand = await _used(stage.settings, by_hand)
    hand = [BOOKINGS / one["seconds"] for one in rounds["by hand"]]
    usual_speed, fast_speed = ([one.per_second for one in rounds[name]] for name in ("aiomysql", "asyncmy"))
    statements = sum(used[name] for name in STATEMENTS)
    lines = [
        compare("aiomysql beside by hand", usual_speed, hand, "/s", Target(0.7)),
        compare("asyncmy beside by hand (aiomysql)", fast_speed, hand, "/s", Target(0.7)),
        compare(
            "processor time, aiomysql beside by hand",
            [one.cpu_milliseconds for one in rounds["aiomysql"]],
            [one["cpu_seconds"] * 1000 / BOOKINGS for one in rounds["by hand"]],
            "ms",
            digits=2,
        ),
        compare(
            "statements of a booking, beside 14", [statements], [MOST_STATEMENTS], "", Target(1.0, "less"), digits=1
        ),
        compare("commits of a booking, beside one", [used[COMMITS]], [1], "", Target(1.0, "less"), digits=2),
        compare("flushes of a booking, beside by hand", [used[FLUSHES]], [used_by_hand[FLUSHES]], "", digits=2),
    ]
    return Result(name="booking", title="A booking", method=METHOD, lines=lines)


async def _used(settings: Settings, work: Callable[[], Awaitable[Any]]) -> dict[str, float]:
    """What the database counted for each booking of a round."""
    before = counters(settings)
    await work()
    return {name: (value - before[name]) / BOOKINGS for name, value in counters(settings).items()}


async def booked(
    server: Served,
    planned: list[Planned],
    headers: dict[str, str],
    *,
    clients: int = CLIENTS,
    with_vehicle: bool = False,
    expected: tuple[int, ...] = (CREATED,),
) -> Round:
    """Send these hires to be booked, each once."""
    asked = [
        Asked(
            f"{server.url}/api/v1/bookings",
            headers | {"Idempotency-Key": one.key},
            one.body(with_vehicle=with_vehicle),
            expected,
        )
        for one in planned
    ]
    return await measured(server, asked, Load(answers=len(asked), clients=clients))


async def run_script(settings: Settings, how: str, planned: list[Planned], clients: int) -> dict[str, Any]:
    """Let the script book these hires on the application's core; what it tells: seconds, cpu_seconds, booked."""
    plan = settings.data_dir / "bench" / "hires.json"
    plan.write_text(json.dumps([one.by_hand() for one in planned]))
    own = ",".join(str(core) for core in cores()[0])
    command = ["taskset", "-c", own, sys.executable, str(PEERS / SCRIPT), how, str(plan), str(clients)]
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment_of(settings) | {"DATABASE_URL": settings.database_url},
        cwd=Path(PEERS),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, error = await asyncio.wait_for(process.communicate(), SCRIPT_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise CommandFailed(f"The script by hand failed: {error.decode(errors='replace')[-600:]}")
    return json.loads(out)


def counters(settings: Settings) -> dict[str, int]:
    """What the database has done so far, by its own counters."""
    with connection(settings.database_url) as cursor:
        cursor.execute("SHOW GLOBAL STATUS")
        told = dict(cursor.fetchall())
    return {name: int(told[name]) for name in (*STATEMENTS, COMMITS, FLUSHES)}

"""Sixty-four clients who want one vehicle at one time, beside a script that locks the vehicle first."""

from __future__ import annotations

from typing import Any, Final

from app.cli.bench.booking import CREATED, booked, run_script
from app.cli.bench.hires import Plans, ensure_cards
from app.cli.bench.load import Round
from app.cli.bench.measuring import Result, Target, compare, in_turn
from app.cli.bench.serving import Served, forecourt
from app.cli.bench.stage import Stage
from app.cli.failures import CommandFailed

CLIENTS: Final = 64
HIRES: Final = 5
"""How many vehicles are fought for in a round, one after another."""
TAKEN: Final = 409
METHOD: Final = (
    "One hire of one vehicle, asked for by 64 clients at once, each with a key of their own; five hires a round, one "
    "after another, until the last client has an answer. *By parent lock* is one Python script on the application's "
    "core with 64 connections (aiomysql): it claims the key, locks the vehicle's row, looks whether the vehicle is "
    "taken, and makes the booking with the statements of the bench above; no HTTP, no token, and a refusal is rolled "
    "back and not kept. Ours keeps every refusal for its key. Who wins is counted on both sides: one each time."
)


async def run(stage: Stage) -> Result:
    """Let them fight on both sides in turn."""
    plans = Plans(stage.settings.database_url)
    async with stage.database() as database:
        await ensure_cards(database)
    with forecourt(stage.settings, log="one-vehicle") as usual, forecourt(stage.fast_settings, log="one-fast") as fast:
        sides = {
            "aiomysql": lambda: _ours(stage, usual, plans),
            "by parent lock": lambda: _by_parent_lock(stage, plans),
            "asyncmy": lambda: _ours(stage, fast, plans),
        }
        for measure in sides.values():
            await measure()
        rounds: dict[str, list[float]] = await in_turn(sides, stage.rounds)
    hand = rounds["by parent lock"]
    lines = [
        compare(f"{name} beside by parent lock", rounds[name], hand, "answers/s", Target(1.5))
        for name in ("aiomysql", "asyncmy")
    ]
    fought = HIRES * (stage.rounds + 1)
    notes = [f"{fought} hires on each side, {fought * CLIENTS:,} attempts: {fought} winners, everybody else refused."]
    return Result(name="one-vehicle", title="One vehicle, 64 clients", method=METHOD, lines=lines, notes=notes)


async def _ours(stage: Stage, server: Served, plans: Plans) -> float:
    """Answers in a second."""
    headers, seconds = await stage.bearer(), 0.0
    for planned in plans.take(HIRES):
        found: Round = await booked(
            server,
            plans.compete(planned, CLIENTS),
            headers,
            clients=CLIENTS,
            with_vehicle=True,
            expected=(CREATED, TAKEN),
        )
        _refuse_other_than_one(found.statuses[CREATED], found.statuses.total())
        seconds += found.seconds
    return HIRES * CLIENTS / seconds


async def _by_parent_lock(stage: Stage, plans: Plans) -> float:
    seconds = 0.0
    for planned in plans.take(HIRES):
        found: dict[str, Any] = await run_script(stage.settings, "compete", plans.compete(planned, CLIENTS), CLIENTS)
        _refuse_other_than_one(found["booked"], CLIENTS)
        seconds += found["seconds"]
    return HIRES * CLIENTS / seconds


def _refuse_other_than_one(winners: int, answers: int) -> None:
    if winners != 1 or answers != CLIENTS:
        raise CommandFailed(f"Of {answers} answers {winners} have the vehicle, and it should be one of {CLIENTS}.")

"""Sixty-four clients who want one vehicle at one time, beside code by hand that locks the vehicle first."""

from __future__ import annotations

import json
from typing import Any, Final

from app.cli.bench.booking import CREATED, booked, run_script
from app.cli.bench.hires import Plans, ensure_cards
from app.cli.bench.load import Asked, Load, Round
from app.cli.bench.measuring import Result, Target, compare, in_turn
from app.cli.bench.serving import Served, forecourt, granian, measured, peer
from app.cli.bench.stage import Stage
from app.cli.failures import CommandFailed
from app.cli.processes import free_ports

CLIENTS: Final = 64
HIRES: Final = 5
"""How many vehicles are fought for in a round, one after another."""
TAKEN: Final = 409
METHOD: Final = (
    "One hire of one vehicle, asked for by 64 clients at once, each with a key of their own; five hires a round, one "
    "after another, until the last client has an answer. *By hand* is a bare ASGI function on the same server program "
    "(granian) and aiomysql: the token with its person in one statement, the key is claimed, the vehicle's row is "
    "locked before anything else, the booking is made with the statements of the bench above, and a refusal is kept "
    "for its key, as ours is; no routing, no checks, no log, no prices beyond the day's. *The script* does the same "
    "with 64 connections on the application's core and without HTTP, token, or kept refusals. Who wins is counted on "
    "every side: one each time."
)


async def run(stage: Stage) -> Result:
    """Let them fight on both sides in turn."""
    plans = Plans(stage.settings.database_url)
    async with stage.database() as database:
        await ensure_cards(database)
    port = free_ports()[0]
    with (
        forecourt(stage.settings, log="one-vehicle") as usual,
        forecourt(stage.fast_settings, log="one-fast") as fast,
        peer(granian("parent_lock:app", port), port, stage.settings, "parent-lock", READY="/ready") as hand,
    ):
        sides = {
            "aiomysql": lambda: _ours(stage, usual, plans),
            "by hand": lambda: _by_hand(stage, hand, plans),
            "asyncmy": lambda: _ours(stage, fast, plans),
            "the script": lambda: _by_script(stage, plans),
        }
        for measure in sides.values():
            await measure()
        rounds: dict[str, list[float]] = await in_turn(sides, stage.rounds)
    lines = [
        compare(f"{name} beside {other}", rounds[name], rounds[other], "answers/s", Target(1.5))
        for other in ("by hand", "the script")
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


async def _by_hand(stage: Stage, server: Served, plans: Plans) -> float:
    headers, seconds = await stage.bearer(), 0.0
    for planned in plans.take(HIRES):
        asked = [
            Asked(server.url + "/", headers, json.dumps(each.by_hand()).encode(), (CREATED, TAKEN))
            for each in plans.compete(planned, CLIENTS)
        ]
        found = await measured(server, asked, Load(answers=len(asked), clients=CLIENTS))
        _refuse_other_than_one(found.statuses[CREATED], found.statuses.total())
        seconds += found.seconds
    return HIRES * CLIENTS / seconds


async def _by_script(stage: Stage, plans: Plans) -> float:
    seconds = 0.0
    for planned in plans.take(HIRES):
        found: dict[str, Any] = await run_script(stage.settings, "compete", plans.compete(planned, CLIENTS), CLIENTS)
        _refuse_other_than_one(found["booked"], CLIENTS)
        seconds += found["seconds"]
    return HIRES * CLIENTS / seconds


def _refuse_other_than_one(winners: int, answers: int) -> None:
    if winners != 1 or answers != CLIENTS:
        raise CommandFailed(f"Of {answers} answers {winners} have the vehicle, and it should be one of {CLIENTS}.")

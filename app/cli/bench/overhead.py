"""What protects and records a request: the same page with it and without."""

from __future__ import annotations

from functools import partial
from typing import Final

from app.cli.bench.load import Asked, Load, Round, ask
from app.cli.bench.measuring import Result, Target, compare, in_turn
from app.cli.bench.serving import forecourt, measured
from app.cli.bench.stage import Stage

LOAD: Final = Load(answers=1_000, seconds=5)
WARM_UP: Final = Load(answers=200, seconds=3)
METHOD: Final = (
    "The first 50 vehicles as JSON by browser session. *Off* is the same application as the bench puts it together: "
    "without the guard (session, person, permission, origin, strict parameters) and without the frame around requests "
    "(request id, content policy and other headers, deadline, metrics, log line); everybody is one fixed person."
)


async def run(stage: Stage) -> Result:
    """Measure the real application beside the bare one."""
    with (
        forecourt(stage.settings) as ours,
        forecourt(stage.settings, app="app.cli.bench.bare:create_app", log="bare") as bare,
    ):
        headers = await stage.cookie()
        sides = {
            "on": (ours, Asked(f"{ours.url}/api/v1/vehicles?limit=50", headers)),
            "off": (bare, Asked(f"{bare.url}/api/v1/vehicles?limit=50", headers)),
        }
        for _, asked in sides.values():
            await ask([asked], WARM_UP)
        rounds: dict[str, list[Round]] = await in_turn(
            {name: partial(measured, server, [asked], LOAD) for name, (server, asked) in sides.items()}, stage.rounds
        )
    on, off = rounds["on"], rounds["off"]
    cost = partial(compare, unit="ms", digits=2)
    lines = [
        compare(
            "time of an answer, on beside off",
            [1000 / one.per_second for one in on],
            [1000 / one.per_second for one in off],
            "ms",
            Target(1.12, "less"),
            digits=2,
        ),
        cost(
            "processor time, on beside off", [one.cpu_milliseconds for one in on], [one.cpu_milliseconds for one in off]
        ),
    ]
    return Result(name="overhead", title="Protection and records", method=METHOD, lines=lines)

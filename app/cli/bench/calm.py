"""Other pages while something they do not need is broken."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Generator
from functools import partial
from typing import Final

from app.cli.bench.load import Asked, Load, Round, ask
from app.cli.bench.measuring import Result, Target, compare, in_turn
from app.cli.bench.serving import forecourt, measured
from app.cli.bench.stage import Stage
from app.cli.processes import free_ports

PATHS: Final = ("/", "/api/v1/vehicles?limit=50", "/vehicles", "/applications")
LOAD: Final = Load(answers=400, clients=4, seconds=8)
WARM_UP: Final = Load(answers=60, clients=4, seconds=8)
MOST: Final = Target(1.2, "less")
METHOD: Final = (
    "Home, the list of vehicles as JSON and as HTML and the list of applications in turn, 4 clients, without free "
    "text. *Quiet* is the same application with everything in order. Search *refuses* at a port where nobody listens "
    "and *hangs* at one that accepts and never answers."
)


async def run(stage: Stage) -> Result:
    """The same pages with search in order, refusing and hanging."""
    refusing = stage.settings.model_copy(update={"opensearch_url": f"http://127.0.0.1:{free_ports()[0]}"})
    with _hanging() as url:
        hanging = stage.settings.model_copy(update={"opensearch_url": url})
        with (
            forecourt(stage.settings, log="quiet") as quiet,
            forecourt(refusing, log="refused") as refused,
            forecourt(hanging, log="hung") as hung,
        ):
            headers = await stage.cookie()
            sides = {
                name: (server, [Asked(server.url + path, headers) for path in PATHS])
                for name, server in (("quiet", quiet), ("search refuses", refused), ("search hangs", hung))
            }
            for _, asked in sides.values():
                await ask(asked, WARM_UP)
            rounds: dict[str, list[Round]] = await in_turn(
                {name: partial(measured, server, asked, LOAD) for name, (server, asked) in sides.items()}, stage.rounds
            )
    quiet_p95 = [one.p95 for one in rounds.pop("quiet")]
    lines = [
        compare(f"{name}: 95 % of answers within, beside quiet", [one.p95 for one in found], quiet_p95, "ms", MOST)
        for name, found in rounds.items()
    ]
    return Result(name="calm", title="Calm beside trouble", method=METHOD, lines=lines)


@contextlib.contextmanager
def _hanging() -> Generator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"

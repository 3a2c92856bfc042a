"""Other pages while something they do not need is broken or busy."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from app.cli.bench import cores
from app.cli.bench.load import Asked, Load, Round, ask
from app.cli.bench.measuring import Result, Target, compare, in_turn
from app.cli.bench.serving import Served, forecourt, measured
from app.cli.bench.stage import Stage
from app.cli.bench.working import is_running, until, working
from app.cli.failures import CommandFailed
from app.cli.processes import free_ports

if TYPE_CHECKING:
    from app.core.db import Database

PATHS: Final = ("/", "/api/v1/vehicles?limit=50", "/vehicles", "/applications")
LOAD: Final = Load(answers=400, clients=4, seconds=8)
ROUNDS: Final = 3
MOST: Final = Target(1.2, "less")
SIGN_IN: Final = "/sign-in/identity"
KNOCKING: Final = 8
"""How many people try to sign in with a company account that does not answer."""
EXPORTED_ROWS: Final = 100_000
BEGIN_SECONDS: Final = 30
EXPORT_SECONDS: Final = 180
METHOD: Final = (
    "Home, the list of vehicles as JSON and as HTML and the list of applications in turn, 4 clients, without free "
    "text. *Quiet* is the same application with everything in order. Search *refuses* at a port where nobody listens "
    "and *hangs* at one that accepts and never answers. The identity *provider hangs* while 8 people sign in by it "
    "again and again. The *export* is a file of the market nearest to 100,000 vehicles, written by a worker on the "
    "core of the database and the load. Each server has answered as much before. Every answer other than 200 ends "
    "the bench."
)


async def run(stage: Stage) -> Result:
    """The same pages quiet and in each trouble."""
    refusing = stage.settings.model_copy(update={"opensearch_url": f"http://127.0.0.1:{free_ports()[0]}"})
    async with contextlib.AsyncExitStack() as stack:
        silent = stack.enter_context(_hanging())
        hanging = stage.settings.model_copy(update={"opensearch_url": silent})
        silent_provider = stage.settings.model_copy(update={"oidc_issuer": silent})
        servers = {
            "quiet": stack.enter_context(forecourt(stage.settings, log="quiet")),
            "search refuses": stack.enter_context(forecourt(refusing, log="refused")),
            "search hangs": stack.enter_context(forecourt(hanging, log="hung")),
            "provider hangs": stack.enter_context(forecourt(silent_provider, log="provider")),
        }
        database = await stack.enter_async_context(stage.database())
        headers = await stage.cookie()
        asked = {name: [Asked(server.url + path, headers) for path in PATHS] for name, server in servers.items()}
        for pages in asked.values():
            await ask(pages, LOAD)
        sides: dict[str, Any] = {name: partial(measured, servers[name], asked[name], LOAD) for name in servers}
        sides["provider hangs"] = partial(_while_knocking, servers["provider hangs"], asked["provider hangs"])
        sides["export runs"] = partial(_while_exporting, stage, database, servers["quiet"], asked["quiet"])
        await stack.enter_async_context(working(stage.settings, database.primary, cores()[1]))
        rounds: dict[str, list[Round]] = await in_turn(sides, min(stage.rounds, ROUNDS))
    quiet_p95 = [one.p95 for one in rounds.pop("quiet")]
    lines = [
        compare(f"{name}: 95 % of answers within, beside quiet", [one.p95 for one in found], quiet_p95, "ms", MOST)
        for name, found in rounds.items()
    ]
    return Result(name="calm", title="Calm beside trouble", method=METHOD, lines=lines)


async def _while_knocking(server: Served, asked: list[Asked]) -> Round:
    async with _beside(*(_knock(server) for _ in range(KNOCKING))):
        return await measured(server, asked, LOAD)


async def _knock(server: Served) -> None:
    """Begin to sign in by the company account, whatever comes of it, for as long as it is let."""
    page = Asked(server.url + SIGN_IN)
    while True:
        reader, writer = await asyncio.open_connection(page.host, page.port)
        try:
            writer.write(page.raw())
            await reader.readuntil(b"\r\n\r\n")
        finally:
            writer.close()


async def _while_exporting(stage: Stage, database: Database, server: Served, asked: list[Asked]) -> Round:
    """Raises CommandFailed when the export was done before the round was."""
    from app.desk.exports.services import JOB

    async def is_written() -> bool:
        return await is_running(database.primary, JOB)

    async def is_done() -> bool:
        return not await is_written()

    await _begin_export(stage, database)
    await until(is_written, BEGIN_SECONDS, "The export was not begun")
    found = await measured(server, asked, LOAD)
    if await is_done():
        raise CommandFailed("The export was written before the round ended, so the round says nothing.")
    await until(is_done, EXPORT_SECONDS, "The export was not written")
    return found


async def _begin_export(stage: Stage, database: Database) -> None:
    """Ask for a file as a person would."""
    from app.core.auth.staff import actor_of
    from app.core.db import run_in_unit
    from app.core.selections import Selection, Sources
    from app.desk.exports.rules import Format
    from app.desk.exports.services import Order, begin_export
    from app.desk.staff.services.identity import load_staff_facts
    from app.main import assemble

    assembly = assemble()
    kind = assembly.kinds["vehicle"]
    facts = await load_staff_facts(database.primary, str(await stage.person(database)))
    assert facts is not None
    actor = actor_of(facts, assembly.permissions)
    rows = await database.primary.fetch(
        "SELECT market FROM vehicle GROUP BY market ORDER BY ABS(CAST(COUNT(*) AS SIGNED) - %s) LIMIT 1",
        (EXPORTED_ROWS,),
    )
    order = Order(Selection(kind.key, query=f"market={rows[0][0]}"), (), Format.XLSX)
    sources = Sources(database.primary)
    await run_in_unit(database, lambda session: begin_export(session, sources, kind, order, actor=actor))


@contextlib.asynccontextmanager
async def _beside(*troubles: Any) -> AsyncGenerator[None]:
    """Troubles that go on while the block runs."""
    tasks = [asyncio.create_task(trouble) for trouble in troubles]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.contextmanager
def _hanging() -> Generator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"

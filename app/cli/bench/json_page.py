"""A page of 50 rows as JSON: token, permission and scope checked, request logged."""

from __future__ import annotations

from functools import partial
from typing import Final

from app.cli.bench.environments import FASTAPI, peer_environment
from app.cli.bench.load import Asked, Load, Round, ask, fetch
from app.cli.bench.measuring import Line, Result, Target, compare, in_turn
from app.cli.bench.serving import forecourt, granian, measured, peer
from app.cli.bench.stage import Stage
from app.cli.failures import CommandFailed
from app.cli.processes import free_ports

PAGES: Final = {
    "vehicles": "state=in_service&limit=50",
    "bookings": "state=confirmed&sort=pickup_at&limit=50",
}
LOAD: Final = Load(answers=1_500, seconds=5)
WARM_UP: Final = Load(answers=200, seconds=3)
METHOD: Final = (
    "The first 50 of the vehicles in service, the last changed first, 33 columns each; and the next 50 bookings that "
    "are confirmed, by pick-up, with customer, vehicle, lines of the price and windows of the fee, 37 columns; 8 "
    "clients. *By hand* is a bare ASGI function on the same server program (granian), aiomysql and msgspec: the token "
    "with its person in one statement, the page in another, no routing, no log, no derived fields. *FastAPI* is "
    "FastAPI with SQLModel as their own documentation shows it (table model, response model, relationships, session "
    "dependency, OFFSET) on uvicorn."
)


async def run(stage: Stage) -> Result:
    """Measure both drivers beside both peers."""
    import msgspec

    ports = free_ports(2)
    binaries = peer_environment(stage.settings.data_dir, "fastapi", FASTAPI)
    columns = {"VEHICLE_COLUMNS": ",".join(vehicle_columns()), "BOOKING_COLUMNS": ",".join(booking_columns())}
    uvicorn = [str(binaries / "uvicorn"), "documented:app", "--port", str(ports[1]), "--log-level", "warning"]
    with (
        forecourt(stage.settings, log="aiomysql") as ours,
        forecourt(stage.fast_settings, log="asyncmy") as fast,
        peer(granian("floor:app", ports[0]), ports[0], stage.settings, "floor", READY="/ready", **columns) as hand,
        peer(uvicorn, ports[1], stage.settings, "fastapi", READY="/ready") as documented,
    ):
        lines: list[Line] = []
        for kind, query in PAGES.items():
            headers = await stage.bearer()
            asked = {
                "aiomysql": (ours, Asked(f"{ours.url}/api/v1/{kind}?{query}", headers)),
                "by hand": (hand, Asked(f"{hand.url}/{kind}?{query}", headers)),
                "asyncmy": (fast, Asked(f"{fast.url}/api/v1/{kind}?{query}", headers)),
                "fastapi": (documented, Asked(f"{documented.url}/{kind}/?{query}", headers)),
            }
            _refuse_different({name: msgspec.json.decode(await fetch(one)) for name, (_, one) in asked.items()})
            for _, one in asked.values():
                await ask([one], WARM_UP)
            rounds: dict[str, list[Round]] = await in_turn(
                {name: partial(measured, server, [one], LOAD) for name, (server, one) in asked.items()}, stage.rounds
            )
            lines += _lines(kind, rounds)
    return Result(name="json-page", title="A page as JSON", method=METHOD, lines=lines)


def _lines(kind: str, rounds: dict[str, list[Round]]) -> list[Line]:
    cost = {name: [one.cpu_milliseconds for one in found] for name, found in rounds.items()}
    speed = {name: [one.per_second for one in found] for name, found in rounds.items()}
    return [
        compare(f"{kind}: aiomysql beside by hand", speed["aiomysql"], speed["by hand"], "/s", Target(1.0)),
        compare(f"{kind}: asyncmy beside by hand (aiomysql)", speed["asyncmy"], speed["by hand"], "/s", Target(2.0)),
        compare(f"{kind}: aiomysql beside FastAPI", speed["aiomysql"], speed["fastapi"], "/s", Target(3.0)),
        *(
            compare(f"{kind}: processor time, {name} beside by hand", cost[name], cost["by hand"], "ms", digits=2)
            for name in ("aiomysql", "asyncmy", "fastapi")
        ),
    ]


def _refuse_different(answers: dict[str, object]) -> None:
    """All sides show the same records in the same order, or the comparison says nothing."""
    shown: dict[str, list[str]] = {}
    for name, answer in answers.items():
        items = answer["items"] if isinstance(answer, dict) else answer
        shown[name] = [str(item["id"]) for item in items]  # pyright: ignore
    if len({tuple(ids) for ids in shown.values()}) != 1 or len(next(iter(shown.values()))) != 50:
        raise CommandFailed(f"The sides answer different records: { {name: ids[:3] for name, ids in shown.items()} }")


def vehicle_columns() -> list[str]:
    """The columns of the page as the table names them."""
    from app.rental.vehicles.models import Vehicle
    from app.rental.vehicles.queries import vehicles

    table = Vehicle.__table__  # type: ignore[attr-defined]  # pyright: ignore
    return [column.name for column in vehicles.columns.values() if column.name in table.c]


def booking_columns() -> list[str]:
    """The columns of the page as the table names them."""
    from app.rental.bookings.models import Booking

    table = Booking.__table__  # type: ignore[attr-defined]  # pyright: ignore
    unused = {"rate_snapshot", "created_by", "batch", "quote_id"}
    return [column.name for column in table.c if column.name not in unused]

"""A searched page: free text, a filter, the counts of every facet, highlights, inside what the person may see."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

from app.cli.bench.environments import OPENSEARCH, peer_environment
from app.cli.bench.load import Asked, Load, Round, ask
from app.cli.bench.measuring import Result, Target, compare, in_turn
from app.cli.bench.serving import forecourt, granian, measured, peer
from app.cli.bench.stage import Stage
from app.cli.failures import CommandFailed
from app.cli.processes import free_ports
from app.core.search_lists import grants_of
from app.settings import Settings
from search.client import SearchClient

ASKED: Final = (
    ("vehicle", "golf"),
    ("vehicle", "skoda octavia diesel"),
    ("vehicle", "audi a4 automatic"),
    ("booking", "tallinn"),
    ("booking", "anna"),
)
STATES: Final = {"vehicle": "in_service", "booking": "closed"}
LOAD: Final = Load(answers=200, seconds=5)
WARM_UP: Final = Load(answers=30, seconds=3)
METHOD: Final = (
    "50 vehicles in service and 50 closed bookings for several texts in turn, with the counts of all facets and "
    "highlights, 8 clients. Ours asks who is there, searches within what they may see, reads the 50 rows again from "
    "MariaDB and answers all fields. "
    "*The bare client* is a bare ASGI function that posts the very same body through opensearch-py and answers the "
    "stored documents by msgspec."
)


class Recorder(SearchClient):
    """Notes what would be asked instead of asking."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1")
        self.asked: tuple[str, bytes] = ("", b"")

    async def query(self, path: str, body: bytes, **_: Any) -> Any:
        self.asked = (path, body)
        nothing = {"hits": [], "total": {"value": 0, "relation": "eq"}}
        return {
            "hits": nothing,
            "aggregations": {"matched": {"doc_count": 1}},
            "_shards": {"failed": 0},
            "timed_out": False,
        }


async def run(stage: Stage) -> Result:
    """Measure each text on both sides."""
    if not stage.settings.opensearch_url:
        raise CommandFailed("There is no search server to measure.")
    ports = free_ports(len(ASKED))
    python = str(peer_environment(stage.settings.data_dir, "opensearch", OPENSEARCH) / "python")
    speeds: dict[str, tuple[list[float], list[float]]] = {kind: ([], []) for kind in STATES}
    with forecourt(stage.settings) as ours:
        for (kind, text), port in zip(ASKED, ports, strict=True):
            headers = await stage.bearer()
            path, body = await _body(stage.settings, kind, text)
            extra = {"READY": "/ready", "SEARCH_PATH": path, "SEARCH_BODY": str(body)}
            with peer(granian("raw_search:app", port, python), port, stage.settings, "search", **extra) as bare:
                query = f"state={STATES[kind]}&limit=50&q={text.replace(' ', '+')}"
                page = f"{ours.url}/api/v1/{kind}s?{query}"
                sides = {"ours": (ours, Asked(page, headers)), "bare": (bare, Asked(f"{bare.url}/"))}
                for _, asked in sides.values():
                    await ask([asked], WARM_UP)
                rounds: dict[str, list[Round]] = await in_turn(
                    {name: partial(measured, server, [asked], LOAD) for name, (server, asked) in sides.items()},
                    stage.rounds,
                )
            for name, found in zip(("ours", "bare"), speeds[kind], strict=True):
                found += [one.per_second for one in rounds[name]]
    lines = [
        compare(f"{kind}s: pages per second beside the bare client", *speeds[kind], "/s", Target(0.75))
        for kind in STATES
    ]
    return Result(name="search-page", title="A searched page", method=METHOD, lines=lines)


async def _body(settings: Settings, key: str, text: str) -> tuple[str, Path]:
    """The address and the body that our own page would send for this text."""
    from app.core.actor import SYSTEM
    from app.main import assemble
    from search.indexes import Indexes
    from search.lists import ListQuery, search_list

    kind = assemble().kinds[key]
    assert kind.search is not None
    assert kind.record_list is not None
    question = ListQuery(
        grants=grants_of(SYSTEM, [kind]),
        text=text,
        facets=tuple(known.facet for known in kind.record_list.spec.filters if known.facet),
        selected={"state": (STATES[key],)},
        size=50,
    )
    recorder = Recorder()
    try:
        await search_list(Indexes(recorder, settings.search_namespace), kind.search, question)
    except KeyError:  # the recorded answer has no facets to read
        pass
    finally:
        await recorder.close()
    path, body = recorder.asked
    file = settings.data_dir / "bench" / "search-body.json"
    file.write_bytes(body)
    return path, file

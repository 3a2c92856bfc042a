"""The relevance set over the records that `forecourt run` shows."""

import dataclasses
import os
import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.migrating import migrate
from app.cli.seeding import ensure_demo
from app.core.actor import Actor
from app.core.db import Database
from app.core.indexing import all_writes
from app.core.runtime import Runtime
from app.desk.finder.services import FoundRecord, find_records
from app.settings import Settings, load_settings
from search.client import SearchClient
from search.indexes import Indexes
from search.text import fold, strip
from tests.plugins.servers import create_database, on_database, run_statements

SPEC: dict[str, Any] = tomllib.loads(Path(__file__).with_name("demo.toml").read_text())
GROUPS = ("words", "spelling", "synonyms", "identifiers", "people")
FIRST = [query for group in GROUPS for query in SPEC[group]["queries"]]
LEAST_QUERIES = 60
ALL = 50
BATCH = 500
TABLES = {
    "vehicle": "vehicle v LEFT JOIN location l ON l.code = v.location_code",
    "customer": "customer v",
    "application": "application v LEFT JOIN customer c ON c.id = v.customer_id",
}
WAYS = {
    "": lambda text: text,
    "plain": fold,
    "bare": strip,
    "dashed": lambda text: "-".join(strip(text)),
    "spaced": lambda text: text.replace("-", " "),
    "tail6": lambda text: text[-6:],
    "tail8": lambda text: text[-8:],
    "dialled": lambda text: text.replace("+", "00"),
    "grouped": lambda text: f"{text[:4]} {text[4:6]} {text[6:]}",
    "begun": lambda text: text[:-2],
    "swapped": lambda text: text[:2] + text[3] + text[2] + text[4:],
    "turned": lambda text: " ".join(reversed(text.split())),
}


@dataclasses.dataclass(frozen=True)
class Demo:
    """The demo in a database and indices of its own."""

    runtime: Runtime
    samples: dict[str, dict[str, Any]]

    def typed(self, text: str) -> str:
        if not text.startswith("{"):
            return text
        name, _, way = text.strip("{}").partition(":")
        sample, _, column = name.partition(".")
        return WAYS[way](self.samples[sample][column])

    async def find(self, query: dict[str, Any]) -> list[FoundRecord]:
        roles = (query.get("as", "admin"),)
        markets, branches = query.get("markets"), query.get("branches")
        actor = Actor(
            id=None,
            kind="staff",
            name="Mari Kask",
            roles=roles,
            permissions=self.runtime.assembly.permissions.of_roles(roles),
            markets=None if markets is None else frozenset(markets),
            branches=None if branches is None else frozenset(branches),
        )
        found = await find_records(self.runtime, self.typed(query["text"]), actor, size=ALL)
        assert not found.is_limited
        return [record for group in found.groups for record in group.records]

    async def count(self, kind: str, ids: list[str], condition: str) -> int:
        """How many of these records fulfil a condition."""
        if not ids:
            return 0
        places = ", ".join(["%s"] * len(ids))
        escaped = condition.replace("%", "%%")
        sql = f"SELECT COUNT(*) FROM {TABLES[kind]} WHERE v.id IN ({places}) AND ({escaped})"
        return int((await self.runtime.database.reads.fetch(sql, ids))[0][0])


@pytest.fixture(scope="module")
def demo_settings(mariadb_url: str) -> Iterator[Settings]:
    """Settings of a database of its own that holds the demo."""
    name = f"forecourt_demo_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    create_database(mariadb_url, name)
    settings = load_settings(
        environment="test", database_url=on_database(mariadb_url, name), demo=True, demo_password="pass the salt please"
    )
    migrate(settings.database_url)
    ensure_demo(settings)
    yield settings
    run_statements(mariadb_url, f"DROP DATABASE `{name}`")


@pytest.fixture(scope="module")
async def demo(demo_settings: Settings, opensearch_url: str, application) -> AsyncIterator[Demo]:
    database, client = await Database.open(demo_settings, pool_size=2), SearchClient(opensearch_url, query_seconds=5.0)
    indexes = Indexes(client, f"demo_{os.getpid()}")
    runtime = dataclasses.replace(application[1].state.runtime, database=database, search=client, indexes=indexes)
    kinds = [kind for kind in runtime.assembly.kinds.values() if kind.search]
    for kind in kinds:
        await indexes.ensure(kind.search)
        writes = [write async for write in all_writes(database.reads, kind)]
        for start in range(0, len(writes), BATCH):
            batch = writes[start : start + BATCH]
            assert (await indexes.write(kind.search, batch)).written == len(batch)
        await indexes.refresh(kind.search)
    yield Demo(runtime, {key: await _sample(database, facts) for key, facts in SPEC["sample"].items()})
    for kind in kinds:
        await indexes.drop(kind.search)
    await client.close()
    await database.close()


async def _sample(database: Database, facts: dict[str, str]) -> dict[str, Any]:
    sql = f"SELECT v.* FROM {TABLES[facts['kind']]} WHERE {facts['where']} ORDER BY v.id LIMIT 1"
    names, rows = await database.reads.names(sql)
    assert rows, f"the demo has no record where {facts['where']}"
    return dict(zip(names, rows[0], strict=True))


def named(query: dict[str, Any]) -> str:
    scope = query.get("markets", query.get("branches"))
    return f"{query['text']} as {query.get('as', 'admin')}{'' if scope is None else f' of {scope}'}"


def shown(records: list[FoundRecord]) -> list[str]:
    return ["".join(piece.text for piece in (*record.reference, *record.title)) for record in records[:5]]


def test_the_set_is_large_enough():
    assert len(FIRST) >= LEAST_QUERIES


@pytest.mark.parametrize("query", FIRST, ids=named)
async def test_comes_first(demo: Demo, query: dict[str, Any]):
    records = await demo.find(query)
    assert records
    first = records[0]
    if "is" in query:
        assert first.id == str(demo.samples[query["is"]]["id"]), shown(records)
        assert first.is_exact is not query.get("part", False)
    elif "title" in query:
        title = "".join(piece.text for piece in first.title)
        assert fold(title) == fold(demo.typed(query["title"])), shown(records)
    else:
        assert first.kind.key == query["kind"], shown(records)
        assert await demo.count(query["kind"], [first.id], query["first"]) == 1, shown(records)


@pytest.mark.parametrize("query", SPEC["scope"]["queries"], ids=named)
async def test_nothing_outside_the_scope(demo: Demo, query: dict[str, Any]):
    ids = [record.id for record in await demo.find(query) if record.kind.key == query["kind"]]
    assert await demo.count(query["kind"], ids, query["within"]) == len(ids)

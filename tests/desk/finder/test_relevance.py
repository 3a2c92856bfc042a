"""The relevance set: what comes first, what jumps in, and what must never be found."""

from typing import Any

import pytest

from app.core.actor import Actor
from app.desk.finder.services import Findings, find_records
from tests.desk.finder.conftest import SPEC, Fleet

QUERIES: list[dict[str, Any]] = SPEC["query"]
LEAST_QUERIES = 60
ALL = 50


def named(query: dict[str, Any]) -> str:
    scope = query.get("markets", query.get("branches"))
    return f"{query['text']} as {query.get('as', 'admin')}{'' if scope is None else f' of {scope}'}"


def typed(query: dict[str, Any], references: dict[str, str]) -> str:
    """`{key}` is a record's reference, `{key:lower}` and so on the ways people type it."""
    text: str = query["text"]
    if not text.startswith("{"):
        return text
    key, _, way = text.strip("{}").partition(":")
    reference = references[key]
    ways = {"": reference, "lower": reference.lower(), "spaced": reference.replace("-", " "), "tail": reference[3:]}
    return ways[way]


async def search(fleet: Fleet, query: dict[str, Any]) -> Findings:
    roles = (query.get("as", "admin"),)
    markets, branches = query.get("markets"), query.get("branches")
    actor = Actor(
        id=None,
        kind="staff",
        name="Mari Kask",
        roles=roles,
        permissions=fleet.runtime.assembly.permissions.of_roles(roles),
        markets=None if markets is None else frozenset(markets),
        branches=None if branches is None else frozenset(branches),
    )
    return await find_records(fleet.runtime, typed(query, fleet.references), actor, size=ALL)


def found_keys(fleet: Fleet, found: Findings) -> list[str]:
    return fleet.keys([record.id for group in found.groups for record in group.records])


def test_the_set_is_large_enough():
    assert sum("first" in query for query in QUERIES) >= LEAST_QUERIES


@pytest.mark.parametrize("query", [query for query in QUERIES if "first" in query], ids=named)
async def test_comes_first(fleet: Fleet, query: dict[str, Any]):
    found = await search(fleet, query)
    keys = found_keys(fleet, found)
    assert keys[:1] == ([query["first"]] if query["first"] else []), keys[:5]
    assert not found.is_limited
    if "exact" in query:
        assert found.exact is not None
        assert fleet.keys([found.exact.id]) == [query["first"]]
    if "stage" in query:
        assert found.stage.value == query["stage"]


@pytest.mark.parametrize("query", [query for query in QUERIES if "never" in query], ids=named)
async def test_is_never_found(fleet: Fleet, query: dict[str, Any]):
    keys = found_keys(fleet, await search(fleet, query))
    assert not set(query["never"]) & set(keys)

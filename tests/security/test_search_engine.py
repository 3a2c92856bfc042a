"""The real search engine: a text is never a question of its own, and finds nothing of others; no number gets in."""

import os
import re

import pytest

from app.kit.numbers_in_text import find_card
from search.bulk import Write
from search.client import SearchClient
from search.indexes import Indexes
from tests.security.cards import card_numbers
from tests.security.conftest import MARK, OURS
from tests.security.payloads import QUERIES

PART = "search engine"
LISTS = ("/vehicles", "/customers", "/applications")
ANSWERED = {200, 303, 400, 422}
NUMBERS = 100
LEAST_FOREIGN = 4
WITHOUT_FOREIGN = {"approval", "quote", "task"}
SECRETS = ("_sealed", "_hash", "totp", "password")


@pytest.fixture
async def engine(runtime, opensearch_url, world, foreign):
    """The application over the real engine, which holds our records and those of the other market."""
    client = SearchClient(opensearch_url, query_seconds=5.0)
    indexes = Indexes(client, f"security_{os.getpid()}")
    kinds = [kind for kind in runtime.assembly.kinds.values() if kind.search]
    try:
        for kind in kinds:
            await indexes.ensure(kind.search)
        await put(indexes, kinds, runtime, ids_of(world, foreign))
        runtime.search, runtime.indexes = client, indexes
        yield indexes, kinds
        for kind in kinds:
            await indexes.drop(kind.search)
    finally:
        await client.close()


def ids_of(world, foreign) -> list[str]:
    return [identity for ids in (world.ids, foreign.ids) for name, identity in ids.items() if name.endswith("_id")]


async def put(indexes: Indexes, kinds, runtime, ids) -> None:
    """Write the records' documents as they are now."""
    for kind in kinds:
        documents = await kind.load_documents(runtime.database.reads, ids)
        writes = [Write(document["id"], document.pop("_version"), document) for document in documents]
        outcome = await indexes.write(kind.search, writes)
        assert outcome.written + outcome.stale == len(writes)
        await indexes.refresh(kind.search)


async def documents_of(indexes: Indexes, kind) -> str:
    """All that the engine keeps of a kind, as text."""
    return str(await indexes.client.command("POST", f"/{indexes.names.live(kind.search)}/_search", {"size": 1000}))


class TestQuestions:
    async def test_are_words_and_nothing_else(self, client_for, api_for, engine, tried):
        page, api = await client_for("admin", markets=[OURS]), await api_for("admin", markets=[OURS])
        wrong, count = [], 0
        for payload in QUERIES:
            places = [(page, "/search"), *((page, path) for path in LISTS), (api, "search")]
            for client, path in places:
                answer = await client.get(path, params={"q": payload})
                count += 1
                if answer.status_code not in ANSWERED or MARK in answer.text:
                    wrong.append(f"{path} {payload[:40]!r}: {answer.status_code}")
        assert wrong == []
        tried(PART, count)

    async def test_find_what_is_ours_and_not_what_is_theirs(self, client_for, api_for, engine, foreign):
        everywhere, ours = await api_for("admin"), await api_for("admin", markets=[OURS])
        found = (await everywhere.get("search", params={"q": MARK})).json()
        searched = {kind.key for kind in engine[1]}
        theirs = {str(record.id) for record in foreign.records if record.record_kind in searched}
        assert len(theirs) >= LEAST_FOREIGN
        assert {item["id"] for item in found["items"]} >= theirs
        assert not found["limited"]
        assert (await ours.get("search", params={"q": MARK})).json()["items"] == []


class TestDocuments:
    async def test_hold_no_secret_and_no_card(self, api_for, engine, runtime, world, foreign, tried):
        indexes, kinds = engine
        api, used = await api_for("admin"), []
        for number, words in card_numbers(NUMBERS, seed=7):
            for field in ("make", "model", "owner"):
                address = f"vehicles/{world.ids['vehicle_id']}"
                answer = await api.patch(address, json={field: words}, headers={"if-match": '"1"'})
                assert answer.status_code == 422, (field, words)
            used.append(number)
        await put(indexes, kinds, runtime, ids_of(world, foreign))
        for kind in kinds:
            kept = await documents_of(indexes, kind)
            assert MARK in kept or kind.key in WITHOUT_FOREIGN
            assert not find_card(kept)
            assert [number for number in used if number in re.sub(r"\D", "", kept)] == []
            assert [name for name in SECRETS if name in kept] == []
        tried(PART, 3 * NUMBERS)

"""The small fleet of `relevance.toml`, indexed for real."""

import dataclasses
import os
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.core.area import RecordKind
from app.core.db import Database
from app.core.runtime import Runtime
from app.kit.ids import reference_of
from app.kit.money import Money
from search.bulk import Write
from search.client import SearchClient
from search.indexes import Indexes
from tests.factories.credit import make_application
from tests.factories.desk import make_customer
from tests.factories.rental import make_location, make_vehicle
from tests.shared_connection import SharedConnection

SPEC: dict[str, Any] = tomllib.loads(Path(__file__).with_name("relevance.toml").read_text())


@dataclasses.dataclass(frozen=True)
class Fleet:
    """The application over the indexed records; ids and references by the keys of the file."""

    runtime: Runtime
    ids: dict[str, str]
    references: dict[str, str]

    def keys(self, found_ids: list[str]) -> list[str]:
        names = {record_id: key for key, record_id in self.ids.items()}
        return [names[record_id] for record_id in found_ids]


@pytest.fixture(scope="session")
async def fleet(settings, application, opensearch_url: str) -> AsyncIterator[Fleet]:
    """Records are made by the services in a transaction that is rolled back; their documents stay for the session."""
    real = await Database.open(settings, pool_size=1)
    client = SearchClient(opensearch_url, query_seconds=5.0)
    indexes = Indexes(client, f"finder_{os.getpid()}")
    runtime = dataclasses.replace(application[1].state.runtime, search=client, indexes=indexes)
    kinds = [kind for kind in runtime.assembly.kinds.values() if kind.search]
    async with SharedConnection.over(real) as database:
        async with database.unit() as session:
            ids, references = await _make(session)
        for kind in kinds:
            await _index(indexes, kind, database, list(ids.values()))
    yield Fleet(runtime, ids, references)
    for kind in kinds:
        await indexes.drop(kind.search)
    await client.close()
    await real.close()


async def _make(session: Any) -> tuple[dict[str, str], dict[str, str]]:
    for code, facts in SPEC["location"].items():
        await make_location(session, code, **facts)
    made: dict[str, Any] = {}
    for key, facts in SPEC["vehicle"].items():
        market = SPEC["location"][facts["location"]]["market"]
        made[key] = await make_vehicle(session, market=market, **facts)
    for key, facts in SPEC["customer"].items():
        names = {} if "company_name" not in facts else {"given_name": None, "family_name": None}
        made[key] = await make_customer(session, **(names | facts))
    references: dict[str, str] = {}
    for key, facts in SPEC["application"].items():
        fields = {name: value for name, value in facts.items() if name not in {"serial", "customer", "amount"}}
        if "customer" in facts:
            fields["customer_id"] = made[facts["customer"]].id
        application = await make_application(session, amount=Money.parse(facts["amount"], "EUR"), **fields)
        application.reference = references[key] = reference_of("AP", facts["serial"])
        made[key] = application
    await session.flush()
    return {key: str(record.id) for key, record in made.items()}, references


async def _index(indexes: Indexes, kind: RecordKind, database: Database, ids: list[str]) -> None:
    await indexes.ensure(kind.search)
    documents = await kind.load_documents(database.reads, ids)
    writes = [Write(document["id"], document.pop("_version"), document) for document in documents]
    outcome = await indexes.write(kind.search, writes)
    assert outcome.written == len(writes), outcome
    await indexes.refresh(kind.search)

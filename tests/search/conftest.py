"""A client, and indices in a namespace of the test module's own."""

import os
from collections.abc import AsyncIterator

import pytest

from search.client import SearchClient
from search.indexes import Indexes
from tests.plugins.opensearch_node import opensearch_url
from tests.search.samples import KINDS, SAMPLE

__all__ = ["opensearch_url"]

SWAP_GRACE_SECONDS = 1.0


@pytest.fixture(scope="module")
async def client(opensearch_url: str) -> AsyncIterator[SearchClient]:
    client = SearchClient(opensearch_url, query_seconds=5.0)
    yield client
    await client.close()


@pytest.fixture(scope="module")
async def indexes(client: SearchClient, request: pytest.FixtureRequest) -> AsyncIterator[Indexes]:
    """Empty indices for every kind."""
    module = request.module.__name__.rpartition(".")[2]
    indexes = Indexes(client, f"{module}_{os.getpid()}", swap_grace_seconds=SWAP_GRACE_SECONDS)
    for kind in KINDS:
        await indexes.ensure(kind)
    yield indexes
    for kind in KINDS:
        await indexes.drop(kind)


@pytest.fixture(scope="module")
async def sample(indexes: Indexes) -> Indexes:
    """Indices that hold the sample."""
    for kind, writes in SAMPLE.items():
        outcome = await indexes.write(kind, writes)
        assert outcome.written == len(writes), outcome
        await indexes.refresh(kind)
    return indexes

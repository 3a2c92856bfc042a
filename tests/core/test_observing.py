"""Metrics: who may read them, and that they tell what waits."""

import asyncio
import socket

import httpx
import pytest
from pydantic import SecretStr

from app.core import metrics
from app.core.backlog import measure
from app.core.jobs.queue import enqueue
from app.core.status_server import status_server

TOKEN = "a-token-of-the-collector"


def value(name, **labels):
    return metrics.registry.get_sample_value(name, labels)


@pytest.fixture
def guarded(runtime, monkeypatch):
    with_token = runtime.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    monkeypatch.setattr(runtime, "settings", with_token)


class TestWebMetrics:
    @pytest.mark.parametrize("sent", [None, "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
    async def test_hides_from_others(self, visitor, guarded, sent):
        headers = {"x-forwarded-for": "198.51.100.1"} | ({"authorization": sent} if sent else {})
        assert (await visitor.get("/metrics", headers=headers)).status_code == 404

    async def test_shows_to_the_collector(self, visitor, guarded):
        headers = {"x-forwarded-for": "198.51.100.1", "authorization": f"Bearer {TOKEN}"}
        answer = await visitor.get("/metrics", headers=headers)
        assert answer.status_code == 200
        assert "forecourt_request_seconds" in answer.text


class TestBacklog:
    async def test_counts_what_waits(self, session, database):
        await measure(database.reads)
        before = value("forecourt_jobs_waiting") or 0
        await enqueue(session, "some.work", {})
        await session.commit()
        await measure(database.reads)
        assert value("forecourt_jobs_waiting") == before + 1


async def test_a_worker_answers_probes_and_collectors():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    async with status_server("127.0.0.1", port), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        live, shown = await asyncio.gather(client.get("/health/live"), client.get("/metrics"))
        assert live.json() == {"status": "live"}
        assert "forecourt_jobs_oldest_seconds" in shown.text
    with pytest.raises(httpx.ConnectError):
        async with httpx.AsyncClient() as client:
            await client.get(f"http://127.0.0.1:{port}/health/live")

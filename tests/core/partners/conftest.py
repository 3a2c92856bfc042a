"""A partner over real HTTP that does what a test tells it, and the client that speaks with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from sqlalchemy import select

from app.core.partners.client import Partner, Partners
from app.core.partners.models import PartnerExchange
from app.settings import networks_in

OWN_MACHINE = networks_in("127.0.0.0/8")


@dataclass
class Played:
    """The partner's side: its address, what it was asked, and how it answers."""

    url: str = ""
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path_qs, await request.read()))
        return await self.answer(request) if self.answer else web.Response(text="ok")

    def answers(self, *responses) -> None:
        """One response after the other, the last one for good; a number is a pause before it is 200."""
        waiting = list(responses)

        async def answer(_: web.Request) -> web.StreamResponse:
            response = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if isinstance(response, float):
                await asyncio.sleep(response)
                return web.Response(text="late")
            return response()

        self.answer = answer


@pytest.fixture
async def played() -> AsyncIterator[Played]:
    partner = Played()
    application = web.Application(client_max_size=10_000_000)
    application.router.add_route("*", "/{rest:.*}", partner.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    partner.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield partner
    await runner.cleanup()


@pytest.fixture
async def partners(database) -> AsyncIterator[Partners]:
    client = Partners(lambda: database, OWN_MACHINE)
    yield client
    await client.close()


@pytest.fixture
def partner(played) -> Partner:
    return Partner("supplier.test", played.url, {"api_key": "s3cr3t-key"})


@pytest.fixture
def kept(session):
    """What was written down, in the order in which it was asked."""

    async def read() -> list[PartnerExchange]:
        session.expire_all()
        return list((await session.execute(select(PartnerExchange).order_by(PartnerExchange.id))).scalars())

    return read

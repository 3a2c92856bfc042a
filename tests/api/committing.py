"""The application over a database of its own, where requests commit and lock each other as they do in production."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx
import pytest

from app.cli.migrating import migrate
from app.core.auth.sessions import csrf_token, start_session
from app.core.auth.tokens import issue_tokens
from app.core.db import Database
from app.core.guard import session_cookie_name
from app.core.runtime import Runtime
from app.main import create_app
from app.settings import Settings, load_settings
from tests.factories.staff import make_staff
from tests.plugins.servers import create_database, on_database, run_statements

BASE_URL = "http://127.0.0.1:8000"


@dataclass
class Live:
    """A running application with its real database."""

    app: object
    runtime: Runtime
    settings: Settings

    @property
    def database(self) -> Database:
        return self.runtime.database

    async def token(self, *roles: str, **scope: object) -> str:
        async with self.database.unit() as session:
            staff = await make_staff(session, roles=list(roles), **scope)
            return (await issue_tokens(session, staff.id)).access_token

    async def client(self, *roles: str, **scope: object) -> httpx.AsyncClient:
        """Close it with `async with`."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url=f"{BASE_URL}/api/v1",
            headers={"authorization": f"Bearer {await self.token(*roles, **scope)}"},
            timeout=30,
        )

    async def page(self, *roles: str, **scope: object) -> httpx.AsyncClient:
        """A browser of such a person. Close it with `async with`."""
        async with self.database.unit() as session:
            staff = await make_staff(session, roles=list(roles), **scope)
            token, live = await start_session(session, staff.id, address="127.0.0.1", browser="pytest")
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url=BASE_URL,
            cookies={session_cookie_name(self.runtime): token},
            headers={"x-csrf-token": csrf_token(self.runtime.csrf_keys[0], str(live.id))},
            timeout=30,
        )


@asynccontextmanager
async def running_app(settings: Settings) -> AsyncIterator[Live]:
    """The application as a server runs it, started and stopped in one task."""
    framed = create_app(settings)
    litestar = framed.app
    started, stopping = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        async with litestar.lifespan():
            started.set()
            await stopping.wait()

    life = asyncio.create_task(run())
    await asyncio.wait({life, asyncio.ensure_future(started.wait())}, return_when=asyncio.FIRST_COMPLETED)
    yield Live(framed, litestar.state.runtime, settings)
    stopping.set()
    await life


@contextmanager
def new_database(server_url: str, purpose: str) -> Iterator[str]:
    """A new, migrated database of this test process; it is gone afterwards."""
    name = f"forecourt_{purpose}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    create_database(server_url, name)
    url = on_database(server_url, name)
    migrate(url)
    yield url
    run_statements(server_url, f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture(scope="session")
def live_settings(mariadb_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a new, migrated database, and of a place for files."""
    data_dir = tmp_path_factory.mktemp("data")
    with new_database(mariadb_url, "api") as url:
        yield load_settings(
            environment="test", database_url=url, base_url=BASE_URL, search_namespace="pytest", data_dir=data_dir
        )


@pytest.fixture(scope="session")
async def live(live_settings: Settings) -> AsyncIterator[Live]:
    """The application over that database."""
    async with running_app(live_settings) as running:
        yield running

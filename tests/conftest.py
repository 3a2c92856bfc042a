"""Fixtures of the whole suite: one migrated database, one connection per test, and people who are signed in."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import httpx
import pytest
import time_machine
from argon2 import PasswordHasher
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from app.cli.migrating import migrate
from app.core.auth import secrets
from app.core.auth.sessions import csrf_token, start_session
from app.core.auth.tokens import issue_tokens
from app.core.db import Database
from app.core.guard import session_cookie_name
from app.core.runtime import Runtime
from app.desk.staff.models import Staff
from app.main import assemble, create_app
from app.settings import Settings, load_settings
from tests.factories.staff import actor_of, make_staff
from tests.shared_connection import SharedConnection

pytest_plugins = [
    "tests.plugins.servers",
    "tests.plugins.opensearch_node",
    "tests.plugins.sandbox",
    "tests.plugins.payments",
    "tests.plugins.tally",
]

BASE_URL = "http://127.0.0.1:8000"

ClientFor = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> None:
    """Argon2 with its smallest cost: the suite hashes hundreds of passwords on two cores."""
    secrets.hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def known_kinds() -> None:
    """Services tell people of kinds that the assembled areas have registered."""
    assemble()


@pytest.fixture(scope="session")
def settings(database_url: str) -> Settings:
    """Settings of a database that the migrations have made."""
    migrate(database_url)
    return load_settings(environment="test", database_url=database_url, base_url=BASE_URL, search_namespace="pytest")


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """Units of work and reads over one connection, whose transaction is rolled back after the test."""
    real = await Database.open(settings, pool_size=2)
    async with SharedConnection.over(real) as shared:
        yield shared
    await real.close()


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A session inside the test's transaction."""
    async with database.session() as session:
        yield session


@pytest.fixture(scope="session")
async def application(settings: Settings) -> AsyncIterator[tuple[object, Litestar]]:
    """The application as a server runs it, made once; each test gives it its own database."""

    @asynccontextmanager
    async def no_database(_: Settings) -> AsyncIterator[Database]:
        real = await Database.open(settings, pool_size=1)
        yield real
        await real.close()

    framed = create_app(settings, open_database=no_database)
    litestar = framed.app
    started, stopping = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with litestar.lifespan():
            started.set()
            await stopping.wait()

    life = asyncio.create_task(live())  # its start and its end have to be in one task
    await asyncio.wait({life, asyncio.ensure_future(started.wait())}, return_when=asyncio.FIRST_COMPLETED)
    yield framed, litestar
    stopping.set()
    await life


@pytest.fixture
def runtime(application: tuple[object, Litestar], database: Database) -> Runtime:
    """What the running application holds, over this test's connection and without a search engine."""
    runtime: Runtime = application[1].state.runtime
    runtime.database, runtime.search, runtime.indexes = database, None, None
    return runtime


@pytest.fixture
def app(application: tuple[object, Litestar], runtime: Runtime) -> object:
    """The ASGI application over this test's connection."""
    return application[0]


@pytest.fixture
async def visitor(app: object) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody signed in with."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


@pytest.fixture
async def client_for(app: object, runtime: Runtime, session: AsyncSession) -> AsyncIterator[ClientFor]:
    """`await client_for("fleet_clerk", markets=[...])`: a browser of such a person; `.staff` and `.actor` tell who."""
    clients: list[httpx.AsyncClient] = []

    async def make(role: str | Staff = "admin", **scope: object) -> httpx.AsyncClient:
        staff = role if isinstance(role, Staff) else await make_staff(session, roles=[role], **scope)
        token, live = await start_session(session, staff.id, address="127.0.0.1", browser="pytest")
        await session.commit()
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url=BASE_URL,
            cookies={session_cookie_name(runtime): token},
            headers={"x-csrf-token": csrf_token(runtime.csrf_keys[0], str(live.id))},
        )
        client.staff, client.actor = staff, actor_of(staff, runtime.assembly.permissions)
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def api_for(app: object, runtime: Runtime, session: AsyncSession) -> AsyncIterator[ClientFor]:
    """As `client_for`, with an access token of the API instead of a session."""
    clients: list[httpx.AsyncClient] = []

    async def make(role: str | Staff = "admin", **scope: object) -> httpx.AsyncClient:
        staff = role if isinstance(role, Staff) else await make_staff(session, roles=[role], **scope)
        pair = await issue_tokens(session, staff.id)
        await session.commit()
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url=f"{BASE_URL}/api/v1",
            headers={"authorization": f"Bearer {pair.access_token}"},
        )
        client.staff, client.actor = staff, actor_of(staff, runtime.assembly.permissions)
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def time_machine_at() -> Callable[[datetime], time_machine.travel]:
    """`with time_machine_at(moment):` the application's clock stands at that moment."""
    return lambda moment: time_machine.travel(moment, tick=False)

"""People with a password, and what their authenticator app shows."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from pyotp.totp import TOTP
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.auth.secrets import hash_password
from app.core.db import Database
from app.core.runtime import Runtime
from app.desk.staff.models import Staff
from app.desk.staff.services import identity
from app.settings import Settings
from tests.desk.staff.browser import PASSWORD
from tests.factories.staff import make_staff

Person = Callable[..., Awaitable[Staff]]
WRITTEN = (
    "auth_attempt", "auth_session", "api_token", "single_use_link", "recovery_code", "used_totp_step", "staff",
    "audit_entry", "outbox_event",
)  # fmt: skip


@pytest.fixture(scope="session")
async def password_hash() -> str:
    return await hash_password(PASSWORD)


@pytest.fixture
def person(session: AsyncSession, password_hash: str) -> Person:
    """`await person("admin", is_demo=False)`: somebody who can sign in with PASSWORD."""

    async def make(role: str = "fleet_clerk", *, is_demo: bool = True, **values: object) -> Staff:
        staff = await make_staff(session, roles=[role], **values)
        staff.is_demo, staff.password_hash = is_demo, password_hash
        await session.commit()
        return staff

    return make


@pytest.fixture
def device(session: AsyncSession, runtime: Runtime) -> Callable[[Staff], Awaitable[tuple[TOTP, list[str]]]]:
    """`await device(staff)`: the staff member's authenticator, switched on, and their recovery codes."""

    async def make(staff: Staff) -> tuple[TOTP, list[str]]:
        await identity.begin_second_factor(session, runtime, staff)
        totp = TOTP(identity.enrolment_secret(runtime, staff))
        codes = await identity.confirm_second_factor(session, runtime, staff, totp.at(time.time() - 30))
        await session.commit()
        return totp, codes

    return make


@pytest.fixture
async def committed(settings: Settings, app: object, runtime: Runtime) -> AsyncIterator[Database]:
    """The application over a database that really commits, emptied afterwards."""
    database = await Database.open(settings)
    runtime.database = database
    yield database
    async with database.unit() as session:
        await session.execute(text("SET FOREIGN_KEY_CHECKS = 0"))
        for table in WRITTEN:
            await session.execute(text(f"DELETE FROM {table}"))
        await session.execute(text("SET FOREIGN_KEY_CHECKS = 1"))
    await database.close()


@pytest.fixture
async def other_browser(app: object, visitor: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A second browser."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=visitor.base_url) as client:
        yield client

"""Fixtures of tasks: people of the teams, and a database where several of them act at once."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import registry
from app.core.actor import Actor
from app.main import assemble
from tests.api.committing import live, live_settings
from tests.factories.staff import actor_of, make_staff

__all__ = ["live", "live_settings"]

Person = Callable[..., Awaitable[Actor]]


@pytest.fixture(scope="session", autouse=True)
def assembled() -> None:
    """The kinds of all areas, for services that are called without an application."""
    assemble()


@pytest.fixture
def person(session: AsyncSession) -> Person:
    """`await person("fleet_clerk", markets=["EE"])`: somebody who acts."""

    async def make(*roles: str, name: str = "Mari Kask", **scope: object) -> Actor:
        staff = await make_staff(session, roles=list(roles), name=name, **scope)
        return actor_of(staff, registry.permissions())

    return make

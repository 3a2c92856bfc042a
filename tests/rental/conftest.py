"""Suppliers that are played by the sandbox, and a client that speaks with them."""

from collections.abc import AsyncIterator

import pytest

from app.core.partners.client import Partners
from app.rental.suppliers.services.searching import Wanted
from app.settings import Settings
from tests.rental.suppliers.hires import next_hire


@pytest.fixture
def settings_here(settings: Settings, sandbox_url: str) -> Settings:
    """Settings of a portal that has the sandbox beside it."""
    return settings.model_copy(update={"sandbox_url": sandbox_url})


@pytest.fixture
async def partners(database, settings_here) -> AsyncIterator[Partners]:
    client = Partners(lambda: database, settings_here.opened_networks)
    yield client
    await client.close()


@pytest.fixture
def beside_sandbox(runtime, monkeypatch, settings_here, partners):
    """The running application with the sandbox in its settings."""
    monkeypatch.setattr(runtime, "settings", settings_here)
    monkeypatch.setattr(runtime, "partners", partners)
    return runtime


@pytest.fixture
def wanted() -> Wanted:
    """Three days in a week that no other test has."""
    pickup, back = next_hire()
    return Wanted("TLL", pickup, "TLL", back, 35)

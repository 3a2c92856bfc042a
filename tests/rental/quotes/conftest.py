"""An application with a database of its own and the sandbox's suppliers: searches go on after their answer."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from app.settings import Settings, load_settings
from tests.api.committing import BASE_URL, Live, new_database, running_app
from tests.factories.exchange_rates import add_rates
from tests.factories.rental import HOURS, make_location, make_vehicle
from tests.factories.suppliers import make_supplier

BRANCHES = {"baltic": "TLLA01", "aurora": "TLL", "nordrive": "ee-tll-apt", "sunway": "TLL-1"}


@pytest.fixture(scope="session")
def market_settings(mariadb_url: str, sandbox_url: str) -> Iterator[Settings]:
    with new_database(mariadb_url, "quotes") as url:
        yield load_settings(
            environment="test", database_url=url, base_url=BASE_URL, search_namespace="pytest", sandbox_url=sandbox_url
        )


@pytest.fixture(scope="session")
async def market(market_settings: Settings) -> AsyncIterator[Live]:
    """Two branches in Tallinn with a car, and every company of the sandbox at the airport."""
    async with running_app(market_settings) as running:
        async with running.database.unit() as session:
            for code in ("TLL", "TLL-C"):
                await make_location(session, code, opening_hours=HOURS)
            await make_vehicle(session, plate="AAA 1", acriss="IWMD", location="TLL")
            for code, branch in BRANCHES.items():
                await make_supplier(session, market_settings, code, {branch: "TLL"}, search_milliseconds=1_500)
            await add_rates(session, {("EUR", "SEK"): "11.42"})
        yield running


@pytest.fixture(scope="session")
async def agent(market: Live) -> AsyncIterator[httpx.AsyncClient]:
    """A clerk of that market, over the API."""
    async with await market.client("fleet_clerk", markets=["EE"]) as client:
        yield client

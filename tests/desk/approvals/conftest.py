"""People who ask and decide over a database where everything commits."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from app.core.actor import Actor
from app.core.auth.tokens import issue_tokens
from app.desk.approvals.models import Approval
from app.kit.money import Money
from app.rental.vehicles import services as vehicles
from app.settings import Settings, load_settings
from tests.api.committing import BASE_URL, Live, new_database, running_app
from tests.factories.rental import make_vehicle
from tests.factories.staff import actor_of, make_staff

BUSY, PATIENCE = 503, 5


@dataclass(frozen=True)
class Person:
    """Somebody with a client of the JSON API."""

    actor: Actor
    client: httpx.AsyncClient

    async def send(self, method: str, address: str, **given: Any) -> httpx.Response:
        """What found no connection in time is sent again, as clients do; nothing was done of it."""
        for _ in range(PATIENCE):
            answer = await self.client.request(method, address, **given)
            if answer.status_code != BUSY:
                break
        return answer

    async def decide(self, approval_id: UUID, move: str, **body: object) -> httpx.Response:
        return await self.send("POST", f"/approvals/{approval_id}/{move}", json=body)


class Office:
    """The running application and those who work with it."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.database = live.database
        self.kinds = live.runtime.assembly.approval_kinds
        self._clients: list[httpx.AsyncClient] = []

    async def hire(self, role: str = "fleet_manager", name: str = "Mari Kask") -> Person:
        async with self.database.unit() as session:
            staff = await make_staff(session, roles=[role], name=name)
            token = (await issue_tokens(session, staff.id)).access_token
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.live.app),
            base_url=f"{BASE_URL}/api/v1",
            headers={"authorization": f"Bearer {token}"},
            timeout=60,
        )
        self._clients.append(client)
        return Person(actor_of(staff, self.live.runtime.assembly.permissions), client)

    async def ask(self, maker: Person, minor: int = 11_000) -> tuple[UUID, UUID]:
        """A vehicle of 78 euro a day, and the request for another price: their ids."""
        async with self.database.unit() as session:
            vehicle = await make_vehicle(session)
        async with self.database.unit() as session:
            fields = {"day_price": Money(minor, "EUR")}
            asked = await vehicles.change_vehicle(session, vehicle.id, fields=fields, actor=maker.actor)
        assert asked.waits is not None
        return vehicle.id, asked.waits.id

    async def present(self, approval_id: UUID) -> Approval:
        async with self.database.session() as session:
            found = await session.get(Approval, approval_id)
        assert found is not None
        return found

    async def price_minor(self, vehicle_id: UUID) -> int:
        rows = await self.database.primary.fetch(
            "SELECT day_price_minor FROM vehicle WHERE id = %s", (str(vehicle_id),)
        )
        return int(rows[0][0])

    async def count_entries(self, record_id: UUID, *actions: str) -> int:
        places = ", ".join(["%s"] * len(actions))
        rows = await self.database.primary.fetch(
            f"SELECT COUNT(*) FROM audit_entry WHERE subject_id = %s AND action IN ({places})",
            (str(record_id), *actions),
        )
        return int(rows[0][0])

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@pytest.fixture(scope="session")
def office_settings(mariadb_url: str) -> Iterator[Settings]:
    """A database of these tests alone, so that every invariant can be looked at."""
    with new_database(mariadb_url, "approvals") as url:
        yield load_settings(environment="test", database_url=url, base_url=BASE_URL)


@pytest.fixture(scope="session")
async def office_app(office_settings: Settings) -> AsyncIterator[Live]:
    async with running_app(office_settings) as running:
        yield running


@pytest.fixture
async def office(office_app: Live) -> AsyncIterator[Office]:
    opened = Office(office_app)
    yield opened
    await opened.close()

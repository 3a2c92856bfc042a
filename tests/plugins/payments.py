"""A payment provider that is played by the sandbox, and a desk that has charges settled with it."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.partners.client import Partners
from app.kit.money import Money
from app.payments.charges import services
from app.payments.charges.models import Charge, ChargeOperation
from app.payments.charges.rules import OperationState, Purpose
from app.payments.charges.services import ChargeSubject
from app.payments.charges.services.settling import settle
from app.settings import Settings


@dataclass(frozen=True)
class PlayedProvider:
    """The provider's faults, and what it really has."""

    url: str

    def switch_on(self, fault: str, operation: str = "*", **more: Any) -> None:
        given = {"operation": operation, "fault": fault, **more}
        httpx.post(f"{self.url}/control/faults", json=given).raise_for_status()

    def switch_off(self) -> None:
        httpx.delete(f"{self.url}/control/faults").raise_for_status()

    def payments(self, reference: str) -> list[dict[str, Any]]:
        found = httpx.get(f"{self.url}/control/payments").raise_for_status().json()
        return [each for each in found if each["reference"] == reference]

    def calls(self, operation: str) -> int:
        return httpx.get(f"{self.url}/control/calls").raise_for_status().json().get(operation, 0)


@pytest.fixture
def provider(sandbox_url: str) -> Iterator[PlayedProvider]:
    """Without a fault at the beginning and at the end."""
    played = PlayedProvider(f"{sandbox_url}/payments")
    played.switch_off()
    yield played
    played.switch_off()


@pytest.fixture
def settings_here(settings: Settings, sandbox_url: str) -> Settings:
    return settings.model_copy(update={"sandbox_url": sandbox_url})


@pytest.fixture
async def partners(database, settings_here) -> AsyncIterator[Partners]:
    client = Partners(lambda: database, settings_here.opened_networks)
    yield client
    await client.close()


class Desk:
    """Somebody who charges, and the worker that settles."""

    def __init__(self, session, database, partners, settings, provider):
        self.session, self.database, self.partners, self.settings = session, database, partners, settings
        self.provider = provider

    async def plan(self, minor: int = 80_000, purpose: Purpose = Purpose.DEPOSIT, **values: Any) -> Charge:
        subject = ChargeSubject("booking", values.pop("subject_id", uuid4()), "BK-TEST", "EE", "TLL")
        made = await services.plan_charge(
            self.session, subject, purpose=purpose, amount=Money(minor, "EUR"), actor=SYSTEM
        )
        await self.session.commit()
        return made

    async def do(self, service: Any, charge: Charge, **values: Any) -> OperationState:
        """Ask for it, and let the worker take it one step."""
        self.session.expunge_all()
        await service(self.session, charge.id, actor=SYSTEM, **values)
        await self.session.commit()
        return await self.settle(charge)

    async def held(self, minor: int = 80_000, card: str = "tok_good", **values: Any) -> Charge:
        charge = await self.plan(minor, **values)
        assert await self.do(services.hold, charge, payment_token=card) is OperationState.DONE
        return await self.kept(charge.id)

    async def settle(self, charge: Charge, settings: Settings | None = None) -> OperationState:
        (last,) = (await self.operations(charge))[:1]
        return await settle(self.database, self.partners, settings or self.settings, last.id)

    async def operations(self, charge: Charge) -> list[ChargeOperation]:
        statement = select(ChargeOperation).where(ChargeOperation.charge_id == charge.id)
        statement = statement.order_by(ChargeOperation.id.desc()).execution_options(populate_existing=True)
        return list((await self.session.execute(statement)).scalars())

    async def kept(self, charge_id: UUID) -> Charge:
        return await self.session.get(Charge, charge_id, populate_existing=True)

    def real(self, charge: Charge) -> list[dict[str, Any]]:
        """What the provider really has of it."""
        return self.provider.payments(charge.reference)


@pytest.fixture
async def desk(session, database, partners, settings_here, provider) -> Desk:
    return Desk(session, database, partners, settings_here, provider)

"""Applications."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import SYSTEM
from app.credit.applications.models import Application
from app.credit.applications.rules import ApplicationState
from app.credit.applications.services import create_application
from app.kit.money import Money
from tests.factories.desk import make_customer

CONSENT = {
    "purpose": "credit_check", "text_version": "ee-3", "channel": "web",
    "given_at": datetime(2026, 6, 1, 9, 30, tzinfo=UTC),
}  # fmt: skip
COMPLETE: dict[str, Any] = {
    "purpose": "Kitchen",
    "household": {"housing": "rent", "housing_cost": Money(45000, "EUR"), "dependants": 1},
    "employment": {
        "kind": "permanent", "employer": "Harbour AS", "since_on": date(2020, 2, 1),
        "net_income_per_month": Money(210000, "EUR"),
    },
    "consents": [CONSENT],
}  # fmt: skip


async def make_application(session: AsyncSession, **fields: Any) -> Application:
    """A draft of 15,000 euro over 60 months in Estonia, unless told otherwise."""
    given: dict[str, Any] = {
        "market": "EE", "product": "personal_loan", "amount": Money(1_500_000, "EUR"), "term_months": 60,
    }  # fmt: skip
    return await create_application(session, fields=given | fields, actor=SYSTEM)


async def make_complete(session: AsyncSession, **fields: Any) -> Application:
    """A draft that can be submitted."""
    if "customer_id" not in fields:
        customer = await make_customer(
            session, born_on=date(1990, 4, 1), identity_number="38001085718", email="liis@example.test"
        )
        fields["customer_id"] = customer.id
    return await make_application(session, **(COMPLETE | fields))


async def make_in_state(session: AsyncSession, state: ApplicationState, **fields: Any) -> Application:
    """An application put into a state, whatever led there."""
    application = await make_application(session, **fields)
    application.state = state
    await session.flush()
    return application

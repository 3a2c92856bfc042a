"""The people of the demo: seven who can sign in, and colleagues in the markets whose names stand in the timelines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.cli.demo_accounts import DEMO_ACCOUNTS
from app.core.actor import SYSTEM
from app.core.db import AsyncSession, Database, run_in_unit
from app.core.permissions import Role
from app.desk.staff import queries
from app.desk.staff.services import access, identity

NAMES: Final = {
    "fleet@demo.test": "Mari Kask",
    "fleet.manager@demo.test": "Henrik Saar",
    "rates@demo.test": "Kersti Laur",
    "credit@demo.test": "Liis Tamm",
    "credit.manager@demo.test": "Andres Mägi",
    "engineer@demo.test": "Kaur Lepik",
    "auditor@demo.test": "Helena Rebane",
    "admin@demo.test": "Tõnu Sepp",
}
COLLEAGUES: Final = (
    ("Jānis Bērziņš", Role.FLEET_CLERK, "LV"),
    ("Rasa Kazlauskienė", Role.FLEET_CLERK, "LT"),
    ("Aino Virtanen", Role.FLEET_CLERK, "FI"),
    ("Ivana Horvat", Role.FLEET_CLERK, "HR"),
    ("Petr Novák", Role.FLEET_CLERK, "CZ"),
    ("Lena Vogt", Role.FLEET_CLERK, "DE"),
    ("Marta Ruiz", Role.FLEET_CLERK, "ES"),
    ("Camille Laurent", Role.FLEET_CLERK, "FR"),
    ("Kadri Põld", Role.CREDIT_OFFICER, "EE"),
    ("Edgars Kalniņš", Role.CREDIT_OFFICER, "LV"),
    ("Sofia Lindqvist", Role.CREDIT_OFFICER, "SE"),
    ("Tomasz Wójcik", Role.CREDIT_OFFICER, "PL"),
)
"""They have no password, so nobody signs in as one of them."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff who acts in the demo's timelines."""

    id: str
    name: str
    role: str
    market: str | None


async def ensure_accounts(database: Database, password: str) -> list[Person]:
    """Make the demo's people that are missing and give those who sign in this password; returns all of them."""
    found = [
        await _ensure(database, email, NAMES[email], role, None, password) for email, role in DEMO_ACCOUNTS.items()
    ]
    for name, role, market in COLLEAGUES:
        found.append(await _ensure(database, _email_of(name), name, role, (market,), None))
    return found


async def _ensure(
    database: Database, email: str, name: str, role: str, markets: tuple[str, ...] | None, password: str | None
) -> Person:
    async def work(session: AsyncSession) -> Person:
        staff = await queries.find_by_email(session, email)
        if staff is None:
            staff = await access.create_staff(
                session,
                email=email,
                name=name,
                roles=[role],
                markets=markets,
                password=password,
                is_demo=True,
                actor=SYSTEM,
            )
        elif password is not None:
            await identity.reset_demo_password(session, staff, password, actor=SYSTEM)
        market = markets[0] if markets and len(markets) == 1 else None
        return Person(str(staff.id), staff.name, role, market)

    return await run_in_unit(database, work)


def _email_of(name: str) -> str:
    from app.cli.seeds.people import plain

    return ".".join(plain(part) for part in name.split()) + "@demo.test"

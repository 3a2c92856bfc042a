"""Views that the demo's people saved: what each team shares, and what some keep for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl
from uuid import UUID

from app.cli.seeds.accounts import NAMES
from app.core import registry
from app.core.actor import Actor
from app.desk.saved_views.services.opening import read_query_string
from app.desk.saved_views.services.views import SHARE, create_view

if TYPE_CHECKING:
    from app.cli.seeds.accounts import Person
    from app.core.db import Database

SHARED: Final = (
    (
        "fleet.manager@demo.test",
        "vehicle",
        "To sell, most driven first",
        "state=for_sale&sort=-odometer_km&columns=plate,branch,year,odometer,day_price,colour",
    ),
    (
        "fleet.manager@demo.test",
        "vehicle",
        "Standing still",
        "state=blocked&state=in_maintenance&sort=updated_at&columns=plate,branch,state,updated,due",
    ),
    ("fleet.manager@demo.test", "vehicle", "Winter tyres on", "tag=winter-tyres&sort=plate"),
    ("fleet.manager@demo.test", "task", "Fleet: nobody's yet", "team=fleet&active=yes&unassigned=yes"),
    (
        "credit.manager@demo.test",
        "application",
        "Waiting longest",
        "state=submitted&state=screening&sort=submitted_at&columns=applicant,product,amount,market,submitted,debts",
    ),
    ("credit.manager@demo.test", "application", "Fraud to check", "tag=fraud_check&sort=-submitted_at"),
    ("credit.manager@demo.test", "customer", "Companies with a rate", "kind=company&tag=corporate-rate&sort=name"),
    ("credit.manager@demo.test", "task", "Credit: overdue", "team=credit&active=yes&overdue=yes"),
    ("credit.manager@demo.test", "application", "Nobody's, longest waiting", "unassigned=yes&sort=submitted_at"),
    ("engineer@demo.test", "task", "Engineering: to be done", "team=engineering&active=yes"),
    ("engineer@demo.test", "job", "Gave up", "state=dead"),
    ("admin@demo.test", "task", "Administration: to be done", "team=administration&active=yes"),
    ("admin@demo.test", "staff", "Invited, not here yet", "state=invited"),
)
PRIVATE: Final = (
    ("fleet@demo.test", "vehicle", "My airport", "location=TLL&sort=due_on"),
    ("fleet@demo.test", "vehicle", "Hail", "tag=hail-damage"),
    ("credit@demo.test", "application", "Call back", "tag=call_back&sort=updated_at"),
    ("credit@demo.test", "customer", "Call before writing", "tag=call-first&sort=name"),
    ("engineer@demo.test", "task", "Overdue, whoever has it", "active=yes&overdue=yes"),
    ("admin@demo.test", "tag", "Words of applications", "kind=application"),
)
"""Whose, of which list, name, and what it asks in the words of the list's address."""


async def add_views(database: Database, people: Sequence[Person]) -> None:
    """Save them as the people would, once per database."""
    ids = {person.name: UUID(person.id) for person in people}
    async with database.unit() as session:
        for is_shared, views in ((True, SHARED), (False, PRIVATE)):
            for email, kind, name, asks in views:
                shown = registry.record_kinds[kind].record_list
                assert shown is not None
                owner = Actor(ids[NAMES[email]], "staff", NAMES[email], email, permissions=frozenset({SHARE}))
                query = read_query_string(parse_qsl(asks), shown)
                await create_view(session, shown, name=name, query=query, is_shared=is_shared, actor=owner)
                await session.flush()

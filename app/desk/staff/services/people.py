"""Members of staff as others choose among them."""

from app.core import registry
from app.core.actor import Actor
from app.core.db import AsyncSession
from app.desk.staff import queries
from app.desk.staff.models import Staff

find_person = queries.find_staff


def as_actor(staff: Staff) -> Actor:
    """What the guard would make of this person."""
    return Actor(
        id=staff.id,
        kind="staff",
        name=staff.name,
        email=staff.email,
        roles=tuple(staff.roles),
        permissions=registry.permissions().of_roles(staff.roles),
        markets=None if staff.markets is None else frozenset(staff.markets),
        branches=None if staff.branches is None else frozenset(staff.branches),
    )


async def list_who_may(session: AsyncSession, permission: str) -> list[Staff]:
    """Everybody active whose roles allow something, by name."""
    return [one for one in await queries.list_active(session) if as_actor(one).may(permission)]

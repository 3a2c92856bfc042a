"""People of the staff."""

from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.auth.secrets import hash_password
from app.core.permissions import PermissionMap
from app.desk.staff.models import Staff


async def make_staff(
    session: AsyncSession,
    *,
    roles: list[str],
    name: str = "Mari Kask",
    email: str | None = None,
    markets: list[str] | None = None,
    branches: list[str] | None = None,
    password: str | None = None,
    is_disabled: bool = False,
    is_emergency: bool = False,
) -> Staff:
    """A person with these roles; no markets and branches means all of them."""
    staff = Staff(
        email=email or f"{uuid4().hex}@example.test",
        name=name,
        roles=roles,
        markets=markets,
        branches=branches,
        password_hash=await hash_password(password) if password else None,
        is_demo=True,
        is_disabled=is_disabled,
        is_emergency=is_emergency,
    )
    session.add(staff)
    await session.flush()
    return staff


def actor_of(staff: Staff, permissions: PermissionMap) -> Actor:
    """What the guard makes of this person."""
    return Actor(
        id=staff.id,
        kind="staff",
        name=staff.name,
        email=staff.email,
        roles=tuple(staff.roles),
        permissions=permissions.of_roles(staff.roles),
        markets=None if staff.markets is None else frozenset(staff.markets),
        branches=None if staff.branches is None else frozenset(staff.branches),
    )

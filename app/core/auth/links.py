"""Single-use links: invitations, password resets, and the step between password and second factor."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.auth.models import SingleUseLink
from app.core.auth.secrets import new_token, token_hash
from app.core.database_clock import database_time, read_database_time


class LinkPurpose(StrEnum):
    """What a link is good for."""

    INVITATION = "invitation"
    RESET = "reset"
    SECOND_FACTOR = "second_factor"


LIFE = {
    LinkPurpose.INVITATION: timedelta(hours=72),
    LinkPurpose.RESET: timedelta(hours=1),
    LinkPurpose.SECOND_FACTOR: timedelta(minutes=10),
}
SETS_PASSWORD = frozenset({LinkPurpose.INVITATION, LinkPurpose.RESET})


async def make_link(session: AsyncSession, staff_id: UUID, purpose: LinkPurpose) -> str:
    """The secret of a new link, answered once."""
    token, moment = new_token(), await read_database_time(session)
    session.add(
        SingleUseLink(
            purpose=purpose,
            token_hash=token_hash(token),
            staff_id=staff_id,
            created_at=moment,
            expires_at=moment + LIFE[purpose],
        )
    )
    await session.flush()
    return token


async def find_link(session: AsyncSession, token: str, purposes: Collection[LinkPurpose]) -> SingleUseLink | None:
    """The link of this secret while it is good."""
    statement = select(SingleUseLink).where(
        col(SingleUseLink.token_hash) == token_hash(token),
        col(SingleUseLink.purpose).in_(list(purposes)),
        col(SingleUseLink.used_at).is_(None),
        col(SingleUseLink.expires_at) > database_time(),
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def use_link(session: AsyncSession, link: SingleUseLink) -> bool:
    """Spend a link; False when somebody else was faster or its time is over."""
    statement = update(SingleUseLink).where(
        col(SingleUseLink.id) == link.id,
        col(SingleUseLink.used_at).is_(None),
        col(SingleUseLink.expires_at) > database_time(),
    )
    return await _spend(session, statement) == 1


async def void_links_of(session: AsyncSession, staff_id: UUID) -> None:
    """Make every open link of a person worthless."""
    statement = update(SingleUseLink).where(
        col(SingleUseLink.staff_id) == staff_id, col(SingleUseLink.used_at).is_(None)
    )
    await _spend(session, statement)


async def _spend(session: AsyncSession, statement: Update) -> int:
    result = await session.execute(
        statement.values(used_at=database_time()), execution_options={"synchronize_session": False}
    )
    assert isinstance(result, CursorResult)
    return result.rowcount

"""Taking back what was just done."""

from collections.abc import Mapping

from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.changes import because
from app.core.database_clock import read_database_time
from app.core.db import AsyncSession
from app.core.errors import Conflict, Forbidden, NotFound, StaleVersion
from app.core.undo import KEPT, Offer, UndoKind


class TooLate(Conflict):
    code = "too_late_to_undo"
    title = "It is too late to undo this"
    advice = "What was done stands. It can still be changed on the record."


async def undo(
    session: AsyncSession,
    offer: Offer,
    undos: Mapping[str, UndoKind],
    kinds: Mapping[str, RecordKind],
    *,
    actor: Actor,
) -> RecordKind:
    """Do the compensating action, and tell of which kind the subject is.

    Raises Forbidden for anybody but who did it, TooLate, and StaleVersion once the record has changed since.
    """
    wanted = undos[offer.kind]
    if offer.actor_id != actor.id or not actor.may(wanted.permission):
        raise Forbidden("Only who did it may undo it.")
    if await read_database_time(session) > offer.until:
        raise TooLate(f"It is too late to undo this: that can be done for {KEPT.seconds} seconds.")
    kind = kinds[wanted.subject_kind]
    subject = await session.get(kind.model, offer.subject_id, with_for_update=True, populate_existing=True)
    if subject is None:
        raise NotFound
    if subject.version != offer.version:
        raise StaleVersion("It has been changed since, so it is not undone.")
    with because("Undone at once"):
        await wanted.compensate(session, offer.subject_id, offer.payload, actor)
    return kind

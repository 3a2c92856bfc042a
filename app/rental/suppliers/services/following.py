"""Who has to know what becomes of a reservation: features above this one, by the kind of record it was made for."""

from typing import Protocol

from app.core.actor import Actor
from app.core.db import AsyncSession
from app.rental.suppliers.models import SupplierReservation


class Follower(Protocol):
    """Brings a record to where its reservation is, in the transaction that moved the reservation."""

    async def __call__(
        self, session: AsyncSession, reservation: SupplierReservation, *, reason: str, actor: Actor
    ) -> None: ...


_FOLLOWERS: dict[str, Follower] = {}


def follow(subject_kind: str, follower: Follower) -> None:
    """Have a follower told of every reservation that was made for a kind of record."""
    _FOLLOWERS[subject_kind] = follower


async def tell(session: AsyncSession, reservation: SupplierReservation, *, reason: str, actor: Actor) -> None:
    """Tell whoever follows it."""
    if reservation.subject_kind in _FOLLOWERS:
        await _FOLLOWERS[reservation.subject_kind](session, reservation, reason=reason, actor=actor)

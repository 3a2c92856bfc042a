"""The terms of a booking: both ends, class, choices and price, and how others take their place."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.core.actor import Actor
from app.core.changes import apply, record
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.kit.problems import Problem
from app.rental.bookings import rules
from app.rental.bookings.models import Booking, BookingTerms
from app.rental.bookings.rules import BookingState, Choices
from app.rental.bookings.services.moves import enter
from app.rental.bookings.services.pricing import Priced
from app.rental.locations import services as locations
from app.rental.locations.services import HandoverTime
from app.rental.occupancy.rules import check_stay

TERMS = (
    "pickup_location", "pickup_local", "pickup_zone", "return_location", "return_local", "return_zone", "class_code",
    "choices", "price_lines", "rate_snapshot", "fee_windows", "margin",
)  # fmt: skip
SHOWN = ("pickup_location", "pickup_local", "return_location", "return_local", "class_code", "choices")


async def replace_terms(
    session: AsyncSession,
    booking: Booking,
    columns: Mapping[str, Any],
    *,
    path: Iterable[BookingState],
    action: str,
    why: str,
    actor: Actor,
) -> bool:
    """Give a booking other terms and keep the old ones; False, and nothing happens, when they are the same."""
    earlier = _kept(booking, {name: getattr(booking, name) for name in TERMS}, why, actor)
    total, state = booking.total, booking.state
    changed = apply(booking, columns)
    if not changed:
        return False
    session.add(earlier)
    booking.terms_number += 1
    enter(booking, path)
    shown = {name: (_shown(old), _shown(new)) for name, (old, new) in changed.items() if name in SHOWN}
    shown |= {"total_minor": (total, booking.total)} if total != booking.total else {}
    shown |= {"state": (state, booking.state)} if state is not booking.state else {}
    await record(session, action, booking, actor=actor, why=why, changes=shown)
    return True


def by_the_wall(value: Any) -> Any:
    """A wall time as the timeline keeps it: as text, because it is no moment of UTC."""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value


async def handovers(
    session: AsyncSession, pickup: Mapping[str, Any], back: Mapping[str, Any], *, by_our_hours: bool = True
) -> tuple[HandoverTime, HandoverTime]:
    """Both ends of a hire, at hours when somebody is there. Raises InvalidFields naming `pickup` or `return`."""
    known = await locations.by_codes(session, {str(pickup["location"]), str(back["location"])})
    found: list[HandoverTime] = []
    problems: list[Problem] = []
    for name, end in (("pickup", pickup), ("return", back)):
        place = known.get(str(end["location"]))
        try:
            found.append(locations.judge_handover(place, end, field=name, by_our_hours=by_our_hours))
        except InvalidFields as refused:
            problems += refused.problems
    if not problems:
        problems = check_stay(found[0].at, found[1].at)
        if not problems and found[1].local <= found[0].local:
            problems = [Problem("return.local", "out_of_range", "Not after the pick-up")]
    if problems:
        raise InvalidFields(problems)
    return found[0], found[1]


def term_columns(
    pickup: HandoverTime, back: HandoverTime, class_code: str, choices: Choices, priced: Priced
) -> dict[str, Any]:
    """The terms of a hire as columns of its booking."""
    ends = {
        f"{name}_{part}": value
        for name, end in (("pickup", pickup), ("return", back))
        for part, value in (
            ("location", end.location.code), ("local", end.local), ("zone", end.location.time_zone), ("at", end.at),
        )
    }  # fmt: skip
    return {
        **ends,
        "class_code": class_code,
        "choices": rules.write_choices(choices),
        "total_minor": priced.total.minor,
        "total_currency": priced.total.currency,
        "price_lines": priced.lines,
        "rate_snapshot": priced.snapshot,
        "fee_windows": priced.fee_windows,
        "margin": priced.margin,
    }


def _shown(value: Any) -> Any:
    """A value as the timeline keeps it."""
    return rules.choices_in_words(rules.read_choices(value)) or None if isinstance(value, dict) else by_the_wall(value)


def _kept(booking: Booking, terms: Mapping[str, Any], reason: str, actor: Actor) -> BookingTerms:
    plain = {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in terms.items()}
    return BookingTerms(
        booking_id=booking.id,
        number=booking.terms_number,
        terms=plain,
        total_minor=booking.total_minor,
        total_currency=booking.total_currency,
        replaced_by=actor.name,
        reason=reason,
    )

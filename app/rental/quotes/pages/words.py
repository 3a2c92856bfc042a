"""Why there is no car, and what would help, in words."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from app.core.values import UNSET
from app.rental.quotes.rules import Reason
from app.rental.quotes.schemas.searches import CarChange, CarExclusion, CarSearchItem
from app.rental.suppliers.rules import Absence, ErrorKind

REASON_WORDS: Mapping[str, str] = {
    Reason.CLOSED_AT_PICKUP: "Closed at the pick-up",
    Reason.CLOSED_AT_RETURN: "Closed at the return",
    Reason.BOOKABLE_FROM: "Cannot be booked yet",
    Reason.BOOKABLE_UNTIL: "Can no longer be booked",
    Reason.PICKUP_FROM: "Pick-up too early for the rate",
    Reason.PICKUP_UNTIL: "Pick-up too late for the rate",
    Reason.ADVANCE_HOURS: "Too short before the pick-up",
    Reason.MIN_DAYS: "Hire too short",
    Reason.MAX_DAYS: "Hire too long",
    Reason.MIN_AGE: "Driver too young",
    Reason.MAX_AGE: "Driver too old",
    Reason.ONE_WAY: "No one-way hires",
    Reason.NO_LENGTH: "No price for this length",
    Reason.NO_PRICE: "No price",
    Reason.NO_VEHICLE: "No vehicle of the class",
    Reason.SOLD_OUT: "Sold out",
    Reason.OTHER_CLASSES: "Has other classes only",
    Absence.NOT_MAPPED: "Branch not mapped",
    Absence.STOPPED: "Sale is stopped",
    Absence.HELD_OFF: "Failed a moment ago, not asked",
    Absence.BUSY: "Too much at once, not asked",
    Absence.LATE: "Too late",
    ErrorKind.SYSTEM: "Its system failed",
    ErrorKind.KNOWN: "Refused",
    ErrorKind.TIMEOUT: "Did not answer in time",
    ErrorKind.NO_RESULTS: "No cars",
    ErrorKind.EXPIRED: "Price no longer valid",
    ErrorKind.BAD_INPUT: "Did not take the request",
    ErrorKind.UNKNOWN_LOCATION: "Does not know the branch",
    ErrorKind.UNSUPPORTED: "Cannot be searched",
}


def with_words(item: CarSearchItem) -> CarSearchItem:
    """A search whose reasons and changes are told in words."""
    excluded = [_told(each, item) for each in item.excluded]
    return msgspec.structs.replace(item, excluded=excluded)


def _told(each: CarExclusion, item: CarSearchItem) -> CarExclusion:
    words = REASON_WORDS.get(each.reason) or each.reason.replace("_", " ").capitalize()
    change = each.change
    if isinstance(change, CarChange):
        change = msgspec.structs.replace(change, words=change_in_words(change, item))
    return msgspec.structs.replace(each, words=words, change=change)


def change_in_words(change: CarChange, item: CarSearchItem) -> str:
    """`pick up on Mon 3 May at 08:00, 2 left`."""
    parts = [
        f"pick up at {change.pickup_location}" if change.pickup_location is not UNSET else "",
        _moved("pick up", change.pickup_local, item.pickup["local"]),
        f"return to {change.return_location}" if _is_another_return(change) else "",
        _moved("return", change.return_local, item.back["local"]),
        f"class {change.class_code}" if change.class_code is not UNSET else "",
        f"a driver of {change.driver_age}" if change.driver_age is not UNSET else "",
    ]
    left = f"{change.left} left" if change.left is not UNSET else ""
    return ", ".join(part for part in (*parts, left) if part)


def _is_another_return(change: CarChange) -> bool:
    """Whether the return is elsewhere by itself, and does not simply follow the pick-up."""
    return change.return_location not in (UNSET, change.pickup_location)


def _moved(what: str, after: object, before: str) -> str:
    if not isinstance(after, str):
        return ""
    then, was = datetime.fromisoformat(after), datetime.fromisoformat(before)
    same_clock = then.time() == was.time()
    days = (then.date() - was.date()).days
    if same_clock and days:
        number = abs(days)
        return f"{what} {number} day{'s' if number > 1 else ''} {'later' if days > 0 else 'earlier'}"
    return f"{what} on {then:%a %-d %b} at {then:%H:%M}"

"""What suppliers can do and say, as people read it."""

from collections.abc import Mapping

from app.kit.hire_limits import Limit
from app.rental.suppliers.rules import Absence, ErrorKind, Operation

OPERATION_WORDS = {
    Operation.LOCATIONS: "Tell its branches",
    Operation.SEARCH: "Search",
    Operation.RECHECK: "Check a price again",
    Operation.BOOK: "Book",
    Operation.RETRIEVE: "Show a reservation by its number",
    Operation.RETRIEVE_BY_OURS: "Find a reservation by our reference",
    Operation.AMEND: "Change a reservation",
    Operation.CANCEL: "Cancel",
}
REASON_WORDS: Mapping[str, str] = {
    Absence.NOT_MAPPED: "Not mapped",
    Absence.STOPPED: "Sale is stopped",
    Absence.HELD_OFF: "Failed a moment ago, not asked",
    Absence.BUSY: "Too much at once, not asked",
    Absence.LATE: "Too late",
    Limit.MIN_DAYS: "Hire too short",
    Limit.MAX_DAYS: "Hire too long",
    Limit.MIN_AGE: "Driver too young",
    Limit.MAX_AGE: "Driver too old",
    Limit.ADVANCE_HOURS: "Too short before the pick-up",
    Limit.ONE_WAY: "No one-way hires",
    ErrorKind.SYSTEM: "Its system failed",
    ErrorKind.KNOWN: "Refused",
    ErrorKind.TIMEOUT: "Did not answer in time",
    ErrorKind.NO_RESULTS: "No cars",
    ErrorKind.SOLD_OUT: "Sold out",
    ErrorKind.EXPIRED: "Price is no longer valid",
    ErrorKind.BAD_INPUT: "Did not take the request",
    ErrorKind.UNKNOWN_LOCATION: "Does not know the branch",
    ErrorKind.NOT_FOUND: "Not found",
    ErrorKind.ALREADY_CANCELLED: "Cancelled already",
    ErrorKind.UNSUPPORTED: "Cannot do it",
}
HIDDEN = "net, not shown"
"""In the place of a price that is for those who may see margins."""

"""Why background work failed, in words that may be kept and shown: never a statement's values."""

from sqlalchemy.exc import SQLAlchemyError

from app.core.db import error_number

LONGEST_REASON = 1_000


def reason_of(error: BaseException) -> str:
    """The error's class and message; a database error is told by its number, because its text repeats values."""
    name = type(error).__name__
    if isinstance(error, SQLAlchemyError):
        return f"{name}: database error {error_number(error) or 'without number'}"
    message = str(error)
    return (f"{name}: {message}" if message else name)[:LONGEST_REASON]

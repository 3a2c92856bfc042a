"""Column types of the migrations, frozen here: a later change of the application's types must not change history."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql


def moment() -> mysql.DATETIME:
    """Aware UTC to the microsecond."""
    return mysql.DATETIME(fsp=6)


def code(length: int) -> mysql.VARCHAR:
    """Codes, references, hashes: compared byte by byte."""
    return mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")


def exact(length: int) -> mysql.VARCHAR:
    """Text of others: case and accents count."""
    return mysql.VARCHAR(length, collation="utf8mb4_bin")


def choice(length: int = 32) -> sa.String:
    """A member of an enumeration, by value."""
    return sa.String(length)


def document() -> sa.JSON:
    return sa.JSON()

"""Migrations that can be run again after they were killed half-way.

MariaDB commits each DDL statement by itself, so a revision that was killed between two of them has done the first and
is not noted. Each statement is therefore given the form that does nothing when its work is done.
"""

import re
from typing import Any

from sqlalchemy import Connection, event

_FORMS = tuple(
    (re.compile(r"^\s*" + pattern, re.IGNORECASE), wanted)
    for pattern, wanted in (
        (r"CREATE TABLE (?!IF )", "CREATE TABLE IF NOT EXISTS "),
        (r"DROP TABLE (?!IF )", "DROP TABLE IF EXISTS "),
        (r"CREATE (UNIQUE |FULLTEXT |)INDEX (?!IF )", r"CREATE \1INDEX IF NOT EXISTS "),
        (r"DROP INDEX (?!IF )", "DROP INDEX IF EXISTS "),
        (r"(ALTER TABLE \S+ )ADD COLUMN (?!IF )", r"\1ADD COLUMN IF NOT EXISTS "),
        (r"(ALTER TABLE \S+ )DROP COLUMN (?!IF )", r"\1DROP COLUMN IF EXISTS "),
        (
            r"(ALTER TABLE \S+ )ADD CONSTRAINT (\S+) FOREIGN KEY ?(?!IF )",
            r"\1ADD CONSTRAINT \2 FOREIGN KEY IF NOT EXISTS ",
        ),
        (r"(ALTER TABLE \S+ )ADD CONSTRAINT (?!IF )(\S+) CHECK", r"\1ADD CONSTRAINT IF NOT EXISTS \2 CHECK"),
        (r"(ALTER TABLE \S+ )DROP CONSTRAINT (?!IF )", r"\1DROP CONSTRAINT IF EXISTS "),
        (r"(ALTER TABLE \S+ )DROP FOREIGN KEY (?!IF )", r"\1DROP FOREIGN KEY IF EXISTS "),
    )
)


def resumable(statement: str) -> str:
    """The same statement, doing nothing when it was done before."""
    for form, wanted in _FORMS:
        changed, count = form.subn(wanted, statement, count=1)
        if count:
            return changed
    return statement


def make_resumable(connection: Connection) -> None:
    """Let every statement of this connection be one that can be repeated."""

    @event.listens_for(connection, "before_cursor_execute", retval=True)
    def rewrite(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> tuple[str, Any]:
        return resumable(statement), parameters

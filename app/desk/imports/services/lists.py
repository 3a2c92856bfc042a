"""Lists of other features that show what came in with one file."""

from typing import Any

from app.core.actor import Actor
from app.core.listing import Filter, ListQuery
from app.core.read_pool import ReadPool
from app.desk.imports import queries

BY_IMPORT = Filter("import_id", "Import", "id", is_offered=False)
"""What a list is narrowed by to the records of an import; its rows are known for a week."""


def imported(key: Any) -> Any:
    """The condition of that filter; `key` is the column of the records' ids."""
    return queries.Imported(key)


async def file_labels(reads: ReadPool, asked: ListQuery, actor: Actor) -> dict[str, dict[str, str]]:
    """The names of the files that a list is narrowed to, in place of their ids."""
    chosen = asked.chosen.get(BY_IMPORT.name, ())
    return {BY_IMPORT.name: await queries.list_file_names(reads, chosen, actor)} if chosen else {}

"""Rows that somebody meant: those ticked one by one, or all that a list's filters, text and order give."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from app.core.actor import Actor
from app.core.area import RecordKind
from app.core.errors import AppError, MalformedRequest
from app.core.exporting import Listing
from app.core.listing import ListQuery, read_list_query
from app.core.read_pool import ReadPool
from app.core.reads import Query
from app.core.search_lists import walk_text
from search.indexes import Indexes

BATCH: Final = 500
MAX_PICKED: Final = 200
LONGEST_QUERY: Final = 4_000
FORGOTTEN: Final = frozenset({"cursor", "limit"})
"""The place in the list is no part of what was meant."""


class Selection(msgspec.Struct, frozen=True):
    """A list as its address asks for it, or the ids that were ticked in it."""

    kind: str
    query: str = ""
    ids: list[str] = []

    def asked(self, listing: Listing) -> ListQuery:
        """The question to the list. Raises MalformedRequest, InvalidFields for what the list does not know."""
        if len(self.query) > LONGEST_QUERY:
            raise MalformedRequest("The filters are too long.")
        pairs = [(name, value) for name, value in parse_qsl(self.query) if name not in FORGOTTEN]
        found = read_list_query(pairs, listing.spec)
        if not self.ids:
            return found
        if len(self.ids) > MAX_PICKED:
            raise MalformedRequest(f"At most {MAX_PICKED} rows are picked one by one.")
        return ListQuery(Query({"_id": self.ids}, found.query.sort))

    def address(self, kind: RecordKind) -> str:
        """Where the rows can be looked at."""
        return f"{kind.list_address}?{self.query}" if self.query and not self.ids else kind.list_address


def in_words(kind: RecordKind, selection: Selection, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was asked, as label and value: the text, each filter, another order than the usual; or how many were picked.

    `names` are those of ids. What the list no longer knows is told as it was written.
    """
    if selection.ids:
        return [("Picked", f"{len(selection.ids):,}")]
    listing = listing_of(kind)
    try:
        asked = selection.asked(listing)
    except AppError:
        return [("Filters", selection.query)]
    found = [("Text", asked.text)] if asked.text else []
    for known in listing.spec.filters:
        words = {**names, **dict(known.options)}
        found += [(known.label, words.get(value, value)) for value in asked.chosen.get(known.name, ())]
    sort = asked.query.sort
    if sort != listing.spec.default_sort and kind.record_list is not None:
        heads = {column.sort: column.label for column in kind.record_list.columns if column.sort}
        name = sort.removeprefix("-")
        label = heads.get(name, name.replace("_", " ").capitalize())
        found.append(("Order", f"{label}, descending" if sort.startswith("-") else label))
    return found


@dataclass(frozen=True, slots=True)
class Sources:
    """Where rows come from."""

    reads: ReadPool
    indexes: Indexes | None = None


def listing_of(kind: RecordKind) -> Listing:
    """Raises MalformedRequest for a kind without a list that can be walked."""
    if kind.listing is None:
        raise MalformedRequest(f"{kind.plural} cannot be taken together.")
    return kind.listing


async def count_rows(sources: Sources, kind: RecordKind, selection: Selection, actor: Actor, *, cap: int) -> int:
    """How many rows are meant at this moment, at most `cap` + 1."""
    listing = listing_of(kind)
    asked = selection.asked(listing)
    if not asked.text:
        query = listing.narrow(asked.query, actor)
        return await listing.reads.count(sources.reads, query, listing.reader(actor), cap=cap)
    found = 0
    async with aclosing(walk_rows(sources, kind, selection, actor)) as batches:
        async for items in batches:
            found += len(items)
            if found > cap:
                return cap + 1
    return found


async def walk_rows(
    sources: Sources, kind: RecordKind, selection: Selection, actor: Actor, *, batch: int = BATCH
) -> AsyncGenerator[list[Any], None]:
    """All rows that are meant, in the order of the list. Raises Unavailable when free text cannot be looked for."""
    listing = listing_of(kind)
    asked, reader = selection.asked(listing), listing.reader(actor)
    if asked.text:
        walked = walk_text(sources.indexes, sources.reads, kind, listing.reads, listing.spec, asked, reader)
    else:
        query = listing.narrow(replace(asked.query, cursor=None), actor)
        walked = listing.reads.walk(sources.reads, query, reader, batch=batch)
    async with aclosing(walked):
        async for items in walked:
            yield items

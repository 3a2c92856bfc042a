"""What has changed since a client last asked, as far as the client's person may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.actor import Actor
from app.core.area import RecordKind, Represent
from app.core.cursors import Cursor, CursorSigner, digest
from app.core.errors import AppError, InvalidFields
from app.core.outbox.feed import Change, changes_after
from app.core.read_pool import ReadPool
from app.core.values import UNSET
from app.kit.problems import Problem
from app.portal.changes import queries, rules
from app.portal.changes.rules import Place
from app.portal.changes.schemas import ChangeItem, ChangePage

MOST_STEPS = 10
"""How many pages of stock outside a person's scope are passed over in one request."""


class Resync(AppError):
    """The cursor points before the events that are kept, or was given for another scope."""

    code = "resync"
    status = 410
    title = "Too much has changed since: start again without a cursor"


@dataclass(frozen=True, slots=True)
class Feed:
    """The kinds that a person follows."""

    kinds: dict[str, RecordKind]
    actor: Actor

    @property
    def query(self) -> str:
        """Changes with the filter, so that cursors of other filters are refused."""
        return digest("changes", sorted(self.kinds))

    @property
    def scope(self) -> str:
        """Changes with what the person may see, which changes what has to be told."""
        actor = self.actor
        scopes = [sorted(scope) if scope is not None else None for scope in (actor.markets, actor.branches)]
        return digest(sorted(kind for kind in self.kinds if actor.may(self.kinds[kind].permission)), *scopes)

    @property
    def seen(self) -> list[str]:
        return sorted(key for key, kind in self.kinds.items() if self.actor.may(kind.permission))


def feed_of(kinds: dict[str, RecordKind], wanted: Sequence[str], actor: Actor) -> Feed:
    """The feed of the kinds asked for, or of all. Raises InvalidFields for a kind without a feed."""
    known = {key: kind for key, kind in kinds.items() if kind.represent is not None}
    if unknown := sorted(set(wanted).difference(known)):
        detail = f"There is no {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        raise InvalidFields([Problem("kind", "invalid", detail)])
    return Feed({key: known[key] for key in wanted or known}, actor)


async def read_changes(
    reads: ReadPool, signer: CursorSigner, feed: Feed, *, since: str | None, limit: int
) -> ChangePage:
    """A page of changes. Without a cursor it begins with the stock of records.

    Raises MalformedRequest for a cursor of another feed, Resync for one that is too old or of another scope.
    """
    place = await _place(reads, signer, feed, since)
    items: list[ChangeItem] = []
    for _ in range(MOST_STEPS):
        if not place.is_in_stock or items:
            break
        items, place = await _stock(reads, feed, place, limit)
    has_more = True
    if not place.is_in_stock and not items:
        items, place, has_more = await _events(reads, feed, place, limit)
    cursor = Cursor(feed.query, (place.position, place.kind, place.after, feed.scope))
    return ChangePage(items, signer.write(cursor), has_more)


async def _place(reads: ReadPool, signer: CursorSigner, feed: Feed, since: str | None) -> Place:
    oldest, latest = await queries.kept_range(reads)
    if since is None:
        return rules.next_kind(Place(latest), feed.seen)
    position, kind, after, scope = signer.read(since, query=feed.query).values
    if scope != feed.scope:
        raise Resync("What you may see has changed.")
    if rules.is_gone(int(position or 0), oldest):
        raise Resync("The changes after this cursor are no longer kept.")
    return Place(int(position or 0), str(kind or ""), str(after or ""))


async def _stock(reads: ReadPool, feed: Feed, place: Place, limit: int) -> tuple[list[ChangeItem], Place]:
    kind = feed.kinds[place.kind]
    rows = await kind.list_ids(reads, place.after or queries.FIRST, limit)
    if not rows:
        return [], rules.next_kind(place, feed.seen)
    records = await _represent(kind)(reads, [record_id for record_id, _ in rows], feed.actor)
    items = [
        ChangeItem(kind.key, record_id, getattr(record, "version", version), "upsert", record)
        for record_id, version in rows
        if (record := records.get(record_id)) is not None
    ]
    return items, place.in_stock_after(rows[-1][0])


async def _events(reads: ReadPool, feed: Feed, place: Place, limit: int) -> tuple[list[ChangeItem], Place, bool]:
    events = await changes_after(reads, place.position, limit, kinds=feed.seen)
    if not events:
        return [], place, False
    latest = rules.latest_of_each(events)
    records: dict[tuple[str, str], object] = {}
    for key in {event.kind for event in latest}:
        ids = [event.record_id for event in latest if event.kind == key]
        found = await _represent(feed.kinds[key])(reads, ids, feed.actor)
        records |= {(key, record_id): record for record_id, record in found.items()}
    items = [_item(event, records.get((event.kind, event.record_id))) for event in latest]
    return items, Place(events[-1].position), len(events) == limit


def _item(event: Change, record: object | None) -> ChangeItem:
    if record is None:
        return ChangeItem(event.kind, event.record_id, int(event.payload.get("version", 0)), "delete", UNSET)
    version = getattr(record, "version", event.payload.get("version", 0))
    return ChangeItem(event.kind, event.record_id, version, "upsert", record)  # pyright: ignore[reportArgumentType]


def _represent(kind: RecordKind) -> Represent:
    assert kind.represent is not None
    return kind.represent

"""What an area hands to the application: its pages, record kinds, navigation, permissions and background work."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import UUID

import msgspec
from litestar import Controller
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.approvals import ApprovalKind
from app.core.bulk import BulkAction
from app.core.exporting import Listing
from app.core.importing import Importer
from app.core.lists import RecordList
from app.core.partners.models import PartnerExchange
from app.core.permissions import Permission
from app.core.previews import Preview
from app.core.read_pool import ReadPool
from app.core.records import Record
from app.core.undo import UndoKind
from search.kinds import SearchKind
from search.query import Grant

if TYPE_CHECKING:
    from app.core.record_api import RecordApi


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place in the sidebar, shown to those who have the permission."""

    title: str
    href: str
    permission: str
    section: str = ""
    icon: str = ""
    key: str = ""
    badge: str = ""
    """Where the number beside it is asked for, once the page stands."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One number on the home page that links to the rows behind it."""

    label: str
    href: str
    figure: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the home page's list of what needs somebody."""

    due: str
    tone: str
    text: str
    href: str
    kind: str
    reference: str
    order: float


@dataclass(frozen=True, slots=True)
class NewAction:
    """Something that can be begun from the command palette."""

    title: str
    href: str
    permission: str


@dataclass(frozen=True, slots=True)
class ExchangeAction:
    """Something that can be done with a kept exchange: `href` leads there, or is nothing for one it does not fit."""

    title: str
    permission: str
    href: Callable[[PartnerExchange], str | None]


class Find(Protocol):
    async def __call__(self, session: AsyncSession, record_id: UUID, actor: Actor, /) -> Record | None: ...


class ShowPreview(Protocol):
    """A record at a glance, as far as the actor may see it."""

    async def __call__(self, session: AsyncSession, record: Any, actor: Actor, /) -> Preview: ...


class LoadDocuments(Protocol):
    """Rows as search documents, each with its version under `_version`; a row that is gone is left out."""

    async def __call__(self, reads: ReadPool, ids: Sequence[str], /) -> list[dict[str, Any]]: ...


class FindSimply(Protocol):
    """Matches by prefix in the database, while the search engine is away: (id, reference, title, subtitle)."""

    async def __call__(
        self, reads: ReadPool, text: str, actor: Actor, limit: int, /
    ) -> list[tuple[str, str, str, str]]: ...


class Represent(Protocol):
    """Records as the API shows them, by id, for those who may see them."""

    async def __call__(self, reads: ReadPool, ids: Sequence[str], actor: Actor, /) -> dict[str, Any]: ...


class StateView(NamedTuple):
    """A record's state as lists show it: in words, with the tone of what needs somebody, and whether it is at work."""

    words: str
    tone: str = ""
    is_on: bool = False


class RelatedLine(NamedTuple):
    """A record in a list beside another one: its address, its name, what is said of it, and its state."""

    href: str
    name: str
    text: str
    state: StateView


class ListRelated(Protocol):
    """The records of a kind that are about a record of another kind, as far as the actor may see them."""

    async def __call__(self, session: AsyncSession, subject_id: UUID, actor: Actor, /) -> list[RelatedLine]: ...


class OfferedAction(NamedTuple):
    """Something of a kind that can be begun or gone on with from another record's page."""

    label: str
    href: str
    is_begun: bool = False
    """Whether it is there already, so that the button only leads to it."""
    is_main: bool = True
    """Whether it is what most people come for."""


class ListOffers(Protocol):
    """What of a kind can be begun now for a record of another kind."""

    async def __call__(self, session: AsyncSession, subject: Any, actor: Actor, /) -> list[OfferedAction]: ...


class TellPeople(Protocol):
    """What some of the people are to hear now, each by their own id."""

    async def __call__(self, reads: ReadPool, people: Sequence[UUID], /) -> Mapping[UUID, msgspec.Struct]: ...


@dataclass(frozen=True, slots=True)
class LiveSignal:
    """A signal of the outbox (`type`) whose payload names `people`: their live streams get the event `event`."""

    type: str
    event: str
    tell: TellPeople


@dataclass(frozen=True, slots=True)
class DataCheck:
    """Something that always holds between rows: which invariant, what a breach is called, and SQL that finds ids."""

    invariant: str
    breach: str
    sql: str


@dataclass(frozen=True, slots=True)
class RecordKind:
    """How the desk works with every record without knowing it."""

    key: str
    title: str
    plural: str
    icon: str
    permission: str
    model: type[Record]
    address: Callable[[Any], str]
    name: Callable[[Any], str]
    find: Find
    search: SearchKind | None = None
    load_documents: LoadDocuments | None = None
    find_simply: FindSimply | None = None
    represent: Represent | None = None
    importer: Importer | None = None
    listing: Listing | None = None
    bulk_actions: Sequence[BulkAction] = ()
    list_address: str = ""
    record_list: RecordList | None = None
    other_lists: Sequence[str] = ()
    """Addresses of further lists of these records, which follow changes as its own list does."""
    preview: ShowPreview | None = None
    is_branch_scoped: bool = True
    is_audited: bool = True
    """Whether every version is a change that somebody made; false for work that reports its own progress."""
    labels: dict[str, str] = field(default_factory=dict[str, str])
    state: Callable[[Any], StateView] | None = None
    """The state of what `represent` answers, for lists that follow changes."""
    is_personal: bool = False
    """Whether who somebody is, and not their permissions and scope alone, decides what they see."""
    grants: Callable[[Actor], Sequence[Grant]] | None = None
    """What an actor may find by text, where that is not simply the kind's permission inside their scope."""
    branch_of: Callable[[Any], str | None] | None = None
    """The branch by which a record is scoped, as desk features copy it beside what they keep about it."""
    checks: Sequence[DataCheck] = ()
    has_notes: bool = False
    """Whether people write notes beside it and attach files."""
    related: Mapping[str, ListRelated] = field(default_factory=dict[str, ListRelated])
    """By the kind of another record: the records of this kind that its page lists."""
    related_filters: Mapping[str, str] = field(default_factory=dict[str, str])
    """By the kind of another record: the filter by which this kind's list shows them all."""
    offers: Mapping[str, ListOffers] = field(default_factory=dict[str, ListOffers])
    """By the kind of another record: what of this kind its page offers to begin."""
    has_tags: bool = False
    """Whether people tag it; its table then has a column `tags`."""
    is_charged: bool = False
    """Whether money is charged for it; its table then has a column `market`."""

    @property
    def slug(self) -> str:
        """The kind in addresses of the API: `vehicles`."""
        return self.list_address.strip("/")

    async def list_ids(self, reads: ReadPool, after: str, limit: int) -> list[tuple[str, int]]:
        """The next ids and versions after an id: for reindexing, checking drift, and clients that take everything."""
        sql = f"SELECT id, version FROM {self.model.__tablename__} WHERE id > %s ORDER BY id LIMIT %s"  # noqa: S608
        return [(str(row[0]), int(row[1])) for row in await reads.fetch(sql, (after, limit))]


@dataclass(frozen=True, slots=True)
class TaskKind:
    """Work for people by name: whose it is, how urgent, within which time, and who may do it.

    `sla` counts working time of the task's market, unless `is_round_the_clock`.
    """

    key: str
    title: str
    team: str
    permission: str
    sla: timedelta | None = None
    is_round_the_clock: bool = False
    priority: str = "normal"
    outcomes: Sequence[tuple[str, str]] = ()
    """What can come of it, as value and words; empty when being done says it all."""
    is_made_by_hand: bool = False
    """Whether people make tasks of this kind; else only the application does."""
    is_personal: bool = False
    """Whether only its assignee sees it; it cannot be given to others."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """Background work by name; `every` makes it a schedule."""

    key: str
    title: str
    run: Callable[..., Awaitable[Any]]
    every: timedelta | None = None
    max_attempts: int = 8
    lease: timedelta = timedelta(seconds=60)
    tells_maker: bool = True
    """Whether who queued it is told that it is done or gave up; false for work that tells them better itself."""


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """Something that people are told of, and that each may switch off.

    `many` says several about one record: `{count} new notes on {name}`; without it the newest stands for all.
    """

    key: str
    title: str
    is_on_by_default: bool = True
    many: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """The manifest of one area; `main.py` assembles them."""

    name: str
    title: str
    controllers: Sequence[type[Controller]] = ()
    record_controllers: Sequence["type[RecordApi]"] = ()
    """Made once for each kind of record, of whatever area, that takes them."""
    kinds: Sequence[RecordKind] = ()
    undos: Sequence[UndoKind] = ()
    nav: Sequence[NavItem] = ()
    permissions: Sequence[Permission] = ()
    tasks: Sequence[JobKind] = ()
    task_kinds: Sequence[TaskKind] = ()
    actions: Sequence[NewAction] = ()
    approval_kinds: Sequence[ApprovalKind] = ()
    tiles: Sequence[Callable[[ReadPool, Actor], Awaitable[list[Tile]]]] = ()
    waiting: Sequence[Callable[[ReadPool, Actor], Awaitable[list[Waiting]]]] = ()
    notification_kinds: Sequence[NotificationKind] = ()
    live_signals: Sequence[LiveSignal] = ()
    exchange_actions: Sequence[ExchangeAction] = ()

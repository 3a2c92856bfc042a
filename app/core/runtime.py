"""What one running process holds: settings, pools, the search client and the assembled areas."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jinja2 import Environment

from app.core.actor import Actor
from app.core.approvals import ApprovalKind
from app.core.area import Area, ExchangeAction, JobKind, LiveSignal, NavItem, NotificationKind, RecordKind
from app.core.auth.staff import StaffLoader, StaffTable
from app.core.background import Background
from app.core.cursors import CursorSigner
from app.core.db import Database
from app.core.errors import Forbidden, NotFound
from app.core.lists import RecordList
from app.core.live.hub import Hub
from app.core.partners.client import Partners
from app.core.permissions import PermissionMap
from app.core.read_pool import ReadPool
from app.core.undo import UndoKind
from app.settings import Settings
from search.client import SearchClient
from search.indexes import Indexes

if TYPE_CHECKING:
    from app.core.auth.oidc import Provider


@dataclass(frozen=True, slots=True)
class Assembly:
    """All areas as one: what exists, who may do it, where it is found."""

    areas: tuple[Area, ...]
    permissions: PermissionMap
    staff_loader: StaffLoader
    staff_table: StaffTable
    read_pulse: Callable[[ReadPool, str], Awaitable[tuple[int, int]]]

    @property
    def kinds(self) -> dict[str, RecordKind]:
        return {kind.key: kind for area in self.areas for kind in area.kinds}

    def record_list(self, key: str, actor: Actor) -> RecordList:
        """The list of this key. Raises NotFound for none and Forbidden for one that the actor may not see."""
        for kind in self.kinds.values():
            if kind.record_list is not None and kind.record_list.key == key:
                if not actor.may(kind.permission):
                    raise Forbidden
                return kind.record_list
        raise NotFound("There is no such list.")

    @property
    def undos(self) -> dict[str, UndoKind]:
        return {undo.key: undo for area in self.areas for undo in area.undos}

    @property
    def exchange_actions(self) -> Sequence[ExchangeAction]:
        return [action for area in self.areas for action in area.exchange_actions]

    @property
    def nav(self) -> Sequence[NavItem]:
        return [item for area in self.areas for item in area.nav]

    @property
    def tasks(self) -> Sequence[JobKind]:
        return [task for area in self.areas for task in area.tasks]

    @property
    def live_signals(self) -> Sequence[LiveSignal]:
        return [signal for area in self.areas for signal in area.live_signals]

    @property
    def notification_kinds(self) -> dict[str, NotificationKind]:
        return {kind.key: kind for area in self.areas for kind in area.notification_kinds}

    @property
    def approval_kinds(self) -> dict[str, ApprovalKind]:
        return {kind.terms.key: kind for area in self.areas for kind in area.approval_kinds}


@dataclass(slots=True)
class Runtime:
    """The state of a web process; opened before the first request, closed after the last."""

    settings: Settings
    assembly: Assembly
    database: Database
    search: SearchClient | None
    indexes: Indexes | None
    templates: Environment
    cursors: CursorSigner
    csrf_keys: tuple[bytes, ...]
    """The first makes the tokens of forms, all of them are believed."""
    live: Hub
    partners: Partners
    background: Background = field(default_factory=Background)
    assets: dict[str, str] = field(default_factory=dict[str, str])
    asset_files: frozenset[str] = frozenset()
    identity_provider: "Provider | None" = None
    """Made at the first sign-in that needs it: most processes never load the protocol."""

    @property
    def is_secure(self) -> bool:
        """Whether people reach us by https, which decides the cookies' names and flags."""
        return self.settings.base_url.startswith("https://")

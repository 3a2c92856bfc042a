"""What the pages of staff and accounts show."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

import segno
from markupsafe import Markup

from app.core.auth.models import AuthSession
from app.core.auth.second_factor import enrolment_address
from app.core.columns import Column
from app.core.forms import Form
from app.core.lists import Frame, RecordList
from app.core.mail import DevelopmentMail
from app.core.permissions import ROLE_TITLES, Role
from app.desk.approvals.services import WaitingLine
from app.desk.audit_trail.services import TimelineEntry
from app.desk.staff import rules
from app.desk.staff.forms import ChangePassword, Code, Confirm, DisableStaff, Forgotten, NewPassword, SignIn
from app.desk.staff.models import Staff
from app.desk.staff.queries import SPEC, Branch, StaffItem
from app.kit.markets import MARKETS

QR_SCALE = 4
LINK = re.compile(r"https?://\S+")
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
STATE_TONES = {"active": "", "invited": "soon", "disabled": ""}
LIST = RecordList(
    key="staff",
    title="Staff",
    path="/staff",
    spec=SPEC,
    columns=(
        Column("name", "Name", "name", is_fixed=True), Column("email", "E-mail"), Column("roles", "Roles"),
        Column("markets", "Markets"), Column("second_factor", "Second factor"),
        Column("last_signed_in", "Last sign-in", "last_signed_in_at"), Column("state", "State"),
    ),
    cells="desk/staff/_cells.html",
    kind="staff",
    hint="Name or e-mail",
)  # fmt: skip
VIEWS = (("Everybody", {}), *((state.capitalize(), {"state": state}) for state in STATE_TONES))
LABELS = {"markets": "Markets", "branches": "Branches", "is_disabled": "Disabled", "roles": "Roles", "name": "Name"}


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Address and password, and where to go afterwards."""

    form: SignIn
    after: str
    provider: str = ""
    """What the company account is called, where there is one."""
    is_emergency_only: bool = False
    """Whether a password is for emergency accounts alone."""


@dataclass(frozen=True, slots=True)
class CodePage:
    """The code of the second factor."""

    form: Code
    after: str


@dataclass(frozen=True, slots=True)
class EnrolmentPage:
    """What an authenticator app must learn, as a picture and as text."""

    form: Code
    picture: Markup
    secret: str
    after: str

    @classmethod
    def of(cls, form: Code, account: str, secret: str, after: str = "/") -> "EnrolmentPage":
        groups = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
        return cls(form, qr_picture(enrolment_address(secret, account)), groups, after)


@dataclass(frozen=True, slots=True)
class RecoveryCodesPage:
    """The codes, shown once."""

    codes: list[str]
    after: str


@dataclass(frozen=True, slots=True)
class ForgottenPage:
    """Asking for a link."""

    form: Forgotten
    is_sent: bool


@dataclass(frozen=True, slots=True)
class NewPasswordPage:
    """Choosing a password."""

    form: NewPassword
    email: str


@dataclass(frozen=True, slots=True)
class LinkGonePage:
    """A link that does nothing any more."""

    title: str


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail that was kept, cut into paragraphs of text and links."""

    recipient: str
    subject: str
    at: datetime
    paragraphs: list[list[tuple[str, bool]]]


@dataclass(frozen=True, slots=True)
class MailPage:
    """What development would have mailed."""

    mails: list[ShownMail]

    @classmethod
    def of(cls, kept: Sequence[DevelopmentMail]) -> "MailPage":
        return cls(
            [
                ShownMail(mail.recipient, mail.subject, mail.at, [_parts(text) for text in mail.text.split("\n\n")])
                for mail in kept
            ]
        )


def _parts(text: str) -> list[tuple[str, bool]]:
    parts: list[tuple[str, bool]] = []
    place = 0
    for found in LINK.finditer(text):
        parts += [(text[place : found.start()], False), (found.group(), True)]
        place = found.end()
    return [*parts, (text[place:], False)]


# One's own account


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser that is signed in."""

    id: UUID
    browser: str
    address: str
    started_at: datetime
    last_seen_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """All browsers that are signed in, this one first."""

    rows: list[SessionRow]

    @property
    def has_others(self) -> bool:
        return any(not row.is_current for row in self.rows)

    @classmethod
    def of(cls, sessions: Sequence[AuthSession], present: UUID | None) -> "SessionsPage":
        rows = [
            SessionRow(
                one.id, browser_words(one.browser), one.address, one.created_at, one.last_seen_at, one.id == present
            )
            for one in sessions
        ]
        return cls(sorted(rows, key=lambda row: not row.is_current))


@dataclass(frozen=True, slots=True)
class SecurityPage:
    """Password, second factor and recovery codes."""

    email: str
    since: datetime | None
    is_required: bool
    codes_left: int
    password: ChangePassword
    factor: Confirm
    codes: Confirm

    @classmethod
    def of(
        cls,
        staff: Staff,
        codes_left: int,
        *,
        password: ChangePassword | None = None,
        factor: Confirm | None = None,
        codes: Confirm | None = None,
    ) -> "SecurityPage":
        return cls(
            email=staff.email,
            since=staff.totp_since,
            is_required=rules.needs_second_factor(staff.roles, is_demo=staff.is_demo),
            codes_left=codes_left,
            password=password or ChangePassword.of({}),
            factor=factor or Confirm.of({}),
            codes=codes or Confirm.of({}),
        )


# Administration


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One line of the list."""

    id: str
    name: str
    email: str
    roles: str
    markets: str
    second_factor: str
    last_signed_in_at: str | None
    state: str
    tone: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class StaffListPage:
    """Everybody who can be signed in."""

    frame: Frame
    rows: list[StaffRow]
    may_edit: bool


@dataclass(frozen=True, slots=True)
class ScopeGroup:
    """The branches of one market."""

    title: str
    options: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StaffFormPage:
    """Inviting somebody, or changing what they may do."""

    form: Form
    staff_id: UUID | None
    name: str
    version: int
    roles: list[tuple[str, str]]
    markets: list[tuple[str, str]]
    branches: list[ScopeGroup]
    is_own: bool = False

    @classmethod
    def of(
        cls, form: Form, branches: Sequence[Branch], staff: Staff | None = None, *, is_own: bool = False
    ) -> "StaffFormPage":
        return cls(
            form=form,
            staff_id=staff.id if staff else None,
            name=staff.name if staff else "",
            version=staff.version if staff else 0,
            roles=[(role.value, title) for role, title in ROLE_TITLES.items()],
            markets=[(market.code, market.name) for market in MARKETS.values()],
            branches=scope_groups(branches),
            is_own=is_own,
        )


@dataclass(frozen=True, slots=True)
class StaffPage:
    """One person: what they may do, and what happened to their account."""

    id: UUID
    name: str
    email: str
    roles: str
    markets: str
    branches: str
    state: str
    tone: str
    second_factor_since: datetime | None
    last_signed_in_at: datetime | None
    created_at: datetime
    version: int
    is_own: bool
    is_disabled: bool
    is_invited: bool
    may_edit: bool
    form: DisableStaff
    entries: list[TimelineEntry]
    waits: Sequence[WaitingLine]

    @property
    def may_disable(self) -> bool:
        return self.may_edit and not self.is_own and not self.is_disabled

    @classmethod
    def of(
        cls, staff: Staff, entries: list[TimelineEntry], waits: Sequence[WaitingLine], *, form: DisableStaff,
        is_own: bool, may_edit: bool,
    ) -> "StaffPage":  # fmt: skip
        state = state_of(staff)
        return cls(
            id=staff.id,
            name=staff.name,
            email=staff.email,
            roles=role_words(staff.roles),
            markets=scope_words(staff.markets),
            branches=scope_words(staff.branches),
            state=state.capitalize(),
            tone=STATE_TONES[state],
            second_factor_since=staff.totp_since,
            last_signed_in_at=staff.last_signed_in_at,
            created_at=staff.created_at,
            version=staff.version,
            is_own=is_own,
            is_disabled=staff.is_disabled,
            is_invited=state == "invited",
            may_edit=may_edit,
            form=form,
            entries=entries,
            waits=waits,
        )


def staff_row(item: StaffItem) -> StaffRow:
    """A row as people read it."""
    return StaffRow(
        id=item.id,
        name=item.name,
        email=item.email,
        roles=role_words(item.roles),
        markets=scope_words(None if item.has_all_markets else item.markets),
        second_factor="on" if item.has_second_factor else "off",
        last_signed_in_at=item.last_signed_in_at,
        state=item.state.capitalize(),
        tone=STATE_TONES[item.state],
        is_on=item.state == "active",
    )


def state_of(staff: Staff) -> str:
    """`active`, `invited` (no password yet) or `disabled`."""
    if staff.is_disabled:
        return "disabled"
    return "active" if staff.password_hash else "invited"


def role_words(roles: Sequence[str]) -> str:
    """Roles by their titles."""
    return ", ".join(ROLE_TITLES[Role(role)] if role in set(Role) else role for role in roles)


def scope_words(values: Sequence[str] | None) -> str:
    """A scope: everything, nothing, or its codes."""
    if values is None:
        return "everything"
    return ", ".join(values) or "nothing"


def scope_groups(branches: Sequence[Branch]) -> list[ScopeGroup]:
    """The branches by market, as they are sorted."""
    return [
        ScopeGroup(MARKETS[market].name if market in MARKETS else market, [(one.code, one.name) for one in group])
        for market, group in groupby(branches, key=lambda one: one.market)
    ]


def browser_words(agent: str) -> str:
    """`Firefox on Windows` from what a browser calls itself; the text itself where it is none we know."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or agent[:40] or "unknown"


def qr_picture(text: str) -> Markup:
    """A QR code as SVG markup, dark on white in every theme, sized by attributes as the content policy wants it."""
    return Markup(segno.make(text, error="m").svg_inline(scale=QR_SCALE, dark="#000", light="#fff", border=2))  # noqa: S704 - made here, from numbers  # nosec B704

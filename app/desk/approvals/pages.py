"""What the pages of approvals show, and in which words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.core import clock, registry
from app.core.actor import Actor
from app.core.approvals import ApprovalKind, ApprovalTerms
from app.core.area import RecordKind, Tile, Waiting
from app.core.columns import Column
from app.core.filters import money, to_datetime
from app.core.forms import Form
from app.core.lists import Frame, Opened, RecordList, frame
from app.core.permissions import ROLE_TITLES, Role
from app.core.previews import Drawer, Preview
from app.core.reads import Page
from app.core.search_lists import Answer
from app.desk.approvals import queries, search
from app.desk.approvals.forms import ApprovalForm, RejectionForm, WithdrawalForm
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import ApprovalState
from app.desk.approvals.schemas import STATE_WORDS, ApprovalItem, changes_in_words
from app.desk.approvals.services.deciding import OBSTACLES, obstacle_of, stands_in_the_way
from app.desk.approvals.services.showing import until
from app.desk.audit_trail.services import TimelineEntry, field_in_words
from app.kit.money import Money

PATH, PERMISSION = "/approvals", "approvals.view"
LIST = RecordList(
    key="approvals",
    title="Approvals",
    path=PATH,
    spec=queries.SPEC,
    columns=(
        Column("reference", "Reference", css="mono", is_fixed=True),
        Column("title", "What"),
        Column("about", "About", align="wide"),
        Column("change", "Before and after", align="wide"),
        Column("state", "State"),
        Column("maker", "Asked by"),
        Column("asked", "Asked", "created_at", css="faint"),
        Column("until", "Until", "expires_at"),
        Column("amount", "Amount", align="money", is_default=False),
        Column("approver", "Decided by", is_default=False),
        Column("note", "Comment or reason", align="wide", is_default=False),
    ),
    cells="desk/approvals/_cells.html",
    kind="approval",
    is_selectable=True,
    hint="Reference, vehicle, person",
)
KIND = RecordKind(
    key=Approval.record_kind,
    title="Approval",
    plural="Approvals",
    icon="circle-check",
    permission=PERMISSION,
    model=Approval,
    address=lambda approval_id: f"/approvals/{approval_id}",
    name=lambda approval: approval.reference,
    find=queries.find_approval,
    search=search.KIND,
    load_documents=search.load_documents,
    find_simply=queries.find_simply,
    represent=queries.represent,
    list_address=PATH,
    record_list=LIST,
    grants=search.grants,
    checks=queries.CHECKS,
)
VIEWS = (
    ("All", {}),
    ("Waiting for me", {"queue": "waiting"}),
    ("My requests", {"queue": "mine"}),
    ("Decided", {"queue": "decided"}),
)
WAITING_HREF = f"{PATH}?queue=waiting&sort=expires_at"
SOON = timedelta(days=1)
TONES = {ApprovalState.FAILED: "act"}
MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Row:
    """One request in a list."""

    id: str
    name: str
    reference: str
    title: str
    about: str
    change: str
    state: str
    tone: str
    maker: str
    asked_at: str
    until: str
    is_pending: bool
    amount: str
    approver: str
    note: str


@dataclass(frozen=True, slots=True)
class ApprovalsPage:
    """The list."""

    frame: Frame
    rows: list[Row]
    queue: str
    """Which queue this is, when nothing else narrows it."""
    next_href: str
    """The request that this person may decide and that ends soonest; empty when there is none."""


@dataclass(frozen=True, slots=True)
class Badge:
    """The number in the sidebar."""

    count: str
    tone: str


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after, as it is bound by the digest."""

    label: str
    before: str
    after: str
    share: str = ""
    """By which part of itself an amount changes, such as `+22 %`."""


@dataclass(frozen=True, slots=True)
class ApprovalDetail:
    """One request, what it would do, and what this person may do about it."""

    approval: Approval
    title: str
    state: str
    tone: str
    about_href: str
    changes: list[Change]
    amount: str
    deciders: list[str]
    until: str
    obstacle: str
    may_approve: bool
    may_reject: bool
    may_withdraw: bool
    timeline: list[TimelineEntry]
    approval_form: Form
    rejection_form: Form
    withdrawal_form: Form
    next_href: str
    """Another request that this person may decide."""

    @property
    def heading(self) -> str:
        return f"{self.title}: {self.approval.subject_title}"

    @property
    def is_pending(self) -> bool:
        return self.approval.state is ApprovalState.PENDING


def approval_list(
    opened: Opened,
    found: Answer[ApprovalItem],
    kinds: Mapping[str, ApprovalKind],
    makers: Mapping[str, str],
    waiting: Sequence[ApprovalItem],
    drawer: Drawer | None,
    actor: Actor,
) -> ApprovalsPage:
    """The list with its tabs and filters; of what waits for somebody the search engine also finds their own."""
    is_for_me = "waiting" in opened.asked.chosen.get("queue", ())
    items = [item for item in found.page.items if not (is_for_me and item.maker_id == str(actor.id))]
    left_out = len(found.page.items) - len(items)
    around = frame(
        LIST,
        opened,
        page=Page(items, found.page.next_cursor, found.page.seen_before),
        total=None if found.total is None else found.total - left_out,
        labels={"kind": titles(kinds), "maker": makers},
        notice=found.notice,
        drawer=drawer,
    )
    rows = [row(item, kinds) for item in items]
    is_plain_queue = set(opened.asked.chosen) == {"queue"} and not opened.asked.text
    queue = opened.asked.chosen["queue"][0] if is_plain_queue else ""
    return ApprovalsPage(around, rows, queue, _next_href(waiting))


def row(item: ApprovalItem, kinds: Mapping[str, ApprovalKind]) -> Row:
    """One request as text."""
    is_pending = item.state == ApprovalState.PENDING
    return Row(
        id=item.id,
        name=item.reference,
        reference=item.reference,
        title=title_of(item.kind, kinds),
        about=item.subject_title,
        change=change_in_words(item),
        state=item.state_words,
        tone=_tone(ApprovalState(item.state), to_datetime(item.expires_at)),
        maker=item.maker_name,
        asked_at=item.created_at,
        until=until(to_datetime(item.expires_at)) if is_pending else "",
        is_pending=is_pending,
        amount=money(item.amount or None),
        approver=item.approver_name or "",
        note=item.note,
    )


def change_in_words(item: ApprovalItem) -> str:
    """Everything that would change, in one line."""
    return "; ".join(f"{change.before} to {change.after}" for change in item.changes)


def detail(
    approval: Approval,
    kind: ApprovalKind,
    record: RecordKind | None,
    timeline: list[TimelineEntry],
    actor: Actor,
    waiting: Sequence[ApprovalItem],
    form: Form | None = None,
) -> ApprovalDetail:
    """The page of one request; `form` is one that was refused."""
    found = obstacle_of(kind.terms, approval, actor) if approval.state is ApprovalState.PENDING else None
    is_pending = approval.state is ApprovalState.PENDING
    return ApprovalDetail(
        approval=approval,
        title=kind.terms.title,
        state=STATE_WORDS[approval.state],
        tone=_tone(approval.state, approval.expires_at),
        about_href=record.address(str(approval.subject_id)) if record else "",
        changes=changes_of(approval, record.labels if record else {}),
        amount=money(approval.amount),
        deciders=deciders_in_words(kind.terms, approval.amount),
        until=until(approval.expires_at),
        obstacle=OBSTACLES[found] if found else "",
        may_approve=is_pending and found is None,
        may_reject=is_pending and stands_in_the_way(found) is None,
        may_withdraw=is_pending and actor.id is not None and actor.id == approval.maker_id,
        timeline=timeline,
        approval_form=form if isinstance(form, ApprovalForm) else ApprovalForm.of({}),
        rejection_form=form if isinstance(form, RejectionForm) else RejectionForm.of({}),
        withdrawal_form=form if isinstance(form, WithdrawalForm) else WithdrawalForm.of({}),
        next_href=_next_href(waiting, besides=str(approval.id)),
    )


async def preview(_session: Any, approval: Approval, actor: Actor) -> Preview:
    """A request at a glance."""
    is_pending = approval.state is ApprovalState.PENDING
    terms = registry.approval_kinds[approval.kind].terms
    changes = [
        (change.label, f"{change.before} to {change.after} {change.share}".strip())
        for change in changes_of(approval, {})
    ]
    facts = [
        ("About", approval.subject_title), *changes, ("Asked by", approval.maker_name), ("Why", approval.why),
        ("Until", until(approval.expires_at) if is_pending else ""), ("Decided by", approval.approver_name or ""),
        ("Comment or reason", approval.note),
    ]  # fmt: skip
    may_decide = is_pending and stands_in_the_way(obstacle_of(terms, approval, actor)) is None
    return Preview(
        terms.title,
        reference=approval.reference,
        state=STATE_WORDS[approval.state],
        tone=_tone(approval.state, approval.expires_at),
        is_on=is_pending,
        facts=[(label, text) for label, text in facts if text],
        moves=[("Look and decide", f"{PATH}/{approval.id}")] if may_decide else [],
    )


def changes_of(approval: Approval, labels: Mapping[str, str]) -> list[Change]:
    """Exactly what the digest binds, in words."""
    return [
        Change(
            field_in_words(change.field, labels),
            change.before,
            change.after,
            share_in_words(*approval.changes[change.field]),
        )
        for change in changes_in_words(approval.changes)
    ]


def share_in_words(before: Any, after: Any) -> str:
    """`+22 %` for two stored amounts of one currency; nothing for other values."""
    match before, after:
        case {"amount": str(old), "currency": one}, {"amount": str(new), "currency": other} if one == other:
            share = (Decimal(new) / Decimal(old) - 1) * 100 if Decimal(old) else None
            return "" if share is None else f"{share:+.1f} %".replace(".0 %", " %").replace("-", "\N{MINUS SIGN}")
        case _:
            return ""


def deciders_in_words(terms: ApprovalTerms, amount: Money | None) -> list[str]:
    """The roles that decide, each with its limit in the currency at hand."""
    return [f"{ROLE_TITLES[role]}{_limit_in_words(terms, role, amount)}" for role in terms.roles]


def title_of(kind: str, kinds: Mapping[str, ApprovalKind]) -> str:
    return kinds[kind].terms.title if kind in kinds else kind


def titles(kinds: Mapping[str, ApprovalKind]) -> dict[str, str]:
    """Kinds in words, for the filter."""
    return {key: kind.terms.title for key, kind in kinds.items()}


def toast_of(approval: Approval) -> str:
    """What a decision came to."""
    words = {
        ApprovalState.EXECUTED: "Approved, and done",
        ApprovalState.FAILED: f"Approved, but it could not be done: {approval.note}",
        ApprovalState.REJECTED: "Rejected",
        ApprovalState.WITHDRAWN: "Withdrawn",
    }
    return words.get(approval.state, STATE_WORDS[approval.state])


def home_tiles(count: int) -> list[Tile]:
    """How many requests this person may decide."""
    note = "you may decide" if count else "nothing waits for you"
    return [Tile("Approvals", WAITING_HREF, f"{count:,}", note, "soon" if count else "")]


def home_waiting(items: Sequence[ApprovalItem]) -> list[Waiting]:
    """Requests that this person may decide, on the home page."""
    return [
        Waiting(
            due=until(to_datetime(item.expires_at)),
            tone=_tone(ApprovalState.PENDING, to_datetime(item.expires_at)),
            text=f"{item.maker_name} asks about {item.subject_title}",
            href=f"{PATH}/{item.id}",
            kind="Approval",
            reference=item.reference,
            order=(to_datetime(item.expires_at) - clock.now()).total_seconds() / 86_400,
        )
        for item in items
    ]


def badge(count: int, waiting: Sequence[ApprovalItem]) -> Badge:
    """How many requests this person may decide, as the sidebar tells it."""
    tone = _tone(ApprovalState.PENDING, to_datetime(waiting[0].expires_at)) if waiting else ""
    words = f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")
    return Badge(words, tone)


def _next_href(waiting: Sequence[ApprovalItem], besides: str = "") -> str:
    return next((f"{PATH}/{item.id}" for item in waiting if item.id != besides), "")


def _limit_in_words(terms: ApprovalTerms, role: Role, amount: Money | None) -> str:
    if amount is None or not terms.limits:
        return ""
    limits = terms.limits.get(role, {})
    if amount.currency not in limits:
        return f", nothing in {amount.currency}"
    most = limits[amount.currency]
    return ", any amount" if most is None else f", up to {money(Money(most, amount.currency))}"


def _tone(state: ApprovalState, expires_at: datetime) -> str:
    if state is ApprovalState.PENDING:
        return "soon" if expires_at - clock.now() < SOON else ""
    return TONES.get(state, "")

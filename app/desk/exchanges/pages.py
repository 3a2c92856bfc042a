"""What the pages about exchanges show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.area import ExchangeAction, RecordKind
from app.core.columns import Column
from app.core.filters import number
from app.core.lists import Frame, RecordList
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.desk.exchanges.queries import OUTCOME_WORDS, SPEC
from app.desk.exchanges.schemas import ExchangeItem
from app.desk.exchanges.services import PATH, pretty, tone_of

LIST = RecordList(
    key="exchanges",
    title="Partner calls",
    path=PATH,
    spec=SPEC,
    columns=(
        Column("operation", "Operation", is_fixed=True),
        Column("partner", "Partner"),
        Column("outcome", "Outcome"),
        Column("time", "ms", align="number"),
        Column("status", "HTTP", align="number"),
        Column("size", "Bytes", align="number"),
        Column("reason", "Reason", align="wide"),
        Column("record", "Record"),
        Column("at", "When", "at"),
    ),
    cells="desk/exchanges/_cells.html",
    kind="exchange",
    hint="Text in the newest 2,000",
)
VIEWS = (
    ("All", {}),
    ("Timeouts", {"outcome": "timeout"}),
    ("Failed", {"outcome": "failed"}),
    ("Malformed", {"outcome": "malformed"}),
    ("Refused", {"outcome": "refused"}),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One exchange in the list."""

    id: str
    at: str
    partner: str
    operation: str
    outcome: str
    tone: str
    milliseconds: str
    status: str
    size: str
    reason: str
    attempt: int
    record: str
    record_href: str


@dataclass(frozen=True, slots=True)
class ExchangeList:
    """The list page."""

    frame: Frame
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class ExchangePage:
    """One exchange, both ways."""

    exchange: PartnerExchange
    outcome: str
    tone: str
    record: str
    record_href: str
    request: str
    response: str
    same_href: str
    actions: list[tuple[str, str]]
    """What can be done with it: title and address."""


def row(item: ExchangeItem, kinds: Mapping[str, RecordKind]) -> Row:
    """A line of the list."""
    title, href = _record(item.subject_kind, item.subject_id, kinds)
    return Row(
        id=item.id,
        at=item.at,
        partner=item.partner,
        operation=item.operation,
        outcome=OUTCOME_WORDS[item.outcome],
        tone=tone_of(Outcome(item.outcome)),
        milliseconds=number(item.milliseconds),
        status=str(item.status or ""),
        size=number(item.response_bytes),
        reason=item.reason,
        attempt=item.attempt,
        record=title,
        record_href=href,
    )


def exchange_page(
    exchange: PartnerExchange, kinds: Mapping[str, RecordKind], actions: Sequence[ExchangeAction]
) -> ExchangePage:
    """Everything that was kept of one exchange."""
    title, href = _record(exchange.subject_kind, exchange.subject_id, kinds)
    return ExchangePage(
        exchange=exchange,
        outcome=OUTCOME_WORDS[exchange.outcome.value],
        tone=tone_of(exchange.outcome),
        record=title,
        record_href=href,
        request=pretty(exchange.request_body),
        response=pretty(exchange.response_body),
        same_href=f"{PATH}?correlation={exchange.correlation}" if exchange.correlation else "",
        actions=[(action.title, href) for action in actions if (href := action.href(exchange))],
    )


def _record(kind: str | None, record_id: object, kinds: Mapping[str, RecordKind]) -> tuple[str, str]:
    if not kind or record_id is None:
        return "", ""
    found = kinds.get(kind)
    return (found.title, found.address(record_id)) if found else (kind.replace("_", " ").capitalize(), "")

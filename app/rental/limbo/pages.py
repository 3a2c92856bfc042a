"""What the limbo desk shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from app.core.columns import Column
from app.core.filters import age, money, to_datetime
from app.core.lists import Frame, RecordList
from app.desk.exchanges.services import ExchangeLine
from app.rental.limbo.queries import SPEC, STATE_WORDS
from app.rental.limbo.rules import Action, Tone, Why
from app.rental.limbo.services import Entry, Figures

PATH = "/limbo"
LIST = RecordList(
    key="limbo",
    title="Limbo desk",
    path=PATH,
    spec=SPEC,
    columns=(
        Column("reference", "Reference", is_fixed=True),
        Column("left", "Dearer in", "boundary"),
        Column("next", "Next best action"),
        Column("why", "Because", css="wrap"),
        Column("branch_time", "Branch time"),
        Column("fee", "Costs now", align="money", is_default=False),
        Column("exposed", "Exposed", align="money"),
        Column("state", "State"),
        Column("supplier", "Supplier"),
        Column("polls", "Asked"),
        Column("driver", "Driver", is_default=False),
        Column("number", "Their number", css="mono", is_default=False),
        Column("pickup", "Pick-up", is_default=False),
        Column("reason", "Last words", align="wide", is_default=False),
    ),
    cells="rental/limbo/_cells.html",
    kind="supplier_reservation",
)
VIEWS = (
    ("Everything", {}),
    ("Not known", {"state": "unknown"}),
    ("On request", {"state": "on_request"}),
    ("Being cancelled", {"state": "cancel_pending"}),
)
ACTION_WORDS = {
    Action.POLL: "Ask now",
    Action.CALL: "Call the supplier",
    Action.CANCEL: "Cancel defensively",
    Action.SETTLE: "Settle by hand",
    Action.REBOOK: "Rebook elsewhere",
}
WHY_WORDS = {
    Why.PICKUP_PASSED: "Pick-up is past; the branch knows",
    Why.SWITCHED_OFF: "Every call to it is switched off",
    Why.CANNOT_BE_ASKED: "It cannot be asked by machine",
    Why.CANNOT_CANCEL: "It does not cancel by machine",
    Why.FEE_RISES: "Dearer within 2 h, and nobody knows",
    Why.FEE_RISES_CALL: "Dearer within 2 h, and it has not said",
    Why.PICKUP_NEAR: "Pick-up within a day, no car for certain",
    Why.ASKED_OFTEN: "Asked six times, and it does not say",
    Why.WAITS_LONG: "On request for more than a day",
    Why.WORKER_ASKS: "There is time; the worker asks",
    Why.NOT_SENT: "Not sent for ten minutes",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One reservation that hangs."""

    id: str
    name: str
    reference: str
    left: str
    tone: str
    branch_time: str
    zone: str
    fee: str
    exposed: str
    state: str
    supplier: str
    action: str
    href: str
    """Where the action is done; nothing for what is done by a click."""
    why: str
    polls: int
    polled: list[tuple[str, str, str]]
    """When, what came of it, and where the exchange is."""
    driver: str
    number: str
    pickup: str
    reason: str


@dataclass(frozen=True, slots=True)
class LimboDesk:
    """The desk."""

    frame: Frame
    rows: list[Row]
    figures: Figures
    exposed: list[str]
    can_settle: bool


def rows_of(
    entries: list[Entry], polls: Mapping[str, list[ExchangeLine]], *, can_settle: bool, sees_exchanges: bool
) -> list[Row]:
    """The lines of the desk."""
    return [
        _row(entry, polls.get(entry.row.id, []), can_settle=can_settle, sees_exchanges=sees_exchanges)
        for entry in entries
    ]


def _row(entry: Entry, polls: list[ExchangeLine], *, can_settle: bool, sees_exchanges: bool) -> Row:
    row = entry.row
    return Row(
        id=row.id,
        name=row.reference,
        reference=row.reference,
        left=left_in_words(entry.boundary_at - entry.now if entry.boundary_at else None),
        tone=entry.tone.value,
        branch_time=f"{entry.boundary_local:%a %-d %b %H:%M}" if entry.boundary_local else "",
        zone=row.time_zone,
        fee=money(entry.fee_now),
        exposed=money(row.exposed),
        state=STATE_WORDS[row.state],
        supplier=row.supplier_name,
        action=ACTION_WORDS[entry.advice.action],
        href=_where(entry, can_settle=can_settle),
        why=WHY_WORDS[entry.advice.why],
        polls=row.polls,
        polled=[_poll(line, sees_exchanges=sees_exchanges) for line in polls],
        driver=row.surname,
        number=row.supplier_number if isinstance(row.supplier_number, str) else "",
        pickup=f"{row.pickup_location}, {row.pickup_local[:16].replace('T', ' ')}",
        reason=row.reason,
    )


def _poll(line: ExchangeLine, *, sees_exchanges: bool) -> tuple[str, str, str]:
    said = f"{line.outcome}: {line.reason}" if line.reason else line.outcome
    return age(to_datetime(line.at)), f"{line.operation}, {said}", line.href if sees_exchanges else ""


def _where(entry: Entry, *, can_settle: bool) -> str:
    row, address = entry.row, f"/supplier-reservations/{entry.row.id}"
    match entry.advice.action:
        case Action.POLL:
            return "" if can_settle else address
        case Action.CALL:
            return f"{address}#moves"
        case Action.CANCEL | Action.SETTLE:
            return f"{address}#moves"
        case Action.REBOOK:
            asked = {
                "pickup": row.pickup_location, "pickup_local": row.pickup_local[:16],
                "back": row.return_location, "return_local": row.return_local[:16],
            }  # fmt: skip
            return f"/suppliers/search?{urlencode(asked)}"


def left_in_words(left: timedelta | None) -> str:
    """`2 d 3 h`, `3 h 20 min`, or that nothing becomes dearer any more."""
    if left is None:
        return "costs everything"
    minutes = max(0, int(left.total_seconds() // 60))
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def tone_of(figures: Figures) -> str:
    """Colour for the number of those that cannot wait."""
    return Tone.ACT.value if figures.pressing else ""

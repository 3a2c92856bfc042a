"""What the health board of suppliers shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from app.core.filters import number
from app.core.partners.outcomes import Outcome
from app.kit.markets import MARKETS
from app.rental.suppliers.pages.words import OPERATION_WORDS, REASON_WORDS
from app.rental.suppliers.rules import ErrorKind, Operation
from app.rental.suppliers.rules.measuring import Drift, Measured, Window
from app.rental.suppliers.services.health import PREFIX, Board, Health, Point

PATH = "/suppliers/health"
WINDOW_WORDS = {Window.HOUR: "Last hour", Window.DAY: "24 hours", Window.WEEK: "7 days"}
WIDTH, HEIGHT, WIDE, HIGH = 120, 24, 720, 120
SLOW_MS, FEW_PERCENT = 3_000, Decimal(95)
"""From here on somebody should look: the p95 of a supplier, and the share that it answers."""
MOST_ERRORS = 3


@dataclass(frozen=True, slots=True)
class Bar:
    """One slot of a chart: the calls, and of them those that failed, from the ground up."""

    x: float
    width: float
    top: float
    height: float
    failed_top: float
    failed_height: float
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One supplier of the board."""

    name: str
    href: str
    exchanges_href: str
    calls: str
    p50: str
    p95: str
    is_slow: bool
    answered: str
    is_failing: bool
    errors: list[tuple[str, str]]
    """In words, each with the address of the exchanges behind it."""
    confirmed: str
    at_recheck: str
    at_confirmation: str
    circuit: str
    tone: str
    last_success_at: datetime | None
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation of the supplier that is looked at."""

    operation: str
    href: str
    calls: str
    p50: str
    p95: str
    answered: str
    errors: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One slot of the chart, in its table."""

    at: datetime
    calls: int
    failed: int
    p50: str
    p95: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One supplier over the window: bars of calls, and the line of the p95 above them."""

    bars: list[Bar]
    line: str
    most_calls: int
    most_ms: int
    slots: list[SlotRow]


@dataclass(frozen=True, slots=True)
class HealthBoard:
    """The board: everybody, or one supplier in detail."""

    windows: list[tuple[str, str, bool]]
    markets: list[tuple[str, str]]
    market: str
    window: str
    code: str
    rows: list[Row]
    operations: list[OperationRow]
    chart: Chart | None
    clear_href: str
    sees_exchanges: bool


def board(found: Board, markets: frozenset[str] | None, code: str, *, sees_exchanges: bool) -> HealthBoard:
    """The page of a board."""
    one = found.suppliers[0] if code and found.suppliers else None
    return HealthBoard(
        windows=[
            (words, address(window, found.market, code), window is found.window)
            for window, words in WINDOW_WORDS.items()
        ],
        markets=[(key, each.name) for key, each in MARKETS.items() if markets is None or key in markets],
        market=found.market,
        window=found.window.value,
        code=code,
        rows=[_row(health, found, sees_exchanges=sees_exchanges) for health in found.suppliers],
        operations=_operations(one, found, sees_exchanges=sees_exchanges) if one else [],
        chart=_chart(one.points) if one else None,
        clear_href=address(found.window, found.market),
        sees_exchanges=sees_exchanges,
    )


def one(found: Board, *, sees_exchanges: bool) -> Row:
    """The supplier of a board of one."""
    return _row(found.suppliers[0], found, sees_exchanges=sees_exchanges)


def address(window: Window, market: str = "", code: str = "") -> str:
    """The board as it is asked for."""
    asked = {name: value for name, value in (("window", window.value), ("market", market), ("supplier", code)) if value}
    return f"{PATH}?{urlencode(asked)}"


def error_words(kind: str) -> str:
    """A kind of error as people read it."""
    return REASON_WORDS.get(kind, kind.replace("_", " ").capitalize())


def _row(health: Health, found: Board, *, sees_exchanges: bool) -> Row:
    measured = health.measured
    answered = measured.answered_percent
    is_failing = answered is not None and answered < FEW_PERCENT
    return Row(
        name=health.name,
        href=address(found.window, found.market, health.code),
        exchanges_href=_exchanges(health.code, found) if sees_exchanges else "",
        calls=number(measured.calls),
        p50=_ms(measured, measured.p50_ms),
        p95=_ms(measured, measured.p95_ms),
        is_slow=measured.p95_ms > SLOW_MS,
        answered=_percent(answered),
        is_failing=is_failing,
        errors=_errors(measured, health.code, found, sees_exchanges=sees_exchanges),
        confirmed=f"{_percent(health.confirmed_percent)} of {number(health.decided)}" if health.decided else "",
        at_recheck=_drift(health.at_recheck),
        at_confirmation=_drift(health.at_confirmation),
        circuit="Held off" if health.is_held_off else "Asked",
        tone="act" if health.is_held_off else "",
        last_success_at=health.last_success_at,
        bars=_bars(health.points, WIDTH, HEIGHT),
    )


def _operations(health: Health, found: Board, *, sees_exchanges: bool) -> list[OperationRow]:
    return [
        OperationRow(
            operation=_operation_words(operation),
            href=_exchanges(health.code, found, operation=operation) if sees_exchanges else "",
            calls=number(measured.calls),
            p50=_ms(measured, measured.p50_ms),
            p95=_ms(measured, measured.p95_ms),
            answered=_percent(measured.answered_percent),
            errors=_errors(measured, health.code, found, sees_exchanges=sees_exchanges, operation=operation),
        )
        for operation, measured in sorted(health.operations.items())
    ]


def _operation_words(operation: str) -> str:
    return OPERATION_WORDS[Operation(operation)] if operation in set(Operation) else operation


def _errors(
    measured: Measured, code: str, found: Board, *, sees_exchanges: bool, operation: str = ""
) -> list[tuple[str, str]]:
    return [
        (
            f"{error_words(kind)} {number(calls)}",
            _exchanges(code, found, operation=operation, outcome=_outcome(kind)) if sees_exchanges else "",
        )
        for kind, calls in list(measured.errors.items())[:MOST_ERRORS]
    ]


def _outcome(kind: str) -> str:
    """The outcome by which the list of exchanges finds a kind."""
    return kind if kind in set(Outcome) and kind not in set(ErrorKind) - {ErrorKind.TIMEOUT} else Outcome.REFUSED.value


def _exchanges(code: str, found: Board, **asked: str) -> str:
    given: Mapping[str, str] = {"partner": f"{PREFIX}{code}", **asked, "at_after": f"{found.since:%Y-%m-%d}"}
    return f"/exchanges?{urlencode({name: value for name, value in given.items() if value})}"


def _chart(points: list[Point]) -> Chart:
    slowest = max((point.measured.p95_ms for point in points), default=0)
    step = WIDE / max(1, len(points))
    line = " ".join(
        f"{(place + 0.5) * step:.1f},{HIGH - HIGH * point.measured.p95_ms / slowest:.1f}"
        for place, point in enumerate(points)
        if point.measured.calls and slowest
    )
    return Chart(
        bars=_bars(points, WIDE, HIGH),
        line=line,
        most_calls=max((point.measured.calls for point in points), default=0),
        most_ms=slowest,
        slots=[
            SlotRow(
                point.at,
                point.measured.calls,
                sum(point.measured.errors.values()),
                _ms(point.measured, point.measured.p50_ms),
                _ms(point.measured, point.measured.p95_ms),
            )
            for point in points
        ],
    )


def _bars(points: list[Point], width: int, height: int) -> list[Bar]:
    most = max((point.measured.calls for point in points), default=0)
    if not most:
        return []
    step = width / len(points)
    bars: list[Bar] = []
    for place, point in enumerate(points):
        calls, failed = point.measured.calls, sum(point.measured.errors.values())
        high, low = height * calls / most, height * failed / most
        words = f"{point.at:%-d %b %H:%M} UTC: {calls} calls, {failed} failed"
        bars.append(
            Bar(
                round(place * step, 1), round(step * 0.8, 1), round(height - high, 1), round(high, 1),
                round(height - low, 1), round(low, 1), words,
            )
        )  # fmt: skip
    return bars


def _ms(measured: Measured, milliseconds: int) -> str:
    return number(milliseconds) if measured.calls else ""


def _percent(value: Decimal | None) -> str:
    return "" if value is None else f"{value} %"


def _drift(drift: Drift) -> str:
    return f"{drift.mean_percent:+} %, {number(drift.moved)} of {number(drift.compared)}" if drift.compared else ""

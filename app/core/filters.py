"""Values as people read them."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from app.core import clock
from app.core.values import MoneyValue, money_value
from app.kit.hire_pricing.marks import line_name
from app.kit.money import Money

LOCALE = "en_GB"
MINUTE, HOUR, DAY = 60, 3600, 86400


def money(value: Money | MoneyValue | None) -> str:
    """`1,204.50 EUR`: grouped digits, the currency's own scale."""
    shown = money_value(value.minor, value.currency) if isinstance(value, Money) else value
    return f"{amount(shown)} {shown.currency}" if shown else ""


def amount(value: Money | MoneyValue | None) -> str:
    """The digits alone, where the column names the currency."""
    shown = money_value(value.minor, value.currency) if isinstance(value, Money) else value
    if shown is None:
        return ""
    whole, _, part = shown.amount.partition(".")
    grouped = "-0" if whole == "-0" else f"{int(whole):,}"
    return f"{grouped}.{part}" if part else grouped


def number(value: float | None) -> str:
    """Grouped digits."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(format_decimal(value, locale=LOCALE))


def to_datetime(value: datetime | str) -> datetime:
    """A moment from the ORM or from the read path."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def to_date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def day(value: date | str | None) -> str:
    """`25 Jun 2026`."""
    return format_date(to_date(value), "d MMM y", locale=LOCALE) if value else ""


def moment(value: datetime | str | None, zone: str = "UTC") -> Markup:
    """A `<time>` in the given zone, with UTC on hover."""
    if value is None:
        return Markup("")
    at = to_datetime(value)
    local = at.astimezone(ZoneInfo(zone))
    text = format_datetime(local, "d MMM y HH:mm", locale=LOCALE)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"{text} {local.tzname()}",
    )


def ago(value: datetime | str | None) -> Markup:
    """`4 min ago` as a `<time>` with the full moment on hover."""
    if value is None:
        return Markup("")
    at = to_datetime(value)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC", age(at)
    )


def age(at: datetime) -> str:
    """How long ago, in words."""
    seconds = int((clock.now() - at).total_seconds())
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min ago"
    if seconds < DAY:
        return f"{seconds // HOUR} h ago"
    if seconds < 7 * DAY:
        return f"{seconds // DAY} d ago"
    return day(at.date())


def highlight(segments: Any) -> Markup:
    """Search segments (text, is_marked) with `<mark>` around what matched."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(text) if is_marked else escape(text) for text, is_marked in segments
    )


FILTERS = {
    "line_name": line_name,
    "money": money,
    "amount": amount,
    "number": number,
    "date": day,
    "datetime": moment,
    "ago": ago,
    "highlight": highlight,
}

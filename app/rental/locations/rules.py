"""When a location is open, and which field values it may have.

Opening hours as JSON: {"mon": [["08:00", "12:00"], ["13:00", "18:00"]], ..., "holiday": [], "dates": {"2026-12-24":
[["08:00", "12:00"]]}}. A missing weekday is closed, and so is a public holiday without hours of its own. A date of
its own goes before the holiday, the holiday before the weekday. Spans are half-open and end by 24:00.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

from app.kit.checks import Checks
from app.kit.problems import Problem
from app.kit.wall_times import wall_time

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY = "holiday"
DATES = "dates"
MAX_SPANS = 6
MAX_DATES = 400
LOOK_AHEAD_DAYS = 31
MAX_TURNAROUND_MINUTES = 1_440
LONGEST_NOTE = 300

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", re.ASCII)
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,15}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_IATA = re.compile(r"[A-Z]{3}", re.ASCII)


class LocationKind(StrEnum):
    AIRPORT = "airport"
    RAIL = "rail"
    CITY = "city"
    PORT = "port"
    HOTEL = "hotel"


class Delivery(StrEnum):
    """Where people get their vehicle."""

    AT_BRANCH = "at_branch"
    IN_TERMINAL = "in_terminal"
    SHUTTLE = "shuttle"
    """A bus takes them from the terminal to the desk."""
    MEET_AND_GREET = "meet_and_greet"
    """Somebody waits for them with the vehicle."""


class Handover(StrEnum):
    """How a vehicle can be handed over at a wall time."""

    OPEN = "open"
    OUT_OF_HOURS = "out_of_hours"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Open from `opens_minute` to before `closes_minute`, in minutes of the local day (0..1440)."""

    opens_minute: int
    closes_minute: int

    @property
    def words(self) -> str:
        return f"{_clock(self.opens_minute)}-{_clock(self.closes_minute)}"


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Spans per weekday (Monday first), on public holidays, and on single dates."""

    weekdays: tuple[Spans, ...] = ((),) * 7
    holiday: Spans = ()
    dates: Mapping[date, Spans] = field(default_factory=dict[date, Spans])


def spans_on(hours: OpeningHours, holidays: Container[date], day: date) -> Spans:
    """The spans of a local date; `holidays` holds the public holidays of the location's country."""
    if day in hours.dates:
        return hours.dates[day]
    return hours.holiday if day in holidays else hours.weekdays[day.weekday()]


def is_open(hours: OpeningHours, holidays: Container[date], local: datetime) -> bool:
    """Whether the location is open at a local wall time (an offset, if there is one, is not looked at)."""
    minute = local.hour * 60 + local.minute
    spans = spans_on(hours, holidays, local.date())
    return any(span.opens_minute <= minute < span.closes_minute for span in spans)


def next_opening(hours: OpeningHours, holidays: Container[date], local: datetime) -> datetime | None:
    """The first local wall time from now at which it is open, within 31 days, or None."""
    if is_open(hours, holidays, local):
        return local
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for days in range(LOOK_AHEAD_DAYS + 1):
        day = midnight + timedelta(days=days)
        for span in spans_on(hours, holidays, day.date()):
            opening = day + timedelta(minutes=span.opens_minute)
            if opening >= local:
                return opening
    return None


def handover(hours: OpeningHours, holidays: Container[date], local: datetime, *, allows_out_of_hours: bool) -> Handover:
    """Whether somebody is there to hand a vehicle over.

    Outside the hours of a day only where the branch offers that, and never on a day without any hours: nobody comes.
    """
    if is_open(hours, holidays, local):
        return Handover.OPEN
    works = bool(spans_on(hours, holidays, local.date()))
    return Handover.OUT_OF_HOURS if works and allows_out_of_hours else Handover.CLOSED


def is_open_at(hours: OpeningHours, holidays: Container[date], zone: str, moment: datetime) -> bool:
    """As `is_open`, at a moment, by the clocks of an IANA zone."""
    return is_open(hours, holidays, wall_time(moment, zone))


def next_open(hours: OpeningHours, holidays: Container[date], zone: str, moment: datetime) -> datetime | None:
    """The first moment from now at which it is open, in UTC, within 31 days, or None.

    An opening at a time that the clocks skip is when they have skipped it.
    """
    local = wall_time(moment, zone)
    opening = next_opening(hours, holidays, local)
    if opening is None or opening == local:
        return moment.astimezone(UTC) if opening else None
    there = opening.replace(tzinfo=ZoneInfo(zone))
    first = there.astimezone(UTC)
    return first if first >= moment else there.replace(fold=1).astimezone(UTC)


def read_hours(value: Mapping[str, Any] | None) -> OpeningHours:
    """Opening hours from their JSON, which `check_hours` found right."""
    stored = value or {}
    return OpeningHours(
        weekdays=tuple(_read_spans(stored.get(weekday)) for weekday in WEEKDAYS),
        holiday=_read_spans(stored.get(HOLIDAY)),
        dates={date.fromisoformat(day): _read_spans(spans) for day, spans in (stored.get(DATES) or {}).items()},
    )


def check_hours(value: object, name: str = "opening_hours") -> list[Problem]:
    """Problems of opening hours as JSON."""
    if not isinstance(value, Mapping):
        return [Problem(name, "wrong_type", "Not an object")]
    problems: list[Problem] = []
    for key, spans in cast("Mapping[str, Any]", value).items():
        path = f"{name}.{key}"
        if key == DATES:
            problems += _check_dates(spans, path)
        elif key == HOLIDAY or key in WEEKDAYS:
            problems += _check_spans(spans, path)
        else:
            problems.append(Problem(path, "unknown_value", "Weekdays are mon to sun, besides holiday and dates"))
    return problems


def check_changes(fields: Mapping[str, Any]) -> list[Problem]:
    """Problems of a change of hours, out of hours and turnaround."""
    checks = Checks(fields)
    checks.required("turnaround_minutes", "allows_out_of_hours", "delivery", is_new=False)
    checks.choice("delivery", tuple(Delivery))
    checks.text("delivery_note", LONGEST_NOTE)
    checks.whole("turnaround_minutes", 0, MAX_TURNAROUND_MINUTES)
    checks.fact("allows_out_of_hours")
    return checks.problems + (check_hours(fields["opening_hours"]) if "opening_hours" in fields else [])


def check_location(fields: Mapping[str, Any], *, is_new: bool) -> list[Problem]:
    """Problems of the given fields of a location."""
    checks = Checks(fields)
    checks.required("code", "name", "kind", "country", "zone", "market", is_new=is_new)
    checks.market()
    checks.choice("kind", tuple(LocationKind))
    code = checks.text("code", 16, _CODE, "2 to 16 capitals, digits and hyphens")
    if code is not None and fields.get("kind") == LocationKind.AIRPORT and not _IATA.fullmatch(code[:3]):
        checks.refuse("code", "malformed", "An airport's code begins with its three IATA letters")
    for name, longest in (("name", 120), ("address", 250), ("city", 100)):
        checks.text(name, longest)
    checks.text("country", 2, _COUNTRY, "Two capitals of ISO 3166")
    zone = checks.text("zone", 64)
    if zone is not None and zone not in available_timezones():
        checks.refuse("zone", "unknown_value", "Not an IANA time zone")
    for name, limit in (("latitude", 90), ("longitude", 180)):
        degrees = checks.value(name)
        if degrees is not None and not _is_within(degrees, limit):
            checks.refuse(name, "out_of_range", f"Degrees from -{limit} to {limit}")
    if checks.value("opening_hours") is not None:
        checks.problems += check_hours(fields["opening_hours"])
    return checks.problems


def _is_within(degrees: object, limit: int) -> bool:
    return isinstance(degrees, (int, float)) and not isinstance(degrees, bool) and -limit <= degrees <= limit


def _check_dates(value: object, path: str) -> list[Problem]:
    if not isinstance(value, Mapping):
        return [Problem(path, "wrong_type", "Not an object")]
    dates = cast("Mapping[str, Any]", value)
    if len(dates) > MAX_DATES:
        return [Problem(path, "too_long", f"At most {MAX_DATES} dates")]
    problems: list[Problem] = []
    for day, spans in dates.items():
        try:
            date.fromisoformat(day)
        except ValueError:
            problems.append(Problem(f"{path}.{day}", "malformed", "Not a date"))
        else:
            problems += _check_spans(spans, f"{path}.{day}")
    return problems


def _check_spans(value: object, path: str) -> list[Problem]:
    if not isinstance(value, list):
        return [Problem(path, "wrong_type", "Not a list of spans")]
    spans = cast("list[Any]", value)
    if len(spans) > MAX_SPANS:
        return [Problem(path, "too_long", f"At most {MAX_SPANS} spans a day")]
    problems: list[Problem] = []
    read: list[Span] = []
    for position, pair in enumerate(spans):
        if not _is_pair_of_times(pair):
            problems.append(Problem(f"{path}.{position}", "malformed", "Two times such as 08:00 and 18:00"))
            continue
        span = Span(_minute(pair[0]), _minute(pair[1]))
        if span.closes_minute <= span.opens_minute:
            detail = "Closes before it opens; hours past midnight end at 24:00 and go on the next day"
            problems.append(Problem(f"{path}.{position}", "out_of_range", detail))
        elif any(span.opens_minute < other.closes_minute and other.opens_minute < span.closes_minute for other in read):
            problems.append(Problem(f"{path}.{position}", "overlaps", "Overlaps another span of the day"))
        read.append(span)
    return problems


def _is_pair_of_times(value: object) -> bool:
    if not isinstance(value, (list, tuple)):
        return False
    pair = cast("list[Any]", value)
    return len(pair) == 2 and all(isinstance(text, str) and _CLOCK.fullmatch(text) for text in pair)


def _read_spans(value: list[list[str]] | None) -> Spans:
    return tuple(sorted(Span(_minute(opens), _minute(closes)) for opens, closes in value or ()))


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def in_words(stored: list[list[str]] | Mapping[str, list[list[str]]] | None) -> str:
    """The spans of a day, or of dates of their own, as people write them."""
    if isinstance(stored, Mapping):
        return "; ".join(f"{day} {in_words(spans)}" for day, spans in sorted(stored.items())) or "none"
    return ", ".join(span.words for span in _read_spans(stored)) or "closed"

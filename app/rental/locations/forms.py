"""The form of a branch's hours: a line of spans for each day, a line for each date of its own."""

from typing import Any, Self

from app.core.forms import Form
from app.kit.problems import Problem
from app.rental.locations import rules
from app.rental.locations.models import Location

DAYS = (*rules.WEEKDAYS, rules.HOLIDAY)


class HoursForm(Form):
    """`08:00-12:00, 13:00-18:00` for each weekday and for public holidays; `2026-12-24 08:00-12:00` for dates."""

    version: int | None = None
    mon: str | None = None
    tue: str | None = None
    wed: str | None = None
    thu: str | None = None
    fri: str | None = None
    sat: str | None = None
    sun: str | None = None
    holiday: str | None = None
    dates: str | None = None
    allows_out_of_hours: bool = False
    turnaround_minutes: int | None = None
    delivery: str | None = None
    delivery_note: str | None = None

    @classmethod
    def of_location(cls, location: Location) -> Self:
        """The form with the present hours."""
        stored = location.opening_hours
        values: dict[str, Any] = {day: rules.in_words(stored[day]) if stored.get(day) else "" for day in DAYS}
        dates = stored.get(rules.DATES) or {}
        values["dates"] = "\n".join(f"{day} {rules.in_words(spans)}" for day, spans in sorted(dates.items()))
        values["allows_out_of_hours"] = "true" if location.allows_out_of_hours else ""
        values["turnaround_minutes"] = location.turnaround_minutes
        values["delivery"], values["delivery_note"] = location.delivery.value, location.delivery_note or ""
        return cls.of(values)

    def fields(self) -> dict[str, Any]:
        """The hours as they are stored."""
        hours: dict[str, Any] = {}
        for day in DAYS:
            text = getattr(self, day)
            if text:
                hours[day] = _spans(text)
        lines = [line.split(maxsplit=1) for line in (self.dates or "").splitlines() if line.strip()]
        if lines:
            hours[rules.DATES] = {parts[0]: _spans(parts[1] if len(parts) > 1 else "") for parts in lines}
        fields: dict[str, Any] = {"opening_hours": hours, "allows_out_of_hours": self.allows_out_of_hours}
        fields["delivery_note"] = self.delivery_note
        given = {"turnaround_minutes": self.turnaround_minutes, "delivery": self.delivery}
        return fields | {name: value for name, value in given.items() if value is not None}

    def take_problems(self, problems: list[Problem]) -> None:
        """Show what is wrong beside the line it is about."""
        for problem in problems:
            day, *rest = problem.field.removeprefix("opening_hours.").split(".")
            about = f"{rest[0]}: " if day == rules.DATES and rest else ""
            self.refuse(day, f"{about}{problem.detail}")


def _spans(text: str) -> list[list[str]]:
    if text.strip().lower() == "closed":
        return []
    spans = [span.replace("\N{EN DASH}", "-") for span in text.split(",") if span.strip()]
    return [[part.strip() for part in span.split("-")] for span in spans]

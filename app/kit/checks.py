"""Checking the fields of a record: each method names what is wrong and returns the value when it is right."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, cast

from app.kit.markets import MARKETS
from app.kit.money import Money
from app.kit.problems import Problem

SLUG = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
LONGEST_SLUG = 60


class Checks:
    """The problems of one mapping of fields; an absent field or None is fine unless it is required."""

    def __init__(self, fields: Mapping[str, Any], prefix: str = "", problems: list[Problem] | None = None) -> None:
        self.fields = fields
        self.prefix = prefix
        self.problems: list[Problem] = [] if problems is None else problems

    def refuse(self, name: str, code: str, detail: str) -> None:
        self.problems.append(Problem(self.prefix + name, code, detail))

    def value(self, name: str) -> Any:
        """The value, with blank text read as absent."""
        value = self.fields.get(name)
        return None if isinstance(value, str) and not value.strip() else value

    def required(self, *names: str, is_new: bool = True) -> None:
        """Refuse absent names of a new record, and names that a change empties."""
        for name in names:
            if (is_new or name in self.fields) and self.value(name) is None:
                self.refuse(name, "required", "Missing")

    def text(self, name: str, longest: int, pattern: re.Pattern[str] | None = None, shape: str = "") -> str | None:
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.refuse(name, "wrong_type", "Not text")
        elif len(value) > longest:
            self.refuse(name, "too_long", f"At most {longest} characters")
        elif any(ord(mark) < 32 and mark not in "\n\r\t" for mark in value):
            self.refuse(name, "malformed", "Has control characters")
        elif pattern is not None and not pattern.fullmatch(value):
            self.refuse(name, "malformed", shape)
        else:
            return value
        return None

    def choice(self, name: str, allowed: Collection[str]) -> str | None:
        value = self.text(name, 200)
        if value is not None and value not in allowed:
            self.refuse(name, "unknown_value", f"Not one of {', '.join(allowed)}")
            return None
        return value

    def market(self, name: str = "market") -> str | None:
        value = self.text(name, 200)
        if value is not None and value not in MARKETS:
            self.refuse(name, "unknown_value", f"{value[:10]} is not a market we work in")
            return None
        return value

    def whole(self, name: str, least: int, most: int) -> int | None:
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(name, "wrong_type", "Not a whole number")
        elif not least <= value <= most:
            self.refuse(name, "out_of_range", f"Between {least:,} and {most:,}")
        else:
            return value
        return None

    def fact(self, name: str) -> bool | None:
        value = self.value(name)
        if value is not None and not isinstance(value, bool):
            self.refuse(name, "wrong_type", "Not yes or no")
            return None
        return value

    def day(self, name: str, earliest: date, latest: date) -> date | None:
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            self.refuse(name, "wrong_type", "Not a date")
        elif not earliest <= value <= latest:
            self.refuse(name, "out_of_range", f"Between {earliest} and {latest}")
        else:
            return value
        return None

    def moment(self, name: str) -> datetime | None:
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, datetime):
            self.refuse(name, "wrong_type", "Not a date with time")
        elif value.tzinfo is None:
            self.refuse(name, "malformed", "Without an offset from UTC")
        else:
            return value
        return None

    def money(self, name: str, *, least_minor: int, most_minor: int) -> Money | None:
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, Money):
            self.refuse(name, "wrong_type", "Not an amount of money")
        elif not least_minor <= value.minor <= most_minor:
            low, high = Money(least_minor, value.currency), Money(most_minor, value.currency)
            self.refuse(name, "out_of_range", f"Between {low.amount} and {high}")
        else:
            return value
        return None

    def slugs(self, name: str, most: int) -> list[str] | None:
        value = self._list(name, most)
        if value is None:
            return None
        for position, slug in enumerate(value):
            if not isinstance(slug, str) or len(slug) > LONGEST_SLUG or not SLUG.fullmatch(slug):
                self.refuse(f"{name}.{position}", "malformed", "Small letters, digits, - and _")
            elif slug in value[:position]:
                self.refuse(f"{name}.{position}", "repeated", f"{slug} is there twice")
        return cast("list[str]", value)

    def group(self, name: str) -> Checks | None:
        """Checks of a nested object; its problems are named `name.field`."""
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.refuse(name, "wrong_type", "Not an object")
            return None
        return Checks(cast("Mapping[str, Any]", value), f"{self.prefix}{name}.", self.problems)

    def groups(self, name: str, most: int) -> list[Checks]:
        """Checks of each object of a list; their problems are named `name.0.field`."""
        found: list[Checks] = []
        for position, value in enumerate(self._list(name, most) or ()):
            if isinstance(value, Mapping):
                fields = cast("Mapping[str, Any]", value)
                found.append(Checks(fields, f"{self.prefix}{name}.{position}.", self.problems))
            else:
                self.refuse(f"{name}.{position}", "wrong_type", "Not an object")
        return found

    def _list(self, name: str, most: int) -> list[Any] | None:
        value = self.value(name)
        if value is None:
            return None
        if not isinstance(value, list):
            self.refuse(name, "wrong_type", "Not a list")
            return None
        entries = cast("list[Any]", value)
        if len(entries) > most:
            self.refuse(name, "too_long", f"At most {most} entries")
            return None
        return entries

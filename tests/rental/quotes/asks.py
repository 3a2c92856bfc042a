"""Searches as clients send them."""

from datetime import date, timedelta

from app.core import clock


def next_weekday(weekday: int, ahead: int = 21) -> date:
    """A date some weeks from now on a weekday, Monday is 0."""
    day = clock.today() + timedelta(days=ahead)
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def asked(*codes: str, starts: str = "10:00", days: int = 3, back: str | None = None, ends: str = "", **more):
    """Three days from a Tuesday, unless told otherwise."""
    day = more.pop("day", None) or next_weekday(1)
    returned = {"local": f"{day + timedelta(days=days)}T{ends or starts}"} | ({"location": back} if back else {})
    pickup = more.pop("pickup", None) or {"locations": list(codes or ("TLL",))}
    return {"pickup": {"local": f"{day}T{starts}", **pickup}, "return": returned, **more}


def offers_of(found: dict) -> list[dict]:
    return [offer for group in found["groups"] for offer in group["offers"]]


def excluded_of(found: dict, class_code: str) -> dict:
    (one,) = [each for each in found["excluded"] if each.get("class_code") == class_code]
    return one

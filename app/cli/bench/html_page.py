"""A page of 50 rows as HTML: what htmx asks for when somebody filters a list."""

from __future__ import annotations

from functools import partial
from typing import Final

from app.cli.bench.django_admin import django_admin
from app.cli.bench.load import Asked, Load, Round, ask, fetch
from app.cli.bench.measuring import Line, Result, Target, compare, in_turn
from app.cli.bench.serving import forecourt, measured
from app.cli.bench.stage import Stage
from app.cli.failures import CommandFailed

QUERIES: Final = {
    "vehicles": ("vehicle", "state=in_service&limit=50", "state=in_service"),
    "bookings": ("booking", "state=confirmed&sort=pickup_at&limit=50", "state=confirmed"),
}
"""By list: the model of Django's admin, what is asked of ours, and what of Django's."""
LOAD: Final = Load(answers=400, seconds=5)
SLOW_LOAD: Final = Load(answers=24, seconds=10)
WARM_UP: Final = Load(answers=40, seconds=3)
SLOW_WARM_UP: Final = Load(answers=8, seconds=5)
PARTIAL: Final = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "section#list-results"}
METHOD: Final = (
    "The vehicles in service, and the confirmed bookings by pick-up: 50 rows with filters, tabs, heads that sort and "
    "the count, as the block that htmx swaps when a tab is chosen: the values of filters are counted while a menu "
    "stands open. Signed in by cookie, 8 clients. *Django* is the changelist of Django 5's admin over the same table "
    "with the same filter, on gunicorn with 8 threads and PyMySQL; its accounts are in a local file. *JSON* is our own "
    "page of the API, which shows all fields but neither counts nor filter menus."
)


async def run(stage: Stage) -> Result:
    """Measure the block beside Django's page, and beside our own JSON."""
    with django_admin(stage.settings) as admin, forecourt(stage.settings) as ours:
        headers = await stage.cookie()
        lines: list[Line] = []
        for kind, (model, query, filtered) in QUERIES.items():
            sides = {
                "html": (ours, Asked(f"{ours.url}/{kind}?{query}", headers | PARTIAL), LOAD),
                "json": (ours, Asked(f"{ours.url}/api/v1/{kind}?{query}", headers), LOAD),
                "django": (admin.server, admin.asked(model, filtered), SLOW_LOAD),
            }
            if b"<html" in await fetch(sides["html"][1]):
                raise CommandFailed("The list answered a whole page where its block was asked for.")
            for _, asked, load in sides.values():
                await ask([asked], WARM_UP if load is LOAD else SLOW_WARM_UP)
            rounds: dict[str, list[Round]] = await in_turn(
                {name: partial(measured, server, [asked], load) for name, (server, asked, load) in sides.items()},
                stage.rounds,
            )
            lines += _lines(kind, rounds)
    return Result(name="html-page", title="A page as HTML", method=METHOD, lines=lines)


def _lines(kind: str, rounds: dict[str, list[Round]]) -> list[Line]:
    html, json, django = rounds["html"], rounds["json"], rounds["django"]
    return [
        compare(
            f"{kind}: pages per second beside Django's admin",
            [one.per_second for one in html],
            [one.per_second for one in django],
            "/s",
            Target(20.0),
            digits=1,
        ),
        compare(
            f"{kind}: 95 % of answers within, beside Django's admin",
            [one.p95 for one in html],
            [one.p95 for one in django],
            "ms",
            Target(0.05, "less"),
        ),
        compare(
            f"{kind}: processor time of HTML beside JSON",
            [one.cpu_milliseconds for one in html],
            [one.cpu_milliseconds for one in json],
            "ms",
            Target(2.0, "less"),
            digits=2,
        ),
    ]

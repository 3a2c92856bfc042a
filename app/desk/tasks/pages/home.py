"""Tasks on the home page."""

from collections.abc import Sequence
from typing import Any

from app.core import clock
from app.core.actor import Actor
from app.core.area import Tile, Waiting
from app.core.filters import number, to_datetime
from app.desk.tasks.pages.lists import PATH, first_view
from app.desk.tasks.pages.words import due_in_words
from app.desk.tasks.rules import teams_of


def tiles(counts: tuple[int, int, int], actor: Actor) -> list[Tile]:
    """What I hold, and what is overdue in my queues."""
    mine, late, overdue = counts
    teams = "".join(f"&team={team}" for team in teams_of(actor.roles))
    note = f"{number(late)} overdue" if late else "none overdue"
    return [
        Tile("My tasks", first_view(actor), number(mine), note, "act" if late else ""),
        Tile(
            "Overdue in my queues",
            f"{PATH}?active=yes&overdue=yes{teams}",
            number(overdue),
            "",
            "act" if overdue else "",
        ),
    ]


def waiting(rows: Sequence[tuple[Any, ...]]) -> list[Waiting]:
    """My tasks that are overdue or soon will be."""
    now = clock.now()
    lines: list[Waiting] = []
    for key, reference, title, due_at in rows:
        due, tone = due_in_words(due_at, now)
        order = (to_datetime(due_at) - now).total_seconds()
        lines.append(Waiting(due, tone, title, f"{PATH}/{key}/work", "Task", reference, order))
    return lines

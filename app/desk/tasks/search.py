"""Tasks in the search index. Their audience stands in the permission, so that no grant of another kind shows them."""

from collections.abc import Sequence
from typing import Any

from app.core import registry
from app.core.actor import Actor
from app.core.read_pool import ReadPool
from app.desk.tasks import queries
from app.desk.tasks.rules import LIVE
from app.desk.tasks.schemas import PRIORITY_WORDS, STATE_WORDS, TEAM_WORDS
from search.kinds import SearchKind
from search.query import Grant

PERMISSION = "tasks.view"
KIND = SearchKind(
    "task",
    facets=("state", "priority", "team", "task_kind", "assignee", "active", "overdue", "unassigned", "snoozed"),
    dates=("due_at",),
)
LONGEST_EXCERPT = 500


def grants(actor: Actor) -> tuple[Grant, ...]:
    """One grant per audience that the actor belongs to."""
    reader = queries.reader_of(actor)
    return tuple(Grant(_audience(name), reader.markets, reader.branches) for name in sorted(reader.permissions) if name)


async def load_documents(reads: ReadPool, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The documents of these tasks, each with its `_version`."""
    return [_document(*row) for row in await queries.list_rows(reads, ids)] if ids else []


def _audience(name: str) -> str:
    return f"task:{name}"


def _document(
    key: Any, version: int, reference: str, kind: str, title: str, details: str, market: str, branch: str,
    audience: str, team: str, state: str, priority: str, due_at: str | None, overdue_since: str | None,
    assignee_id: Any, assignee: str | None, updated_at: str,
) -> dict[str, Any]:  # fmt: skip
    known = registry.task_kinds.get(kind)
    is_live = state in LIVE
    document = {
        "id": str(key),
        "kind": KIND.name,
        "market": market,
        "branch": [branch] if branch else [],
        "permission": _audience(audience),
        "reference": reference,
        "idents": [reference],
        "ident_parts": [reference.partition("-")[2]],
        "nums": [],
        "title": title,
        "subtitle": ", ".join(part for part in (STATE_WORDS[state], TEAM_WORDS.get(team, team), assignee) if part),
        "keywords": [
            word
            for word in (known.title if known else kind, assignee, details[:LONGEST_EXCERPT], PRIORITY_WORDS[priority])
            if word
        ],
        "rank": 2.0 if is_live else 1.0,
        "updated_at": updated_at,
        "state": state,
        "priority": priority,
        "team": team,
        "task_kind": kind,
        "assignee": str(assignee_id) if assignee_id else None,
        "active": "yes" if is_live and state != "snoozed" else None,
        "overdue": "yes" if is_live and overdue_since else None,
        "unassigned": None if assignee_id else "yes",
        "snoozed": "yes" if state == "snoozed" else None,
        "due_at": due_at,
        "_version": version,
    }
    return {name: value for name, value in document.items() if value is not None}

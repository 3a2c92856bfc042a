"""Approvals in the search index: their reference, what they are about, and who asked."""

from collections.abc import Sequence
from typing import Any

from app.core.actor import Actor
from app.core.read_pool import ReadPool
from app.desk.approvals import queries
from app.desk.approvals.schemas import STATE_WORDS
from search.kinds import SearchKind
from search.query import Grant

SEEN_WITH = ("vehicles.view", "staff.view")
KIND = SearchKind("approval", facets=("state", "type", "maker"))


def grants(actor: Actor) -> Sequence[Grant]:
    """What an actor may find: what is asked about the kinds of records that they see, inside their scope."""
    return [Grant(permission, actor.markets, actor.branches) for permission in SEEN_WITH if actor.may(permission)]


async def load_documents(reads: ReadPool, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The documents of these approvals, each with its `_version`."""
    return [_document(*row) for row in await queries.list_rows(reads, ids)] if ids else []


def _document(
    key: Any, version: int, reference: str, kind: str, state: str, permission: str, market: str | None,
    branch: str | None, about: str, maker_id: Any, maker: str, approver: str, updated_at: str,
) -> dict[str, Any]:  # fmt: skip
    what = kind.partition(".")[2].replace("_", " ")
    document = {
        "id": str(key),
        "kind": KIND.name,
        "market": market,
        "branch": [branch] if branch else [],
        "permission": permission,
        "reference": reference,
        "idents": [reference],
        "ident_parts": [],
        "nums": [],
        "title": about,
        "subtitle": f"{what.capitalize()}, {STATE_WORDS[state].lower()}, asked by {maker}",
        "keywords": [word for word in (what, STATE_WORDS[state], maker, approver) if word],
        "rank": 0.5,
        "updated_at": updated_at,
        "state": state,
        "type": kind,
        "maker": str(maker_id) if maker_id else None,
        "_version": version,
    }
    return {name: value for name, value in document.items() if value is not None}

"""What an approval is bound to, in which states it can be, and who may decide it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

LONGEST_TEXT = 1_000
CANON = "forecourt.approval/1"
"""Names the canonical form, so that another form can never give the same digest."""

Limits = Mapping[str, Mapping[str, int | None]]


class ApprovalState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    EXECUTED = "executed"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    VOIDED = "voided"


_NONE = frozenset[ApprovalState]()
MOVES: dict[ApprovalState, frozenset[ApprovalState]] = {
    ApprovalState.PENDING: frozenset(
        {
            ApprovalState.APPROVED,
            ApprovalState.REJECTED,
            ApprovalState.WITHDRAWN,
            ApprovalState.EXPIRED,
            ApprovalState.VOIDED,
        }
    ),
    ApprovalState.APPROVED: frozenset({ApprovalState.EXECUTED, ApprovalState.FAILED}),
    ApprovalState.EXECUTED: _NONE,
    ApprovalState.FAILED: _NONE,
    ApprovalState.REJECTED: _NONE,
    ApprovalState.WITHDRAWN: _NONE,
    ApprovalState.EXPIRED: _NONE,
    ApprovalState.VOIDED: _NONE,
}
UNMET = (ApprovalState.REJECTED, ApprovalState.WITHDRAWN, ApprovalState.EXPIRED)
"""How a request ends without consent, while its subject is still what was asked about."""
DECIDED = tuple(state for state in ApprovalState if state is not ApprovalState.PENDING)


def can_move(before: ApprovalState, after: ApprovalState) -> bool:
    return after in MOVES[before]


class Obstacle(StrEnum):
    """Why somebody may not decide a request."""

    OWN_REQUEST = "own_request"
    OWN_RIGHTS = "own_rights"
    NO_PERMISSION = "no_permission"
    OVER_LIMIT = "over_limit"
    UNKNOWN_CURRENCY = "unknown_currency"


def canonical(
    *,
    kind: str,
    subject: tuple[str, UUID],
    snapshot: Mapping[str, Any],
    payload: Mapping[str, Any],
    changes: Mapping[str, Any],
) -> bytes:
    """The bytes that a request is bound to: JSON with sorted keys, no spaces, UTF-8, and the form's own name.

    `snapshot` is what the subject is now as far as the decision rests on it, `payload` what will be done, and
    `changes` what the decider is shown: name -> [before, after]. Values are None, booleans, whole numbers, texts, lists
    and maps of these; a float has no one way of writing and is refused with ValueError.
    """
    document = {
        "canon": CANON,
        "kind": kind,
        "subject": [subject[0], str(subject[1])],
        "snapshot": snapshot,
        "payload": payload,
        "changes": changes,
    }
    _refuse_floats(document)
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(canon: bytes) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canon).hexdigest()


def _refuse_floats(value: Any) -> None:
    match value:
        case float():
            raise ValueError(f"{value!r} is a float; write amounts as texts")
        case Mapping():
            for inner in value.values():  # pyright: ignore[reportUnknownVariableType]
                _refuse_floats(inner)
        case list() | tuple():
            for inner in value:  # pyright: ignore[reportUnknownVariableType]
                _refuse_floats(inner)
        case _:
            pass


def over_limit(limits: Limits, roles: Collection[str], minor: int, currency: str) -> Obstacle | None:
    """Whether an amount is too much for these roles; the most generous of them counts. No limits at all allow all."""
    if not limits:
        return None
    known = [limits[role][currency] for role in roles if role in limits and currency in limits[role]]
    if not known:
        return Obstacle.UNKNOWN_CURRENCY
    return None if any(most is None or minor <= most for most in known) else Obstacle.OVER_LIMIT


def is_decidable(limits: Limits, minor: int, currency: str) -> bool:
    """Whether any role at all may decide about this amount."""
    return over_limit(limits, limits, minor, currency) is None


def obstacle(
    *,
    decider_id: UUID | None,
    maker_id: UUID | None,
    subject_id: UUID,
    has_permission: bool,
    excess: Obstacle | None = None,
) -> Obstacle | None:
    """What stands between a person and a decision; `excess` is what `over_limit` said of the amount."""
    if decider_id is None or not has_permission:
        return Obstacle.NO_PERMISSION
    if decider_id == maker_id:
        return Obstacle.OWN_REQUEST
    if decider_id == subject_id:
        return Obstacle.OWN_RIGHTS
    return excess

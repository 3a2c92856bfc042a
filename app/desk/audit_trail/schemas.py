"""An entry of the audit trail as the list reads it."""

from typing import Any

import msgspec


class AuditItem(msgspec.Struct, frozen=True):
    """Who did what to which record, and each value before and after."""

    id: str
    at: str
    actor_id: str | None
    actor_name: str
    action: str
    subject_kind: str
    subject_id: str
    subject_version: int
    changes: dict[str, Any]
    facts: dict[str, Any]
    why: str | None
    request_id: str | None

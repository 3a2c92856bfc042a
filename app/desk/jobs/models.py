"""What the audit trail says about events that were held back."""

from typing import ClassVar

from app.core.records import Record


class HeldEvent(Record):
    """An event in quarantine as the subject of an audit entry; its row belongs to the relay and has no version."""

    record_kind: ClassVar[str] = "event"

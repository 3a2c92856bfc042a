"""Exchanges with partners as lists read them."""

import msgspec


class ExchangeItem(msgspec.Struct, frozen=True):
    """One request to a partner and what came of it, without the bodies."""

    id: str
    at: str
    partner: str
    operation: str
    outcome: str
    attempt: int
    milliseconds: int
    reason: str
    status: int | None
    response_bytes: int
    subject_kind: str | None
    subject_id: str | None
    correlation: str

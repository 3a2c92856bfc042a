"""What hangs, in the list and in the JSON API."""

from typing import Any

import msgspec

from app.core.values import Id, Maybe, MoneyValue, Timestamp


class LimboRow(msgspec.Struct):
    """A reservation that hangs, as the database has it, with what is known of its supplier."""

    id: str
    reference: str
    supplier: str
    supplier_name: str
    capabilities: list[str]
    stops: dict[str, Any]
    state: str
    supplier_number: Maybe[str]
    surname: str
    market: str
    acriss: str
    pickup_location: str
    return_location: str
    pickup_local: str
    return_local: str
    time_zone: str
    offered: MoneyValue
    confirmed_minor: Maybe[int]
    fee_windows: list[dict[str, Any]]
    boundary_at: Maybe[str]
    exposed: MoneyValue
    polls: int
    next_poll_at: Maybe[str]
    reason: str
    version: int
    updated_at: str


class LimboItem(msgspec.Struct, frozen=True):
    """A reservation that hangs: until when cancelling costs what, and what to do next.

    `action` is poll, call, cancel, settle or rebook, and `why` the reason that decided.
    """

    id: Id
    reference: str
    supplier: str
    state: str
    supplier_number: Maybe[str]
    pickup_location: str
    pickup_local: str
    time_zone: str
    fee_now: MoneyValue
    exposed: MoneyValue
    boundary_at: Maybe[Timestamp]
    boundary_local: Maybe[str]
    polls: int
    next_poll_at: Maybe[Timestamp]
    action: str
    why: str
    words: str
    reason: str
    version: int
    updated_at: Timestamp


class LimboPage(msgspec.Struct, frozen=True):
    """A page of what hangs, the most pressing first, with the money that is exposed in all of it per currency."""

    items: list[LimboItem]
    exposed: list[MoneyValue]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]


class PollItem(msgspec.Struct, frozen=True):
    """The supplier was asked, and what came of it; the id is that of the exchange."""

    id: Id
    operation: str
    outcome: str
    reason: str
    milliseconds: int
    at: Timestamp


class PollList(msgspec.Struct, frozen=True):
    """What was said about a reservation, the newest first."""

    items: list[PollItem]

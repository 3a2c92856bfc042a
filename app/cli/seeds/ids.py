"""Keys that a seed decides: UUIDs of version 7 whose order is that of the rows."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final
from uuid import UUID

FIRST_MILLISECOND: Final = 1_767_225_600_000
"""2026-01-01T00:00:00Z; the row's number counts on from here, so that rows are appended to the clustered index."""


class SeededIds:
    """The ids of one kind under one seed; no two numbers share one (layout of RFC 9562, version 7)."""

    def __init__(self, seed: str, kind: str) -> None:
        digest = hashlib.sha256(f"{seed}/{kind}".encode()).hexdigest()
        self._middle = f"7{digest[:3]}"
        self._variant = "89ab"[int(digest[3], 16) % 4] + digest[4:7]
        self._salt = int(digest[8:20], 16)

    def text(self, number: int) -> str:
        """The id of a row, as text."""
        time = f"{FIRST_MILLISECOND + number:012x}"
        tail = (self._salt + number * 0x9E3779B97F4B) & 0xFFFFFFFFFFFF
        return f"{time[:8]}-{time[8:]}-{self._middle}-{self._variant}-{tail:012x}"

    def at(self, moment: datetime, number: int) -> str:
        """An id that sorts by a moment instead, for entries of a trail."""
        time = f"{int(moment.timestamp() * 1000):012x}"
        tail = (self._salt + number * 0x9E3779B97F4B) & 0xFFFFFFFFFFFF
        return f"{time[:8]}-{time[8:]}-{self._middle}-{self._variant}-{tail:012x}"


def seeded_id(seed: str, kind: str, name: str) -> UUID:
    """The id of something that has a name instead of a number."""
    digest = hashlib.sha256(f"{seed}/{kind}/{name}".encode()).hexdigest()
    return UUID(SeededIds(seed, kind).text(int(digest[:7], 16)))

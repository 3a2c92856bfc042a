"""What is wrong with one field of a record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One refused field: its dotted JSON name, a stable code and a sentence in English."""

    field: str
    code: str
    detail: str

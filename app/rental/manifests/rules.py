"""The sections of a branch's day."""

from enum import StrEnum


class Section(StrEnum):
    OUT = "out"
    IN = "in"
    LATE = "late"
    MOVE = "move"

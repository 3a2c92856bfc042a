"""Two people edit one record: what it was, what the other made of it, what you typed, taken field by field."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BASE_FIELD = "_base"
TAKE = "take."


@dataclass(frozen=True, slots=True)
class ConflictField:
    """A field that both changed, as text."""

    name: str
    label: str
    base: str
    theirs: str
    yours: str
    choice: str = "yours"


@dataclass(frozen=True, slots=True)
class Conflict:
    """What has to be chosen, and what is sent along with the choice."""

    fields: list[ConflictField]
    sent: list[tuple[str, str]]
    base: str


def base_text(raw: Mapping[str, Any]) -> str:
    """The values a form was shown with, for its hidden field."""
    return json.dumps(
        {name: value for name, value in raw.items() if name != BASE_FIELD}, default=str, ensure_ascii=False
    )


def read_base(text: str | None) -> dict[str, str]:
    """The values a form was shown with; nothing when the field was tampered with."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def changed(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What the person changed against what the form was shown with, after the choices of a conflict page."""
    base = read_base(raw.get(BASE_FIELD))
    values = {name: value for name, value in raw.items() if name != BASE_FIELD and not name.startswith(TAKE)}
    given_up = {name.removeprefix(TAKE) for name, side in raw.items() if name.startswith(TAKE) and side == "theirs"}
    if not base and not given_up:
        return values
    kept = {name: value for name, value in values.items() if str(value) != base.get(name, "") and name not in given_up}
    for name in list(kept):
        stem, _, part = name.rpartition(".")
        if part in ("amount", "currency"):
            kept |= {
                f"{stem}.{other}": values[f"{stem}.{other}"]
                for other in ("amount", "currency")
                if f"{stem}.{other}" in values
            }
    return kept


def find_conflict(raw: Mapping[str, Any], present: Mapping[str, Any], labels: Mapping[str, str]) -> Conflict:
    """Fields that both sides changed to different values; everything else is sent on as it was typed."""
    base, mine = read_base(raw.get(BASE_FIELD)), changed(raw)
    fields: list[ConflictField] = []
    for name, value in mine.items():
        theirs, before = str(present.get(name, "") or ""), base.get(name, "")
        if theirs not in (before, str(value)):
            label = labels.get(name) or name.partition(".")[0].replace("_", " ").capitalize()
            fields.append(ConflictField(name, label, before, theirs, str(value)))
    sent = [(name, str(value)) for name, value in mine.items()]
    return Conflict(fields, sent, base_text(present))


def is_agreed(raw: Mapping[str, Any], present: Mapping[str, Any]) -> bool:
    """Whether a form may be saved over the present version: nothing was changed by both sides to different values."""
    return bool(read_base(raw.get(BASE_FIELD))) and not find_conflict(raw, present, {}).fields

"""Tags in the JSON API."""

import msgspec

from app.core.values import Maybe


class TagItem(msgspec.Struct, frozen=True):
    """A word of a vocabulary as the page of all of them lists it."""

    id: str
    kind: str
    name: str
    state: str
    merged_into_id: Maybe[str]
    created_at: str


class TagNames(msgspec.Struct):
    """Words of a vocabulary."""

    items: list[str]


class RecordTags(msgspec.Struct):
    """The tags of one record, in the order in which they were added."""

    items: list[str]


class TagName(msgspec.Struct, forbid_unknown_fields=True):
    """A tag to add; spaces become hyphens and capitals small letters."""

    name: str

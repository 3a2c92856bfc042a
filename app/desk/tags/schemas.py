"""Tags in the JSON API."""

import msgspec


class TagNames(msgspec.Struct):
    """Words of a vocabulary."""

    items: list[str]


class RecordTags(msgspec.Struct):
    """The tags of one record, in the order in which they were added."""

    items: list[str]


class TagName(msgspec.Struct, forbid_unknown_fields=True):
    """A tag to add; spaces become hyphens and capitals small letters."""

    name: str

"""What the API's search gives."""

import msgspec

from app.core.values import UNSET, Id, Maybe


class Highlight(msgspec.Struct, omit_defaults=True):
    """The texts in which something was found, as escaped HTML with `<mark>` around it."""

    reference: Maybe[str] = UNSET
    title: Maybe[str] = UNSET
    subtitle: Maybe[str] = UNSET


class SearchItem(msgspec.Struct, frozen=True):
    """One record. `exact` says that its own identifier was typed; scores compare within one answer only."""

    kind: str
    id: Id
    reference: str
    title: str
    subtitle: str
    highlight: Highlight
    score: float
    exact: bool


class SearchAnswer(msgspec.Struct, frozen=True):
    """The best records of all kinds, the exact one first.

    `stage` is `strict`, `fuzzy` (spelt alike) or `some_words` (most of the words); `partial` says that a part of the
    index did not answer; `limited` that the search engine is away and only beginnings were compared.
    """

    items: list[SearchItem]
    stage: str
    partial: bool
    limited: bool

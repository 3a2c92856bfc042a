"""Shows why a document was found: text cut into marked and plain segments, never markup."""

from typing import Any, Final

import msgspec

from search.text import Typed, fold

OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
HIGHLIGHT: Final[dict[str, Any]] = {
    "pre_tags": [OPEN],
    "post_tags": [CLOSE],
    "fields": {"all": {"type": "unified", "number_of_fragments": 0}},
}
"""Through `all`, which stores what was copied into it: a field that is not indexed cannot be named here."""


class Segment(msgspec.Struct, frozen=True):
    """A piece of text as it was stored: escape it, then wrap it in `<mark>` when it is marked."""

    text: str
    is_marked: bool = False


def segments(text: str, fragments: list[str]) -> tuple[Segment, ...]:
    """The text cut at the marks of the fragment that shows this text."""
    plain = _without_marks(text)
    for fragment in fragments:
        if _without_marks(fragment) == plain:
            return _cut(fragment)
    return (Segment(plain),) if plain else ()


def identifier_segments(text: str, typed: Typed) -> tuple[Segment, ...]:
    """The identifier with the part marked that was typed, whatever the separators: `123-ABC` for `123a`."""
    places = [place for place, char in enumerate(text) if char.isalnum()]
    bare = "".join(fold(text[place])[:1] for place in places)
    values = (fold(value) for window in typed.windows for value in window.values)
    spans = [(start, start + len(value)) for value in values if (start := bare.find(value)) >= 0]
    if not spans:
        return (Segment(text),) if text else ()
    start, end = max(spans, key=lambda span: (span[1] - span[0], -span[0]))
    first, after = places[start], places[end - 1] + 1
    pieces = (Segment(text[:first]), Segment(text[first:after], is_marked=True), Segment(text[after:]))
    return tuple(piece for piece in pieces if piece.text)


def _without_marks(text: str) -> str:
    return text.replace(OPEN, "").replace(CLOSE, "")


def _cut(fragment: str) -> tuple[Segment, ...]:
    pieces: list[Segment] = []
    for part in fragment.split(OPEN):
        marked, mark, plain = part.partition(CLOSE)
        if mark:
            pieces += [Segment(marked, is_marked=True), Segment(plain)]
        else:
            pieces.append(Segment(part))
    return tuple(piece for piece in pieces if piece.text)

"""What a view is, when two are the same, and which move among its neighbours a step is. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LONGEST_NAME = 80
MOST_OWN = 50
"""Views that one person may keep for one list."""
MOST_SHARED = 100
"""Views of one list that are shared with everybody."""


@dataclass(frozen=True, slots=True)
class ViewQuery:
    """What a view asks of its list, as it is written in addresses."""

    filters: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    text: str = ""
    sort: str = ""
    columns: Sequence[str] = ()

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Name and value of each filter, the text and the order."""
        pairs = [(name, value) for name, values in self.filters.items() for value in values]
        return pairs + [(name, value) for name, value in (("q", self.text), ("sort", self.sort)) if value]


def shows_the_same(saved: ViewQuery, present: ViewQuery) -> bool:
    """Whether a list shows what the view asks; a view without columns leaves them to the reader."""
    return (
        _plain(saved.filters) == _plain(present.filters)
        and saved.text == present.text
        and saved.sort == present.sort
        and (not saved.columns or tuple(saved.columns) == tuple(present.columns))
    )


def _plain(filters: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: sorted(values) for name, values in filters.items() if values}

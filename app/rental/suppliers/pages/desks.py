"""What the page about the desks of all suppliers shows: which of them stand at one location of ours, and are sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.rental.suppliers.queries import MOST_DESKS, Desk
from app.rental.suppliers.rules import EVERYWHERE, Stop

PATH = "/suppliers/branches"
VIEWS = (("located", "At our locations"), ("unsold", "Not sold any more"), ("unmapped", "Not mapped"))


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One branch; `is_first` where the location is another one than in the line above."""

    location: str
    is_first: bool
    branch: str
    code: str
    place: str
    supplier: str
    supplier_id: UUID
    state: str
    tone: str
    is_sold: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class DeskPage:
    """The desks of one view."""

    views: list[tuple[str, str, bool]]
    rows: list[DeskRow]
    locations: int
    has_more: bool


def desk_page(desks: Sequence[Desk], view: str) -> DeskPage:
    """The page of a view."""
    rows: list[DeskRow] = []
    before = None
    for branch, supplier in desks[:MOST_DESKS]:
        state, tone = _state(branch.is_gone, branch.location_code, supplier.stops, is_active=supplier.is_active)
        place = " ".join(word for word in (branch.city, branch.country, branch.iata) if word)
        rows.append(
            DeskRow(
                branch.location_code or "", branch.location_code != before, branch.name, branch.code, place,
                supplier.name, supplier.id, state, tone, not tone, branch.updated_at,
            )
        )  # fmt: skip
        before = branch.location_code
    return DeskPage(
        views=[(words, f"{PATH}?view={key}", key == view) for key, words in VIEWS],
        rows=rows,
        locations=len({row.location for row in rows if row.location}),
        has_more=len(desks) > MOST_DESKS,
    )


def _state(is_gone: bool, location: str | None, stops: dict[str, str], *, is_active: bool) -> tuple[str, str]:
    """Whether it is sold, in words and tone; what no longer works goes before what is switched off."""
    if not is_active:
        return "Orphan: the supplier is not active", "soon"
    if is_gone:
        return "Gone: the supplier no longer names it", "soon"
    if location is None:
        return "Not mapped", "soon"
    if stops.get(EVERYWHERE) == Stop.ALL:
        return "Supplier switched off", "act"
    return ("Sold, with stops", "") if stops else ("Sold", "")

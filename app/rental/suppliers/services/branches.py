"""A supplier's branches: read from it once a day, mapped to our locations by people, invisible until then."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.core.changes import record
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.desk.tasks import services as tasks
from app.kit.problems import Problem
from app.rental.locations import services as locations
from app.rental.locations.models import Location
from app.rental.suppliers import queries
from app.rental.suppliers.models import Supplier, SupplierBranch
from app.rental.suppliers.rules import BranchFound, mapping
from app.rental.suppliers.rules.mapping import Candidate, Spot

LONGEST_NAME = 200
LOST_BRANCHES = "supplier_branches_lost"
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Told:
    """What came of reading a supplier's branches."""

    new: int
    changed: int
    gone: int
    is_doubted: bool = False
    """It lacks so many branches that are on sale that nothing was taken off sale by it."""


async def take_branches(session: AsyncSession, supplier_id: UUID, found: Sequence[BranchFound]) -> Told:
    """Keep what a supplier tells of its branches. What people mapped stays mapped; what is gone is said to be gone."""
    supplier = await queries.lock_supplier(session, supplier_id)
    known = await queries.lock_branches(session, supplier_id)
    before = list(known.values())
    new = changed = 0
    for branch in found:
        kept = known.pop(branch.code, None)
        if kept is None:
            session.add(SupplierBranch(supplier_id=supplier_id, code=branch.code, **_values(branch)))
            new += 1
        else:
            changed += _renew(kept, branch)
    gone = [branch for branch in known.values() if not branch.is_gone]
    lost = [branch for branch in gone if branch.location_code]
    is_doubted = not mapping.is_believable(sum(each.location_code is not None for each in before), len(lost))
    for branch in gone:
        branch.is_gone = not is_doubted
    supplier.branches_read_at = clock.now()
    facts = {"branches": len(found), "new": new, "changed": changed, "gone": len(gone), "is_doubted": is_doubted}
    await record(session, "supplier.branches_read", supplier, actor=SYSTEM, facts=facts)
    await _warn(session, supplier, [branch for branch in before if branch.is_gone and branch.location_code], lost)
    return Told(new, changed, len(gone), is_doubted)


async def _warn(
    session: AsyncSession, supplier: Supplier, gone: Sequence[SupplierBranch], lost: Sequence[SupplierBranch]
) -> None:
    """A task while branches are off sale because the supplier no longer names them, or while that is doubtful."""
    missing = gone or lost
    if not missing:
        about = (supplier.record_kind, supplier.id)
        await tasks.settle_tasks(session, about, LOST_BRANCHES, why="The supplier names them again.", actor=SYSTEM)
        return
    codes = ", ".join(f"{branch.code} ({branch.location_code})" for branch in missing[:MOST_NAMED])
    rest = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    state = "They are no longer sold." if gone else "So many at once are doubtful: they are still sold."
    await tasks.create_task(
        session,
        kind=LOST_BRANCHES,
        title=f"{supplier.name} no longer names branches that we sell",
        subject=(supplier.record_kind, supplier.id),
        details=f"{codes}{rest}. {state} Take off sale what is closed, and ask the supplier about the others.",
        unique_key=f"{LOST_BRANCHES}:{supplier.id}",
        actor=SYSTEM,
    )


async def map_branch(
    session: AsyncSession, supplier_id: UUID, branch_id: UUID, *, location: str | None, actor: Actor
) -> SupplierBranch:
    """Say which of our locations a branch is, or that it is none. Raises InvalidFields."""
    supplier = await queries.lock_supplier(session, supplier_id)
    branch = await queries.lock_branch(session, supplier_id, branch_id)
    place: Location | None = None
    if location:
        place = (await locations.by_codes(session, {location})).get(location)
        if place is None or not actor.sees(market=place.market, branch=place.code):
            raise InvalidFields([Problem("location", "unknown_value", "There is no such location")])
        if branch.country and place.country != branch.country:
            detail = f"The branch is in {branch.country}, the location in {place.country}"
            raise InvalidFields([Problem("location", "invalid", detail)])
    before, branch.location_code = branch.location_code, place.code if place else None
    if before != branch.location_code:
        left = [
            each for each in await queries.list_branches(session, supplier_id) if each.is_gone and each.location_code
        ]
        if not left:
            about, why = (supplier.record_kind, supplier.id), "None of them is one of our locations any more."
            await tasks.settle_tasks(session, about, LOST_BRANCHES, why=why, actor=actor)
        supplier.updated_at = clock.now()
        changes = {f"Branch {branch.code}": (before, branch.location_code)}
        await record(session, "supplier.branch_mapped", supplier, actor=actor, changes=changes)
    return branch


async def list_spots(session: AsyncSession, actor: Actor) -> list[Spot]:
    """Our locations as candidates are looked for among them."""
    codes = {code for code, _ in await locations.choices(session, actor)}
    return [_spot(place) for place in (await locations.by_codes(session, codes)).values()]


def candidates_of(branch: SupplierBranch, spots: Sequence[Spot]) -> list[Candidate]:
    """Which of our locations a branch may be, the likeliest first."""
    found = BranchFound(
        branch.code, branch.name, branch.city, branch.country, branch.iata, branch.latitude, branch.longitude
    )
    return mapping.candidates(found, spots)


async def list_for(session: AsyncSession, supplier: Supplier) -> Sequence[SupplierBranch]:
    """A supplier's branches, those that are not mapped first."""
    return await queries.list_branches(session, supplier.id)


def _values(found: BranchFound) -> dict[str, Any]:
    return {
        "name": found.name[:LONGEST_NAME],
        "city": found.city[:120],
        "country": found.country[:2] if found.country.isascii() else "",
        "iata": found.iata if found.iata.isascii() else "",
        "latitude": None if found.latitude is None else round(found.latitude, 6),
        "longitude": None if found.longitude is None else round(found.longitude, 6),
        "delivery": found.delivery,
    }


def _renew(kept: SupplierBranch, found: BranchFound) -> bool:
    values = _values(found) | {"is_gone": False}
    differs = {name: value for name, value in values.items() if getattr(kept, name) != value}
    for name, value in differs.items():
        setattr(kept, name, value)
    return bool(differs)


def _spot(place: Location) -> Spot:
    latitude, longitude = (None if each is None else float(each) for each in (place.latitude, place.longitude))
    return Spot(place.code, place.name, place.city, place.country, latitude, longitude)

"""Reading suppliers, their branches and reservations."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Integer, and_, case, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort
from app.rental.suppliers.models import Supplier, SupplierBranch, SupplierReservation
from app.rental.suppliers.rules import OPEN, SEES_MARGINS, Dialect, ReservationState
from app.rental.suppliers.schemas import ReservationItem, SupplierItem

MOST_SUPPLIERS = 200
MOST_BRANCHES = 2_000
MOST_DESKS = 500
MOST_OF_A_DAY, MOST_NEWEST = 200, 100
DIALECT_WORDS = {Dialect.OTA_XML.value: "OTA XML 2012", Dialect.JSON_REST.value: "JSON"}

_s = Supplier.__table__  # type: ignore[attr-defined]  # pyright: ignore
_b = SupplierBranch.__table__  # type: ignore[attr-defined]  # pyright: ignore


def _branches(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    counted = select(func.count()).select_from(_b).where(_b.c.supplier_id == _s.c.id, ~_b.c.is_gone, *conditions)
    return cast(counted.correlate(_s).scalar_subquery(), Integer)


SPEC = ListSpec(
    filters=(Filter("dialect", "Dialect", "choice", tuple(DIALECT_WORDS.items())), Filter("code", "Code", "code")),
    sorts=("name", "code"),
    default_sort="name",
)

suppliers = ListRead(
    SupplierItem,
    table=_s,
    columns={
        name: _s.c[name]
        for name in (
            "id", "code", "name", "dialect", "base_url", "account", "phone", "currency", "capabilities",
            "has_period_quirk", "search_milliseconds", "most_calls", "limits",
        )
    }
    | {
        "has_credentials": _s.c.secret_sealed.isnot(None),
        "has_webhook_key": _s.c.webhook_sealed.isnot(None),
        "stops": _s.c.stops,
        "is_active": _s.c.is_active,
        "branches_read_at": _s.c.branches_read_at,
        "branches": _branches(),
        "unmapped_branches": _branches(_b.c.location_code.is_(None)),
        "version": _s.c.version,
        "created_at": _s.c.created_at,
        "updated_at": _s.c.updated_at,
    },
    where={"dialect": _s.c.dialect, "code": _s.c.code},
    sorts={"name": Sort(_s.c.name), "code": Sort(_s.c.code)},
    scope={},
)  # fmt: skip


STATE_WORDS = {state.value: state.value.replace("_", " ").capitalize() for state in ReservationState}
STATE_WORDS["unknown"] = "Not known"

RESERVATIONS_SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items())),
        Filter("supplier", "Supplier", "code"),
        Filter("reference", "Reference", "code"),
        Filter("supplier_number", "Their number", "text"),
        Filter("location", "Pick-up", "code"),
    ),
    sorts=("created_at",),
    default_sort="-created_at",
)

_r = SupplierReservation.__table__  # type: ignore[attr-defined]  # pyright: ignore


def _of_supplier(codes: Sequence[BindParameter[Any]]) -> ColumnElement[bool]:
    return _r.c.supplier_id.in_(select(_s.c.id).where(_s.c.code.in_(codes)))


def _reservations(offered: ColumnElement[Any]) -> ListRead[ReservationItem]:
    return ListRead(
        ReservationItem,
        table=_r,
        columns={
            "id": _r.c.id,
            "reference": _r.c.reference,
            "supplier": _s.c.code,
            "state": _r.c.state,
            "supplier_number": _r.c.supplier_number,
            "acriss": _r.c.acriss,
            "pickup_location": _r.c.pickup_location,
            "return_location": _r.c.return_location,
            "pickup_local": _r.c.pickup_local,
            "return_local": _r.c.return_local,
            "offered": offered,
            "offered_currency": _r.c.currency,
            "polls": _r.c.polls,
            "next_poll_at": _r.c.next_poll_at,
            "reason": _r.c.reason,
            "version": _r.c.version,
            "created_at": _r.c.created_at,
            "updated_at": _r.c.updated_at,
        },
        joins=lambda page: page.join(_s, _s.c.id == _r.c.supplier_id),
        where={
            "state": _r.c.state,
            "supplier": _of_supplier,
            "reference": _r.c.reference,
            "supplier_number": _r.c.supplier_number,
            "location": _r.c.pickup_location,
        },
        # Ids are ordered by the moment they were made.
        sorts={"created_at": Sort(_r.c.id, "PRIMARY")},
        scope={"market": _r.c.market, "branch": _r.c.pickup_location},
    )


reservations = _reservations(case((~_s.c.has_net_prices, _r.c.offered_minor)))
"""Without net prices."""
priced_reservations = _reservations(_r.c.offered_minor)


def reservations_for(actor: Actor) -> ListRead[ReservationItem]:
    """The list as somebody may see it: net prices are for those who may see margins."""
    return priced_reservations if actor.may(SEES_MARGINS) else reservations


async def find_reservation(session: AsyncSession, reservation_id: UUID, actor: Actor) -> SupplierReservation | None:
    """The reservation, inside permission and scope."""
    if not actor.may("suppliers.view"):
        return None
    found = await session.get(SupplierReservation, reservation_id)
    is_seen = found is not None and actor.sees(market=found.market, branch=found.pickup_location)
    return found if is_seen else None


async def find_supplier(session: AsyncSession, supplier_id: UUID, actor: Actor) -> Supplier | None:
    """For those who may see suppliers; they are of no market."""
    return await session.get(Supplier, supplier_id) if actor.may("suppliers.view") else None


async def get_supplier(session: AsyncSession, supplier_id: UUID) -> Supplier:
    """Raises NotFound."""
    found = await session.get(Supplier, supplier_id)
    if found is None:
        raise NotFound
    return found


async def lock_supplier(session: AsyncSession, supplier_id: UUID) -> Supplier:
    """Raises NotFound."""
    found = await session.get(Supplier, supplier_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def list_active(session: AsyncSession) -> Sequence[Supplier]:
    """Every supplier that we work with."""
    statement = select(Supplier).where(_s.c.is_active).order_by(_s.c.code).limit(MOST_SUPPLIERS)
    return (await session.execute(statement)).scalars().all()


async def list_branches(session: AsyncSession, supplier_id: UUID) -> Sequence[SupplierBranch]:
    """A supplier's branches, those that are not mapped first."""
    order = (_b.c.is_gone, _b.c.location_code.isnot(None), _b.c.country, _b.c.code)
    statement = select(SupplierBranch).where(_b.c.supplier_id == supplier_id).order_by(*order).limit(MOST_BRANCHES)
    return (await session.execute(statement)).scalars().all()


class Desk(NamedTuple):
    """A supplier's branch, and what stands in the way of selling it."""

    branch: SupplierBranch
    supplier: Supplier


async def list_desks(session: AsyncSession, view: str) -> list[Desk]:
    """Branches of every supplier by location: those at our locations, or of them those that are not sold, or those
    that nobody mapped.
    """
    unsold = or_(_b.c.is_gone, ~_s.c.is_active)
    where = {
        "located": _b.c.location_code.isnot(None),
        "unsold": and_(_b.c.location_code.isnot(None), unsold),
        "unmapped": and_(_b.c.location_code.is_(None), ~unsold),
    }[view]
    statement = select(SupplierBranch, Supplier).join(Supplier, _s.c.id == _b.c.supplier_id).where(where)
    order = (_b.c.location_code, _b.c.country, _s.c.name, _b.c.code)
    return [Desk(*row) for row in await session.execute(statement.order_by(*order).limit(MOST_DESKS + 1))]


async def count_branches(session: AsyncSession, supplier_id: UUID) -> tuple[int, int]:
    """How many branches a supplier has that are mapped, and that are not."""
    mapped = func.count(_b.c.location_code)
    statement = select(mapped, func.count() - mapped).where(_b.c.supplier_id == supplier_id, ~_b.c.is_gone)
    row = (await session.execute(statement)).one()
    return int(row[0]), int(row[1])


async def lock_branches(session: AsyncSession, supplier_id: UUID) -> dict[str, SupplierBranch]:
    """A supplier's branches by their codes."""
    statement = select(SupplierBranch).where(_b.c.supplier_id == supplier_id).with_for_update()
    return {branch.code: branch for branch in (await session.execute(statement)).scalars()}


async def lock_branch(session: AsyncSession, supplier_id: UUID, branch_id: UUID) -> SupplierBranch:
    """Raises NotFound."""
    found = await session.get(SupplierBranch, branch_id, with_for_update=True, populate_existing=True)
    if found is None or found.supplier_id != supplier_id:
        raise NotFound
    return found


async def list_mapped(session: AsyncSession, codes: set[str]) -> Sequence[SupplierBranch]:
    """The branches that are at these locations of ours."""
    statement = select(SupplierBranch).where(_b.c.location_code.in_(codes), ~_b.c.is_gone)
    return (await session.execute(statement.order_by(_b.c.iata.desc(), _b.c.code).limit(MOST_BRANCHES))).scalars().all()


async def get_reservation(session: AsyncSession, reservation_id: UUID, actor: Actor) -> SupplierReservation:
    """Raises NotFound, also outside of permission and scope."""
    found = await find_reservation(session, reservation_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_reservation(session: AsyncSession, reservation_id: UUID) -> SupplierReservation:
    """Raises NotFound."""
    found = await session.get(SupplierReservation, reservation_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def find_of_subject(session: AsyncSession, kind: str, record_id: UUID) -> SupplierReservation | None:
    """The latest reservation that was made for a record."""
    statement = (
        select(SupplierReservation)
        .where(col(SupplierReservation.subject_kind) == kind, col(SupplierReservation.subject_id) == record_id)
        .order_by(col(SupplierReservation.id).desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def has_reference(session: AsyncSession, reference: str) -> bool:
    statement = select(col(SupplierReservation.id)).where(col(SupplierReservation.reference) == reference)
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def list_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[UUID]:
    """Open reservations whose supplier is to be asked again."""
    statement = select(col(SupplierReservation.id)).where(
        col(SupplierReservation.state).in_(sorted(OPEN)), col(SupplierReservation.next_poll_at) <= now
    )
    return (
        (await session.execute(statement.order_by(col(SupplierReservation.next_poll_at)).limit(limit))).scalars().all()
    )


async def lock_past_boundary(session: AsyncSession, now: datetime, limit: int) -> Sequence[SupplierReservation]:
    """Open reservations whose cancelling became dearer since it was last worked out."""
    statement = select(SupplierReservation).where(
        _r.c.limbo_at <= now, _r.c.boundary_at <= now, col(SupplierReservation.state).in_(sorted(OPEN))
    )
    statement = statement.order_by(_r.c.limbo_at).limit(limit).with_for_update(skip_locked=True)
    return (await session.execute(statement)).scalars().all()


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, ReservationItem]:
    """Reservations as the API shows them, by id, of those the actor may see; streams of several people share them."""
    return {item.id: item for item in await reservations.by_ids(reads, ids, actor)}


async def list_names(reads: ReadPool) -> list[tuple[Any, ...]]:
    """Id, code, name of every supplier, and whether we work with it."""
    sql = f"SELECT id, code, name, is_active FROM supplier ORDER BY code LIMIT {MOST_SUPPLIERS}"  # noqa: S608 - our number
    return list(await reads.fetch(sql))


async def list_outcomes(
    reads: ReadPool, suppliers: Sequence[UUID], since: datetime, markets: frozenset[str] | None
) -> list[tuple[Any, ...]]:
    """By supplier: state, how many, how many prices were compared and moved, and the moves in basis points.

    Suppliers and states are named, so that each pair is one range of the index and nothing is sorted to be grouped.
    """
    if not suppliers:
        return []
    scope, values = _in_markets(markets)
    moved = "IF(confirmed_minor <> offered_minor, "
    sql = (
        "SELECT supplier_id, state, COUNT(*), SUM(confirmed_minor IS NOT NULL), SUM(confirmed_minor <> offered_minor),"  # noqa: S608 - our words
        f" SUM({moved}ROUND((CAST(confirmed_minor AS SIGNED) - offered_minor) * 10000 / NULLIF(offered_minor, 0)), 0))"
        " FROM supplier_reservation FORCE INDEX (ix_supplier_reservation_health)"
        f" WHERE supplier_id IN ({', '.join(['%s'] * len(suppliers))})"
        f" AND state IN ({', '.join(['%s'] * len(ReservationState))})"
        f" AND created_at >= %s{scope} GROUP BY supplier_id, state"
    )
    asked = [*map(str, suppliers), *(state.value for state in ReservationState), since.replace(tzinfo=None), *values]
    return list(await reads.fetch(sql, asked))


async def list_drifts(reads: ReadPool, since: datetime, markets: frozenset[str] | None) -> list[tuple[Any, ...]]:
    """By supplier: how many prices were checked again, how many had moved, and the moves in basis points."""
    scope, values = _in_markets(markets)
    sql = (
        "SELECT supplier_id, SUM(checks), SUM(moved), SUM(basis_points) FROM supplier_drift"  # noqa: S608 - our words
        f" WHERE slot_at >= %s{scope} GROUP BY supplier_id"
    )
    return list(await reads.fetch(sql, [since.replace(tzinfo=None), *values]))


def _in_markets(markets: frozenset[str] | None) -> tuple[str, list[str]]:
    if markets is None:
        return "", []
    return f" AND market IN ({', '.join(['%s'] * len(markets)) or 'NULL'})", sorted(markets)


async def find_billed(
    session: AsyncSession, supplier_id: UUID, market: str, *, number: str = "", reference: str = ""
) -> SupplierReservation | None:
    """The reservation of a market by the supplier's number, or by our reference."""
    known = _r.c.supplier_number == number if number else _r.c.reference == reference
    statement = select(SupplierReservation).where(_r.c.supplier_id == supplier_id, known, _r.c.market == market)
    return (await session.execute(statement.limit(1))).scalar_one_or_none()


async def list_beginning_on(
    session: AsyncSession, supplier_id: UUID, market: str, day: date
) -> list[SupplierReservation]:
    """Reservations of a market that begin on a day of the branch."""
    begin = datetime.combine(day, time())
    statement = select(SupplierReservation).where(
        _r.c.supplier_id == supplier_id, _r.c.pickup_local >= begin, _r.c.pickup_local < begin + timedelta(days=1),
        _r.c.market == market,
    )  # fmt: skip
    return list((await session.execute(statement.limit(MOST_OF_A_DAY))).scalars())


class PricedHire(NamedTuple):
    """The price of a reservation, and its length."""

    offer: dict[str, Any]
    currency: str
    pickup_local: datetime
    return_local: datetime


async def list_newest(session: AsyncSession, supplier_id: UUID) -> list[PricedHire]:
    """The prices of the newest reservations with a supplier."""
    columns = (_r.c.offer, _r.c.currency, _r.c.pickup_local, _r.c.return_local)
    statement = select(*columns).where(_r.c.supplier_id == supplier_id)
    rows = await session.execute(statement.order_by(_r.c.id.desc()).limit(MOST_NEWEST))
    return [PricedHire(*row) for row in rows]


async def find_by_code(session: AsyncSession, code: str) -> Supplier | None:
    """The supplier of a code, whoever asks."""
    if not code.isascii():
        return None
    return (await session.execute(select(Supplier).where(_s.c.code == code))).scalar_one_or_none()


async def find_told(
    session: AsyncSession, supplier_id: UUID, number: str, reference: str
) -> SupplierReservation | None:
    """The reservation that a supplier's message is about: by its number, or by our reference."""
    known = (
        or_(_r.c.supplier_number == number, _r.c.reference == reference)
        if reference
        else (_r.c.supplier_number == number)
    )
    statement = select(SupplierReservation).where(_r.c.supplier_id == supplier_id, known).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()

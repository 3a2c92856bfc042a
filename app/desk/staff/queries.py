"""Reading members of staff."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from uuid import UUID

import msgspec
from sqlalchemy import Boolean, ColumnElement, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.core.actor import Actor
from app.core.auth.staff import StaffFacts, StaffTable
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.permissions import ROLE_TITLES, Role
from app.core.read_pool import ReadPool, Row
from app.core.reads import ListRead, Query, Sort
from app.desk.staff.models import Staff

MAX_ADMINS = 1_000
MAX_STAFF = 1_000

_FACTS = "SELECT id, name, email, roles, markets, branches FROM staff WHERE id = %s AND is_disabled = 0"
_FACT_COLUMNS = ", ".join(f"staff.{name}" for name in ("id", "name", "email", "roles", "markets", "branches"))
_CREDENTIALS = "SELECT id, password_hash, is_disabled, is_emergency FROM staff WHERE email = %s"
_MATCHING = "SELECT id FROM staff WHERE name LIKE %s OR email LIKE %s ORDER BY name, id LIMIT 200"
# Branches belong to an area above this one; staff are given scopes by code, and only the names are read here.
_BRANCHES = "SELECT code, name, market FROM location WHERE is_active = 1 ORDER BY market, code LIMIT 2000"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a password is judged against."""

    staff_id: UUID
    password_hash: str | None
    is_emergency: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """A place that a scope can name."""

    code: str
    name: str
    market: str


async def find_facts(reads: ReadPool, staff_id: str) -> StaffFacts | None:
    """What a session needs to know; None when disabled or gone."""
    rows = await reads.fetch(_FACTS, (staff_id,))
    return _facts_of(rows[0]) if rows else None


def _facts_of(row: Row) -> StaffFacts | None:
    found, name, email, roles, markets, branches = row
    if found is None:
        return None
    return StaffFacts(str(found), name, email, tuple(msgspec.json.decode(roles)), _scope(markets), _scope(branches))


STAFF_TABLE = StaffTable(
    join="LEFT JOIN staff ON staff.id = staff_id AND staff.is_disabled = 0", columns=_FACT_COLUMNS, read=_facts_of
)


def _scope(value: str | None) -> frozenset[str] | None:
    decoded = msgspec.json.decode(value) if value is not None else None
    return None if decoded is None else frozenset(decoded)


async def find_credentials(reads: ReadPool, email: str) -> Credentials | None:
    """The stored hash of an account that may sign in; no connection is held while it is compared."""
    rows = await reads.fetch(_CREDENTIALS, (email.strip().lower(),))
    if not rows or rows[0][2]:
        return None
    return Credentials(UUID(str(rows[0][0])), rows[0][1], bool(rows[0][3]))


async def find_by_email(session: AsyncSession, email: str) -> Staff | None:
    """The person of this address, whatever its case."""
    statement = select(Staff).where(col(Staff.email) == email.strip().lower())
    return (await session.execute(statement)).scalar_one_or_none()


async def find_staff(session: AsyncSession, staff_id: UUID) -> Staff | None:
    """The person of this id, or None."""
    return await session.get(Staff, staff_id)


async def find_visible(session: AsyncSession, record_id: UUID, actor: Actor) -> Staff | None:
    """The person of this id, for those who may see staff."""
    return await session.get(Staff, record_id) if actor.may("staff.view") else None


async def get_staff(session: AsyncSession, staff_id: UUID) -> Staff:
    """Raises NotFound."""
    found = await session.get(Staff, staff_id)
    if found is None:
        raise NotFound
    return found


async def lock_staff(session: AsyncSession, staff_id: UUID) -> Staff:
    """The row, locked until the end of the transaction. Raises NotFound."""
    found = await session.get(Staff, staff_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def lock_active_admins(session: AsyncSession) -> list[UUID]:
    """The administrators who can sign in, locked in one order, so that two of them cannot remove each other at once."""
    statement = (
        select(col(Staff.id))
        .where(
            func.json_contains(col(Staff.roles), '"admin"') == 1,
            col(Staff.is_disabled).is_(False),
            col(Staff.password_hash).isnot(None),
        )
        .order_by(col(Staff.id))
        .limit(MAX_ADMINS)
        .with_for_update()
    )
    return list((await session.execute(statement)).scalars())


async def list_all_staff(session: AsyncSession) -> list[Staff]:
    """Everybody by address, for the command line."""
    return list((await session.execute(select(Staff).order_by(col(Staff.email)).limit(MAX_STAFF))).scalars())


async def list_active(session: AsyncSession) -> list[Staff]:
    """Everybody who may sign in, by name."""
    statement = select(Staff).where(col(Staff.is_disabled).is_(False)).order_by(col(Staff.name)).limit(MAX_STAFF)
    return list((await session.execute(statement)).scalars())


async def list_branches(reads: ReadPool) -> list[Branch]:
    """The branches that a scope can name, by market."""
    return [Branch(*row) for row in await reads.fetch(_BRANCHES)]


class StaffItem(msgspec.Struct, frozen=True):
    """One row of the list of staff."""

    id: str
    name: str
    email: str
    roles: list[str]
    markets: list[str]
    has_all_markets: bool
    state: str
    has_second_factor: bool
    last_signed_in_at: str | None


STATES = ("active", "invited", "disabled")
_TABLE = Staff.__table__  # pyright: ignore[reportAttributeAccessIssue]
# Literal, because a compiled list knows no values but those that are asked for.
_STATE = literal_column(
    "CASE WHEN staff.is_disabled THEN 'disabled' WHEN staff.password_hash IS NULL THEN 'invited' ELSE 'active' END"
)

SPEC = ListSpec(
    filters=(
        Filter("role", "Role", "choice", tuple((role.value, title) for role, title in ROLE_TITLES.items())),
        Filter("state", "State", "choice", tuple((state, state.capitalize()) for state in STATES)),
    ),
    sorts=("name", "last_signed_in_at"),
    default_sort="name",
)


def _any_of(name: str, values: Iterable[str]) -> ColumnElement[bool]:
    if name == "state":
        return or_(*(literal_column(f"{_STATE} = '{value}'", Boolean) for value in values))
    return or_(*(literal_column(f"JSON_CONTAINS(staff.roles, '\"{value}\"')", Boolean) for value in values))


def _conditions() -> dict[str, ColumnElement[bool]]:
    """One condition per set of values that can be chosen: roles lie in a JSON list, states follow from columns."""
    return {
        f"{name}:{'|'.join(chosen)}": _any_of(name, chosen)
        for name, values in (("role", sorted(Role)), ("state", sorted(STATES)))
        for width in range(1, len(values) + 1)
        for chosen in combinations(values, width)
    }


staff_list: ListRead[StaffItem] = ListRead(
    StaffItem,
    table=_TABLE,
    columns={
        "id": _TABLE.c.id,
        "name": _TABLE.c.name,
        "email": _TABLE.c.email,
        "roles": _TABLE.c.roles,
        "markets": _TABLE.c.markets,
        "has_all_markets": _TABLE.c.markets.is_(None),
        "state": _STATE,
        "has_second_factor": _TABLE.c.totp_since.isnot(None),
        "last_signed_in_at": _TABLE.c.last_signed_in_at,
    },
    where=_conditions(),
    sorts={"name": Sort(_TABLE.c.name, "ix_staff_name"), "last_signed_in_at": Sort(_TABLE.c.last_signed_in_at)},
    scope={},
)


def by_conditions(query: Query) -> Query:
    """The query with each filter's values turned into the one condition that stands for them."""
    return replace(
        query, filters={f"{name}:{'|'.join(map(str, values))}": [1] for name, values in query.filters.items()}
    )


async def find_ids(reads: ReadPool, text: str) -> list[str]:
    """People whose name or address contains a text."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return [str(row[0]) for row in await reads.fetch(_MATCHING, (f"%{escaped}%", f"%{escaped}%"))]

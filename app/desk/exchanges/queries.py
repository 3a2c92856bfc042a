"""Reading what was said to partners."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort
from app.desk.exchanges.schemas import ExchangeItem

NEWEST_SEARCHED = 2_000
"""Free text looks into the bodies of so many of the newest exchanges."""
MOST_BESIDE = 10

OUTCOME_WORDS = {outcome.value: outcome.value.replace("_", " ").capitalize() for outcome in Outcome}


class BesideMany(NamedTuple):
    """An exchange, and the record that it was about."""

    subject_id: str
    exchange_id: str
    at: str
    operation: str
    outcome: Outcome
    reason: str
    milliseconds: int


_e = PartnerExchange.__table__  # type: ignore[attr-defined]  # pyright: ignore

SPEC = ListSpec(
    filters=(
        Filter("partner", "Partner", "code"),
        Filter("operation", "Operation", "code"),
        Filter("outcome", "Outcome", "choice", tuple(OUTCOME_WORDS.items())),
        Filter("correlation", "Request or job", "text"),
        Filter("subject", "Record id", "text", is_offered=False),
        Filter("at_after", "From", "day"),
        Filter("at_before", "To", "day"),
    ),
    sorts=("at",),
    default_sort="-at",
)

_newest = select(_e.c.id, _e.c.request_body, _e.c.response_body).order_by(_e.c.id.desc())
_recent = _newest.limit(literal_column(str(NEWEST_SEARCHED))).subquery("recent")


def _next_day(day: str | int) -> str:
    """The end of a day, which belongs to what is asked for."""
    return (date.fromisoformat(str(day)) + timedelta(days=1)).isoformat()


exchanges = ListRead(
    ExchangeItem,
    table=_e,
    columns={name: _e.c[name] for name in ExchangeItem.__struct_fields__},
    where={
        "partner": _e.c.partner,
        "operation": _e.c.operation,
        "outcome": _e.c.outcome,
        "correlation": _e.c.correlation,
        "subject": _e.c.subject_id,
        "at_after": _e.c.at >= bindparam("at_after_0"),
        "at_before": _e.c.at < bindparam("at_before_0"),
        "q": _e.c.id.in_(
            select(_recent.c.id).where(
                or_(_recent.c.request_body.like(bindparam("q_0")), _recent.c.response_body.like(bindparam("q_0")))
            )
        ),
    },
    prepare={"at_before": _next_day, "q": lambda text: f"%{_literal(str(text))}%"},
    # Ids are ordered by the moment they were made.
    sorts={"at": Sort(_e.c.id, "PRIMARY")},
    scope={"market": _e.c.market},
    indexes={
        frozenset({"partner", "sort:at"}): "ix_partner_exchange_partner",
        frozenset({"outcome", "sort:at"}): "ix_partner_exchange_outcome",
        frozenset({"correlation", "sort:at"}): "ix_partner_exchange_correlation",
    },
)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def get_exchange(session: AsyncSession, exchange_id: UUID, actor: Actor) -> PartnerExchange:
    """Raises NotFound, also outside one's markets."""
    found = await session.get(PartnerExchange, exchange_id)
    if found is None or (actor.markets is not None and found.market not in actor.markets):
        raise NotFound
    return found


async def find_by_correlation(session: AsyncSession, correlation: str, actor: Actor) -> PartnerExchange | None:
    """The newest exchange of a correlation, inside one's markets."""
    statement = select(PartnerExchange).where(_e.c.correlation == correlation).order_by(_e.c.id.desc()).limit(1)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is not None and actor.markets is not None and found.market not in {None, *actor.markets}:
        return None
    return found


async def list_beside(session: AsyncSession, kind: str, record_id: UUID) -> list[PartnerExchange]:
    """The newest exchanges about a record."""
    statement = select(PartnerExchange).where(_e.c.subject_kind == kind, _e.c.subject_id == record_id)
    return list((await session.execute(statement.order_by(_e.c.id.desc()).limit(MOST_BESIDE))).scalars())


async def list_of_many(reads: ReadPool, kind: str, ids: Sequence[str], each: int) -> list[BesideMany]:
    """The newest exchanges about each of some records, by as many seeks as there are records."""
    one = (
        "(SELECT subject_id, id, at, operation, outcome, reason, milliseconds FROM partner_exchange"
        " FORCE INDEX (ix_partner_exchange_subject) WHERE subject_kind = %s AND subject_id = %s"
        " ORDER BY id DESC LIMIT %s)"
    )
    values = [value for record_id in ids for value in (kind, record_id, each)]
    rows = await reads.fetch(" UNION ALL ".join([one] * len(ids)), values) if ids else []
    found = [BesideMany(str(row[0]), str(row[1]), row[2], row[3], Outcome(row[4]), row[5], int(row[6])) for row in rows]
    return sorted(found, key=lambda line: line.exchange_id, reverse=True)


async def list_of_partner(session: AsyncSession, partner: str, limit: int) -> list[PartnerExchange]:
    """The newest exchanges with a partner."""
    statement = select(PartnerExchange).where(_e.c.partner == partner).order_by(_e.c.id.desc()).limit(limit)
    return list((await session.execute(statement)).scalars())


DIMENSIONS = frozenset({"partner", "operation", "slot_at", "kind", "bucket"})


async def list_tallies(
    reads: ReadPool, span: str, since: datetime, by: Sequence[str], *, partner: str, markets: frozenset[str] | None
) -> list[tuple[Any, ...]]:
    """Calls and the last moment by some dimensions, of partners whose key begins so; with `$` at its end, of one."""
    if not DIMENSIONS.issuperset(by):
        raise ValueError(f"no dimensions of tallies: {by}")
    is_one = partner.endswith("$")
    values: list[Any] = [
        span,
        since.replace(tzinfo=None),
        partner.removesuffix("$") if is_one else f"{_literal(partner)}%",
    ]
    where = "span = %s AND slot_at >= %s AND partner " + ("= %s" if is_one else "LIKE %s")
    if markets is not None:
        where += f" AND market IN ({', '.join(['%s'] * len(markets)) or 'NULL'})"
        values += sorted(markets)
    names = ", ".join(by)
    sql = f"SELECT {names}, SUM(calls), MAX(last_at) FROM partner_tally WHERE {where} GROUP BY {names}"  # noqa: S608 - our words
    return [(*row[:-2], int(row[-2]), row[-1]) for row in await reads.fetch(sql, values)]


async def list_partners(reads: ReadPool) -> list[str]:
    """Every partner that was spoken to."""
    return [row[0] for row in await reads.fetch("SELECT DISTINCT partner FROM partner_exchange ORDER BY 1 LIMIT 200")]


async def list_operations(reads: ReadPool) -> list[str]:
    """What partners were asked for lately."""
    rows = await reads.fetch(
        "SELECT DISTINCT operation FROM (SELECT operation FROM partner_exchange ORDER BY id DESC LIMIT 2000) recent"
        " ORDER BY 1"
    )
    return [row[0] for row in rows]

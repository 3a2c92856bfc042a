"""Reading what was said to partners."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import Outcome
from app.core.partners.tallies import FINE, Span
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Query, Sort
from app.desk.exchanges.schemas import ExchangeItem
from app.kit.ids import first_id_at

NEWEST_SEARCHED = 2_000
"""Free text looks into the bodies of so many of the newest exchanges that the filters leave."""
MOST_WITH_TEXT = 200
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


def _first_of(day: str | int, later: timedelta = timedelta()) -> str:
    """The edge of a day among the ids."""
    return str(first_id_at(datetime.combine(date.fromisoformat(str(day)), time(), UTC) + later))


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
        "at_after": _e.c.id >= bindparam("at_after_0"),
        "at_before": _e.c.id < bindparam("at_before_0"),
    },
    prepare={"at_after": _first_of, "at_before": lambda day: _first_of(day, timedelta(days=1))},
    # Ids are of the moment of their exchange, so that days are ranges of them.
    sorts={"at": Sort(_e.c.id, "PRIMARY")},
    scope={"market": _e.c.market},
    indexes={
        frozenset({"partner", "sort:at"}): "ix_partner_exchange_partner",
        frozenset({"operation", "sort:at"}): "ix_partner_exchange_operation",
        frozenset({"outcome", "sort:at"}): "ix_partner_exchange_outcome",
        frozenset({"correlation", "sort:at"}): "ix_partner_exchange_correlation",
    },
)


async def search_text(reads: ReadPool, text: str, query: Query, actor: Actor) -> list[ExchangeItem]:
    """Those whose bodies hold a text, among the newest of what the filters leave, at most a page of them."""
    newest, values = exchanges.compiled(replace(query, sort="-at", limit=NEWEST_SEARCHED - 1, cursor=None), actor)
    like = f"%{_literal(text)}%"
    rows = await reads.fetch(
        f"SELECT e.id FROM ({newest}) newest JOIN partner_exchange e ON e.id = newest.id"  # noqa: S608 - our own statement
        " WHERE e.request_body LIKE %s OR e.response_body LIKE %s ORDER BY e.id DESC LIMIT %s",
        [*values, like, like, MOST_WITH_TEXT],
    )
    found = await exchanges.by_ids(reads, [str(row[0]) for row in rows], actor)
    return found if query.sort.startswith("-") else found[::-1]


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
    reads: ReadPool, span: Span, since: datetime, by: Sequence[str], *, partner: str, markets: frozenset[str] | None
) -> list[tuple[Any, ...]]:
    """Calls and the last moment by some dimensions, of partners whose key begins so; with `$` at its end, of one.

    Either by `kind` or by `bucket`: ends and times are counted apart where they can be.
    """
    if not DIMENSIONS.issuperset(by) or {"kind", "bucket"}.issubset(by):
        raise ValueError(f"no dimensions of tallies: {by}")
    is_rolled = span is not FINE and (markets is None or "operation" not in by)
    where, values = _rolled(by, markets) if is_rolled else _told_apart(markets)
    is_one = partner.endswith("$")
    names, table = ", ".join(by), "partner_rollup" if is_rolled else "partner_tally"
    sql = (
        f"SELECT {names}, SUM(calls), MAX(last_at) FROM {table} WHERE span = %s{where} AND slot_at >= %s"  # noqa: S608 - our words
        f" AND partner {'= %s' if is_one else 'LIKE %s'} GROUP BY {names}"
    )
    key = partner.removesuffix("$") if is_one else f"{_literal(partner)}%"
    rows = await reads.fetch(sql, [span.name, *values, since.replace(tzinfo=None), key])
    return [(*row[:-2], int(row[-2]), row[-1]) for row in rows]


def _told_apart(markets: frozenset[str] | None) -> tuple[str, list[str]]:
    """The condition for rows that tell everything apart."""
    return ("", []) if markets is None else (f" AND market IN ({_places(markets)})", sorted(markets))


def _rolled(by: Sequence[str], markets: frozenset[str] | None) -> tuple[str, list[str]]:
    """The condition for rows over all operations, over all markets, or over both."""
    over = f" AND market IN ({_places(markets)})" if markets is not None else " AND market = '*'"
    over += " AND operation <> '*'" if "operation" in by else " AND operation = '*'"
    return over + (" AND kind = '*'" if "bucket" in by else " AND bucket = -1"), sorted(markets or ())


def _places(values: frozenset[str]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"


async def find_last_answer(reads: ReadPool, partner: str, markets: frozenset[str] | None) -> str | None:
    """When a partner last did its part, however long ago it is kept."""
    scope, values = ("", []) if markets is None else (f" AND market IN ({_places(markets)})", sorted(markets))
    one = (
        "(SELECT at FROM partner_exchange WHERE outcome = %s AND partner = %s"  # noqa: S608 - our words
        f"{scope} ORDER BY id DESC LIMIT 1)"
    )
    answered = (Outcome.ANSWERED.value, Outcome.REFUSED.value)
    asked = [value for outcome in answered for value in (outcome, partner, *values)]
    rows = await reads.fetch(" UNION ALL ".join([one] * len(answered)), asked)
    return max((row[0] for row in rows), default=None)


async def list_partners(reads: ReadPool) -> list[str]:
    """Every partner that was spoken to."""
    return [row[0] for row in await reads.fetch("SELECT DISTINCT partner FROM partner_exchange ORDER BY 1 LIMIT 200")]


async def list_operations(reads: ReadPool) -> list[str]:
    """What partners were asked for."""
    rows = await reads.fetch("SELECT DISTINCT operation FROM partner_exchange ORDER BY 1 LIMIT 200")
    return [row[0] for row in rows]

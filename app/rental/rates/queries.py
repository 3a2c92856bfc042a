"""Reading rate cards. The scope is the market: a card is for several branches or for all of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Text, bindparam, case, func, literal_column, null, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.area import DataCheck
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort, scope_sql
from app.kit.hire_pricing.card_terms import CardTerms, Snapshot
from app.kit.markets import MARKETS
from app.rental.rates.models import RateCard, RateCardVersion
from app.rental.rates.rules import IN_FORCE, WILD, VersionState
from app.rental.rates.schemas import STATE_WORDS, RateCardItem

_c = RateCard.__table__  # type: ignore[attr-defined]  # pyright: ignore
_v = RateCardVersion.__table__  # type: ignore[attr-defined]  # pyright: ignore

MOST_VERSIONS = 200
MOST_CARDS = 2_000
MOST_DUE = 500

SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items()), facet="state"),
        Filter(
            "market", "Market", "choice", tuple((code, market.name) for code, market in MARKETS.items()), facet="market"
        ),
        Filter("acriss", "Class", "code", facet="class"),
        Filter("brand", "Brand", "text"),
        Filter("has_draft", "With a draft", "choice", (("yes", "Yes"),), facet="has_draft"),
        Filter("updated_after", "Changed after", "moment", search_field="updated_at"),
        Filter("updated_before", "Changed before", "moment", search_field="updated_at"),
    ),
    sorts=("updated_at", "name", "acriss"),
    default_sort="name",
)

_BRANCHES = case(
    (_c.c.branches == literal_column("''"), null()),
    else_=func.concat(
        literal_column("'[\"'"),
        func.replace(_c.c.branches, literal_column("','"), literal_column("'\",\"'")),
        literal_column("'\"]'"),
    ),
)
"""The codes as a JSON list, as the list reads them; nothing for the whole market."""

cards = ListRead(
    RateCardItem,
    table=_c,
    columns={
        name: _c.c[name]
        for name in (
            "id",
            "market",
            "name",
            "brand",
            "acriss",
        )
    }
    | {"branches": _BRANCHES}
    | {
        name: _c.c[name]
        for name in (
            "currency",
            "state",
            "active_number",
            "active_from",
            "next_number",
            "next_from",
            "draft_number",
            "newest_number",
            "version",
            "created_at",
            "updated_at",
        )
    },
    where={
        **{name: _c.c[name] for name in ("state", "market", "acriss")},
        "brand": _c.c.brand == bindparam("brand_0"),
        "has_draft": _c.c.draft_number.is_not(None) & (bindparam("has_draft_0") == literal_column("'yes'")),
        "updated_after": _c.c.updated_at > bindparam("updated_after_0"),
        "updated_before": _c.c.updated_at < bindparam("updated_before_0"),
    },
    sorts={
        "updated_at": Sort(_c.c.updated_at, "ix_rate_card_updated_at"),
        "name": Sort(_c.c.name, "ix_rate_card_name"),
        "acriss": Sort(_c.c.acriss, "ix_rate_card_acriss"),
    },
    scope={"market": _c.c.market},
    indexes={
        frozenset({"state", "sort:updated_at"}): "ix_rate_card_state",
        frozenset({"market", "sort:updated_at"}): "ix_rate_card_market",
    },
)


CHECKS = (
    DataCheck(
        "I14",
        "Versions of a rate card that price the same pick-ups",
        "SELECT a.id FROM rate_card_version a JOIN rate_card_version b ON b.rate_card_id = a.rate_card_id "
        "AND b.number > a.number AND b.state IN ('approved', 'active', 'superseded') "
        "WHERE a.state IN ('approved', 'active', 'superseded') "
        "AND GREATEST(a.valid_from, b.valid_from) < LEAST(COALESCE(a.valid_until, DATE'9999-12-31'), "
        "COALESCE(b.valid_until, DATE'9999-12-31'))",
    ),
    DataCheck(
        "I14",
        "Rate cards that tell of a draft or a version in force that is none",
        "SELECT c.id FROM rate_card c LEFT JOIN rate_card_version d ON d.rate_card_id = c.id AND d.state = 'draft' "
        "LEFT JOIN rate_card_version a ON a.rate_card_id = c.id AND a.state = 'active' "
        "WHERE NOT (c.draft_number <=> d.number) OR NOT (c.active_number <=> a.number)",
    ),
)


def is_seen(card: RateCard, actor: Actor) -> bool:
    """Whether the card's market is in the actor's scope."""
    return actor.markets is None or card.market in actor.markets


async def find_card(session: AsyncSession, card_id: UUID, actor: Actor) -> RateCard | None:
    """The card, when the actor may see it."""
    found = await session.get(RateCard, card_id)
    return found if found is not None and is_seen(found, actor) else None


async def get_card(session: AsyncSession, card_id: UUID, actor: Actor) -> RateCard:
    """Raises NotFound when there is none in the actor's scope."""
    found = await find_card(session, card_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_card(session: AsyncSession, card_id: UUID, actor: Actor) -> RateCard:
    """As `get_card`, locked until the end of the transaction; its versions are changed under this lock alone."""
    found = await session.get(RateCard, card_id, with_for_update=True, populate_existing=True)
    if found is None or not is_seen(found, actor):
        raise NotFound
    return found


async def find_same(session: AsyncSession, *, market: str, brand: str, acriss: str, branches: str) -> RateCard | None:
    """Another card for exactly the same hires."""
    wanted = {"market": market, "brand": brand, "acriss": acriss, "branches": branches}
    statement = select(RateCard).where(*(_c.c[name] == value for name, value in wanted.items()))
    return (await session.execute(statement)).scalar_one_or_none()


async def list_versions(session: AsyncSession, card_id: UUID) -> list[RateCardVersion]:
    """The versions of a card, the newest first."""
    statement = (
        select(RateCardVersion).where(_v.c.rate_card_id == card_id).order_by(_v.c.number.desc()).limit(MOST_VERSIONS)
    )
    return list((await session.execute(statement)).scalars())


async def find_version(session: AsyncSession, card_id: UUID, number: int) -> RateCardVersion | None:
    """One version of a card."""
    statement = select(RateCardVersion).where(_v.c.rate_card_id == card_id, _v.c.number == number)
    return (await session.execute(statement)).scalar_one_or_none()


async def get_version(session: AsyncSession, card_id: UUID, number: int) -> RateCardVersion:
    """Raises NotFound."""
    found = await find_version(session, card_id, number)
    if found is None:
        raise NotFound
    return found


async def list_due_cards(session: AsyncSession, today: date) -> list[UUID]:
    """Cards with a version that begins or ends by its dates."""
    begins = (_v.c.state == VersionState.APPROVED) & (_v.c.valid_from <= today)
    ends = _v.c.state.in_([VersionState.APPROVED, VersionState.ACTIVE]) & (_v.c.valid_until <= today)
    statement = select(_v.c.rate_card_id).where(or_(begins, ends)).distinct().limit(MOST_DUE)
    return list((await session.execute(statement)).scalars())


_FITTING = (
    select(
        *(_c.c[name] for name in ("id", "name", "market", "currency", "brand", "acriss", "branches")),
        _v.c.number,
        _v.c.valid_from,
        type_coerce(_v.c.terms, Text),
    )
    .select_from(_c.join(_v, _v.c.rate_card_id == _c.c.id))
    .where(_c.c.market == bindparam("market"))
    .where(bindparam("acriss", type_=_c.c.acriss.type).like(func.replace(_c.c.acriss, WILD, "_")))
    .where(_v.c.state.in_(IN_FORCE), _v.c.valid_from <= bindparam("day"))
    .where(or_(_v.c.valid_until.is_(None), _v.c.valid_until > bindparam("day")))
    .order_by(_c.c.id)
    .limit(MOST_CARDS)
)
"""Made once and without records: each booking asks it."""


async def list_fitting(session: AsyncSession, market: str, acriss: str, day: date) -> list["CardOnDay"]:
    """The cards of a market that a class falls under, each with the version that prices pick-ups of a day."""
    found = await session.execute(_FITTING, {"market": market, "acriss": acriss, "day": day})
    return [_on_day(*row) for row in found]


class CardOnDay(msgspec.Struct, frozen=True):
    """The version of a card that prices pick-ups of a day."""

    brand: str
    acriss: str
    branch_codes: tuple[str, ...]
    snapshot: Snapshot


class DatedCard(msgspec.Struct, frozen=True):
    """A version with the day from which it no longer prices pick-ups, if there is one."""

    card: CardOnDay
    valid_until: date | None

    def prices(self, day: date) -> bool:
        """Whether it prices pick-ups of a day."""
        return self.card.snapshot.valid_from <= day and (self.valid_until is None or day < self.valid_until)


async def list_in_force(reads: ReadPool, market: str, day: date) -> list[CardOnDay]:
    """The cards of a market, each with the version that prices pick-ups of a day."""
    states = ", ".join(["%s"] * len(IN_FORCE))
    sql = (
        "SELECT c.id, c.name, c.market, c.currency, c.brand, c.acriss, c.branches, v.number, v.valid_from, v.terms "  # noqa: S608
        "FROM rate_card c JOIN rate_card_version v ON v.rate_card_id = c.id "
        f"WHERE c.market = %s AND v.state IN ({states}) AND v.valid_from <= %s "
        f"AND (v.valid_until IS NULL OR v.valid_until > %s) ORDER BY c.id LIMIT {MOST_CARDS}"
    )
    rows = await reads.fetch(sql, [market, *(state.value for state in IN_FORCE), day, day])
    return [_on_day(*row) for row in rows]


async def list_between(reads: ReadPool, markets: Sequence[str], first: date, last: date) -> list[DatedCard]:
    """The versions of markets that price pick-ups of any day of a stretch, both ends included."""
    states, places = ", ".join(["%s"] * len(IN_FORCE)), ", ".join(["%s"] * len(markets))
    sql = (
        "SELECT v.valid_until, c.id, c.name, c.market, c.currency, c.brand, c.acriss, c.branches, v.number, "  # noqa: S608
        "v.valid_from, v.terms FROM rate_card c JOIN rate_card_version v ON v.rate_card_id = c.id "
        f"WHERE c.market IN ({places}) AND v.state IN ({states}) AND v.valid_from <= %s "
        f"AND (v.valid_until IS NULL OR v.valid_until > %s) ORDER BY c.id LIMIT {MOST_CARDS}"
    )
    rows = await reads.fetch(sql, [*markets, *(state.value for state in IN_FORCE), last, first])
    return [DatedCard(_on_day(*row[1:]), row[0]) for row in rows]


def _on_day(
    key: Any, name: str, market: str, currency: str, brand: str, acriss: str, branches: str, number: int,
    valid_from: date, terms: Any,
) -> CardOnDay:  # fmt: skip
    snapshot = Snapshot(
        card_id=str(key),
        card_name=name,
        version_number=number,
        market=market,
        currency=currency,
        acriss=acriss,
        valid_from=valid_from,
        terms=msgspec.json.decode(terms, type=CardTerms),
    )
    return CardOnDay(brand, acriss, tuple(code for code in branches.split(",") if code), snapshot)


async def find_simply(reads: ReadPool, text: str, actor: Actor, limit: int) -> list[tuple[str, str, str, str]]:
    """Cards by the beginning of their name or class, while the search engine is away."""
    typed = text.replace("%", "").replace("_", "").strip()
    if not typed:
        return []
    scope, values = scope_sql(actor, market="market")
    sql = (
        "SELECT id, acriss, name, market FROM rate_card "  # noqa: S608
        f"WHERE (name LIKE %s OR CONVERT(acriss USING utf8mb4) LIKE %s){scope} ORDER BY name LIMIT {int(limit)}"
    )
    rows = await reads.fetch(sql, [f"{typed}%", f"{typed.upper()}%", *values])
    return [(str(row[0]), row[1], row[2], row[3]) for row in rows]


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, RateCardItem]:
    """Cards as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await cards.by_ids(reads, ids, actor)}


async def list_rows(reads: ReadPool, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """What a search document is made of."""
    places = ", ".join(["%s"] * len(ids))
    sql = (
        "SELECT id, version, market, name, brand, acriss, branches, state, draft_number, updated_at "  # noqa: S608
        f"FROM rate_card WHERE id IN ({places})"
    )
    return await reads.fetch(sql, list(ids))

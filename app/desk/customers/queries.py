"""Reading customers. The scope is the market: branches say nothing about customers."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort, scope_sql
from app.desk.customers.models import Customer
from app.desk.customers.schemas import KIND_WORDS, CustomerItem
from app.desk.tags.services import tagged
from app.kit.identifiers import normalise_email, normalise_phone
from app.kit.markets import MARKETS

_c = Customer.__table__  # type: ignore[attr-defined]  # pyright: ignore
MOST_DUPLICATES = 20

SPEC = ListSpec(
    filters=(
        Filter("kind", "Kind", "choice", tuple(KIND_WORDS.items()), facet="type"),
        Filter(
            "market", "Market", "choice", tuple((code, market.name) for code, market in MARKETS.items()), facet="market"
        ),
        Filter("tag", "Tag", "code", facet="tags"),
        Filter("language", "Language", "code"),
        Filter("email", "E-mail", "text"),
        Filter("phone", "Phone", "text"),
        Filter("updated_after", "Changed after", "moment", search_field="updated_at"),
        Filter("updated_before", "Changed before", "moment", search_field="updated_at"),
    ),
    sorts=("updated_at", "created_at", "name"),
    default_sort="-updated_at",
)

customers = ListRead(
    CustomerItem,
    table=_c,
    columns={
        name: _c.c[name]
        for name in (
            "id",
            "market",
            "kind",
            "name",
            "given_name",
            "family_name",
            "company_name",
            "born_on",
            "identity_number_masked",
            "email",
            "phone",
            "address",
            "iban_masked",
            "language",
            "tags",
            "version",
            "created_at",
            "updated_at",
        )
    },
    where={
        **{name: _c.c[name] for name in ("kind", "market", "language")},
        "tag": tagged("customer", _c.c.id),
        "email": _c.c.email == bindparam("email_0"),
        "phone": _c.c.phone == bindparam("phone_0"),
        "updated_after": _c.c.updated_at > bindparam("updated_after_0"),
        "updated_before": _c.c.updated_at < bindparam("updated_before_0"),
    },
    sorts={
        "updated_at": Sort(_c.c.updated_at, "ix_customer_updated_at"),
        "created_at": Sort(_c.c.created_at, "ix_customer_created_at"),
        "name": Sort(_c.c.name, "ix_customer_name"),
    },
    scope={"market": _c.c.market},
    indexes={
        frozenset({"kind", "sort:updated_at"}): "ix_customer_kind",
        frozenset({"market", "sort:updated_at"}): "ix_customer_market",
    },
    prepare={
        "email": lambda text: normalise_email(str(text)) or str(text).lower(),
        "phone": lambda text: normalise_phone(str(text), None) or str(text),
    },
)


def is_seen(customer: Customer, actor: Actor) -> bool:
    """Whether the customer's market is in the actor's scope."""
    return actor.markets is None or customer.market in actor.markets


async def find_customer(session: AsyncSession, customer_id: UUID, actor: Actor) -> Customer | None:
    """The customer, when the actor may see them."""
    found = await session.get(Customer, customer_id)
    return found if found is not None and is_seen(found, actor) else None


async def get_customer(session: AsyncSession, customer_id: UUID, actor: Actor) -> Customer:
    """Raises NotFound when there is none in the actor's scope."""
    found = await find_customer(session, customer_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_customer(session: AsyncSession, customer_id: UUID, actor: Actor) -> Customer:
    """As `get_customer`, locked until the end of the transaction."""
    found = await session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
    if found is None or not is_seen(found, actor):
        raise NotFound
    return found


async def list_sharing(
    session: AsyncSession, values: Mapping[str, Sequence[str]], actor: Actor, *, besides: UUID | None
) -> list[Customer]:
    """Customers in the actor's scope that share one of these values of a column."""
    if not values:
        return []
    statement = select(Customer).where(or_(*(_c.c[name].in_(wanted) for name, wanted in values.items())))
    if actor.markets is not None:
        statement = statement.where(_c.c.market.in_(actor.markets))
    if besides is not None:
        statement = statement.where(_c.c.id != besides)
    return list((await session.execute(statement.order_by(_c.c.id).limit(MOST_DUPLICATES))).scalars())


async def find_simply(reads: ReadPool, text: str, actor: Actor, limit: int) -> list[tuple[str, str, str, str]]:
    """Customers by the beginning of name, family name, e-mail or phone, while the search engine is away."""
    typed = text.replace("%", "").replace("_", "").strip()
    if not typed:
        return []
    scope, values = scope_sql(actor, market="market")
    digits = "+" + "".join(mark for mark in typed if mark.isascii() and mark.isdigit())
    wanted = [("name", typed), ("family_name", typed), ("email", typed.lower())]
    wanted += [("phone", digits)] if len(digits) > 4 else []
    branches = " UNION ".join(
        f"(SELECT id FROM customer WHERE {column} LIKE %s{scope} LIMIT {int(limit)})"  # noqa: S608
        for column, _ in wanted
    )
    parameters = [part for _, value in wanted for part in (f"{value}%", *values)]
    sql = (
        "SELECT c.id, '', c.name, CONCAT_WS(', ', c.market, c.email, c.phone) "  # noqa: S608
        f"FROM ({branches}) found JOIN customer c ON c.id = found.id ORDER BY c.name LIMIT {int(limit)}"
    )
    return [(str(row[0]), row[1], row[2], row[3]) for row in await reads.fetch(sql, parameters)]


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, CustomerItem]:
    """Customers as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await customers.by_ids(reads, ids, actor)}


async def list_rows(reads: ReadPool, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """What a search document is made of; nothing that is secret."""
    places = ", ".join(["%s"] * len(ids))
    sql = (
        "SELECT id, version, market, kind, name, email, phone, JSON_VALUE(address, '$.city'), updated_at, tags "  # noqa: S608
        f"FROM customer WHERE id IN ({places})"
    )
    return await reads.fetch(sql, list(ids))

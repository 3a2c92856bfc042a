"""Reading applications. The scope is the market: branches say nothing about credit."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, func, literal_column, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import NotFound
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Sort, ascii_text, scope_sql
from app.credit.applications.models import Application
from app.credit.applications.rules import ApplicationState
from app.credit.applications.schemas import PRODUCT_WORDS, STATE_WORDS, ApplicationItem
from app.desk.customers.models import Customer
from app.desk.imports.services.lists import BY_IMPORT, imported
from app.desk.staff.models import Staff
from app.desk.tags.services import tagged
from app.kit.ids import normalise_reference
from app.kit.markets import MARKETS

_a = Application.__table__  # type: ignore[attr-defined]  # pyright: ignore
_c = Customer.__table__.alias("applicant")  # type: ignore[attr-defined]  # pyright: ignore

_s = Staff.__table__.alias("assignee")  # type: ignore[attr-defined]  # pyright: ignore

_FACTS = [
    part
    for name in ("name", "kind", "born_on", "identity_number_masked", "email", "phone")
    for part in (literal_column(f"'{name}'"), _c.c[name])
]
_APPLICANT = case((_c.c.id.is_(None), null()), else_=func.json_object(*_FACTS))

SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items()), facet="state"),
        Filter(
            "market", "Market", "choice", tuple((code, market.name) for code, market in MARKETS.items()), facet="market"
        ),
        Filter("product", "Product", "choice", tuple(PRODUCT_WORDS.items()), facet="product"),
        Filter("channel", "Channel", "code", facet="channel"),
        Filter("tag", "Tag", "code", facet="tags"),
        BY_IMPORT,
        Filter("currency", "Currency", "code", facet="currency"),
        Filter("assignee", "Assigned to", "id", facet="assignee"),
        Filter("unassigned", "Nobody's", "choice", (("yes", "yes"),), facet="unassigned", is_offered=False),
        Filter("reference", "Reference", "text"),
        Filter("customer_id", "Applicant", "id"),
        Filter("created_by", "Begun by", "id"),
        Filter("amount_from", "Amount from", "money", search_field="amount_minor"),
        Filter("amount_to", "Amount to", "money", search_field="amount_minor"),
        Filter("amount_min", "Amount from, minor units", "whole", search_field="amount_minor", is_offered=False),
        Filter("amount_max", "Amount to, minor units", "whole", search_field="amount_minor", is_offered=False),
        Filter("term_min", "Term from, months", "whole", search_field="term_months"),
        Filter("term_max", "Term to, months", "whole", search_field="term_months"),
        Filter("submitted_after", "Submitted after", "moment", search_field="submitted_at"),
        Filter("submitted_before", "Submitted before", "moment", search_field="submitted_at"),
        Filter("updated_after", "Changed after", "moment", search_field="updated_at"),
        Filter("updated_before", "Changed before", "moment", search_field="updated_at"),
        Filter("information_due_before", "Information due before", "day", search_field="information_due_on"),
    ),
    sorts=("updated_at", "created_at", "submitted_at", "amount", "term_months", "information_due_on"),
    default_sort="-updated_at",
)


def _least(column: Any, name: str) -> Any:
    return column >= bindparam(f"{name}_0", type_=column.type)


def _most(column: Any, name: str) -> Any:
    return column <= bindparam(f"{name}_0", type_=column.type)


applications = ListRead(
    ApplicationItem,
    table=_a,
    columns={
        **{name: _a.c[name] for name in ("id", "reference", "market", "product")},
        "amount": _a.c.amount_minor,
        "amount_currency": _a.c.amount_currency,
        **{name: _a.c[name] for name in ("term_months", "purpose", "customer_id", "co_applicant_id", "previous_id")},
        "applicant": _APPLICANT,
        **{
            name: _a.c[name] for name in ("household", "employment", "debts", "consents", "channel", "campaign", "tags")
        },
        "assignee_id": _a.c.assignee_id,
        "assignee_name": _s.c.name,
        **{name: _a.c[name] for name in ("state", "submitted_at", "information_items", "information_due_on")},
        **{name: _a.c[name] for name in ("decided_at", "decided_reason", "version", "created_at", "updated_at")},
    },
    joins=lambda page: page.outerjoin(_c, _c.c.id == _a.c.customer_id).outerjoin(_s, _s.c.id == _a.c.assignee_id),
    where={
        **{name: _a.c[name] for name in ("state", "market", "product", "channel", "customer_id", "created_by")},
        "currency": _a.c.amount_currency,
        "assignee": _a.c.assignee_id,
        "unassigned": _a.c.is_unassigned == literal_column("1"),
        "tag": tagged("application", _a.c.id),
        BY_IMPORT.name: imported(_a.c.id),
        "reference": _a.c.reference == bindparam("reference_0"),
        "amount_min": _least(_a.c.amount_minor, "amount_min"),
        "amount_max": _most(_a.c.amount_minor, "amount_max"),
        "amount_from": _least(_a.c.amount_minor, "amount_from"),
        "amount_to": _most(_a.c.amount_minor, "amount_to"),
        "term_min": _least(_a.c.term_months, "term_min"),
        "term_max": _most(_a.c.term_months, "term_max"),
        "submitted_after": _a.c.submitted_at > bindparam("submitted_after_0"),
        "submitted_before": _a.c.submitted_at < bindparam("submitted_before_0"),
        "updated_after": _a.c.updated_at > bindparam("updated_after_0"),
        "updated_before": _a.c.updated_at < bindparam("updated_before_0"),
        "information_due_before": _a.c.information_due_on < bindparam("information_due_before_0"),
    },
    sorts={
        "updated_at": Sort(_a.c.updated_at, "ix_application_updated_at"),
        "created_at": Sort(_a.c.created_at, "ix_application_created_at"),
        "submitted_at": Sort(_a.c.submitted_at, "ix_application_submitted_at"),
        "amount": Sort(_a.c.amount_minor, "ix_application_amount"),
        "term_months": Sort(_a.c.term_months, "ix_application_term"),
        "information_due_on": Sort(_a.c.information_due_on, "ix_application_due"),
    },
    scope={"market": _a.c.market},
    indexes={
        frozenset({"state", "sort:updated_at"}): "ix_application_state",
        frozenset({"state", "sort:created_at"}): "ix_application_state_created",
        frozenset({"state", "sort:submitted_at"}): "ix_application_state_submitted",
        frozenset({"market", "sort:updated_at"}): "ix_application_market",
        frozenset({"product", "sort:updated_at"}): "ix_application_product",
        frozenset({"customer_id", "sort:updated_at"}): "ix_application_customer",
        frozenset({"assignee", "sort:updated_at"}): "ix_application_assignee",
        frozenset({"unassigned", "sort:updated_at"}): "ix_application_unassigned",
        frozenset({"created_by", "sort:updated_at"}): "ix_application_created_by",
    },
    prepare={"reference": lambda text: normalise_reference(str(text)) or str(text)[:12]},
)


def is_seen(application: Application, actor: Actor) -> bool:
    """Whether the application's market is in the actor's scope."""
    return actor.markets is None or application.market in actor.markets


async def find_application(session: AsyncSession, application_id: UUID, actor: Actor) -> Application | None:
    """The application, when the actor may see it."""
    found = await session.get(Application, application_id)
    return found if found is not None and is_seen(found, actor) else None


async def get_application(session: AsyncSession, application_id: UUID, actor: Actor) -> Application:
    """Raises NotFound when there is none in the actor's scope."""
    found = await find_application(session, application_id, actor)
    if found is None:
        raise NotFound
    return found


async def lock_application(session: AsyncSession, application_id: UUID, actor: Actor) -> Application:
    """As `get_application`, locked until the end of the transaction."""
    found = await session.get(Application, application_id, with_for_update=True, populate_existing=True)
    if found is None or not is_seen(found, actor):
        raise NotFound
    return found


async def has_reference(session: AsyncSession, reference: str) -> bool:
    """Whether a reference is taken."""
    return (await session.execute(select(_a.c.id).where(_a.c.reference == reference))).first() is not None


async def list_by_source(session: AsyncSession, source: str, keys: Sequence[str]) -> list[tuple[str, UUID, int]]:
    """Key, id and version of the applications that were imported from a source under these keys."""
    statement = select(_a.c.source_key, _a.c.id, _a.c.version).where(_a.c.source == source, _a.c.source_key.in_(keys))
    return [(row[0], row[1], row[2]) for row in await session.execute(statement)]


async def list_overdue(session: AsyncSession, today: date, limit: int) -> list[UUID]:
    """Applications whose information request ended before today."""
    statement = (
        select(_a.c.id)
        .where(_a.c.state == ApplicationState.INFO_REQUESTED, _a.c.information_due_on < today)
        .order_by(_a.c.information_due_on)
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


async def count_waiting(reads: ReadPool, actor: Actor) -> tuple[int, int, str | None]:
    """How many wait to be taken up and are in review, and since when the oldest waits."""
    scope, values = scope_sql(actor, market="market")
    sql = (
        "SELECT COALESCE(SUM(state = 'submitted'), 0), COALESCE(SUM(state = 'in_review'), 0), "  # noqa: S608
        "MIN(CASE WHEN state = 'submitted' THEN submitted_at END) "
        f"FROM application WHERE state IN ('submitted', 'in_review'){scope}"
    )
    waiting, reviewed, oldest = (await reads.fetch(sql, values))[0]
    return int(waiting), int(reviewed), oldest


async def list_longest_waiting(reads: ReadPool, actor: Actor, limit: int) -> list[tuple[Any, ...]]:
    """Submitted applications, the oldest first: id, reference, since when, product, applicant's name."""
    scope, values = scope_sql(actor, market="a.market")
    sql = (
        "SELECT a.id, a.reference, a.submitted_at, a.product, c.name FROM application a "  # noqa: S608
        f"LEFT JOIN customer c ON c.id = a.customer_id WHERE a.state = 'submitted'{scope} "
        f"ORDER BY a.submitted_at LIMIT {int(limit)}"
    )
    return await reads.fetch(sql, values)


async def list_unanswered(reads: ReadPool, actor: Actor, before: date, limit: int) -> list[tuple[Any, ...]]:
    """Information asked and due before a date: id, reference, due date, product, applicant's name."""
    scope, values = scope_sql(actor, market="a.market")
    sql = (
        "SELECT a.id, a.reference, a.information_due_on, a.product, c.name FROM application a "  # noqa: S608
        "LEFT JOIN customer c ON c.id = a.customer_id WHERE a.state = 'info_requested' AND a.information_due_on < %s"
        f"{scope} ORDER BY a.information_due_on LIMIT {int(limit)}"
    )
    return await reads.fetch(sql, [before.isoformat(), *values])


async def find_simply(reads: ReadPool, text: str, actor: Actor, limit: int) -> list[tuple[str, str, str, str]]:
    """Applications by the beginning of the reference or the applicant's name, while the search engine is away."""
    typed = text.replace("%", "").replace("_", "").strip()
    if not typed:
        return []
    scope, values = scope_sql(actor, market="a.market")
    sql = (
        "SELECT a.id, a.reference, COALESCE(c.name, a.product), CONCAT_WS(', ', a.market, a.state) FROM ("  # noqa: S608
        f"(SELECT a.id FROM application a WHERE a.reference LIKE %s{scope} LIMIT {int(limit)}) UNION "
        "(SELECT a.id FROM customer c JOIN application a ON a.customer_id = c.id "
        f"WHERE (c.name LIKE %s OR c.family_name LIKE %s){scope} LIMIT {int(limit)})) found "
        f"JOIN application a ON a.id = found.id LEFT JOIN customer c ON c.id = a.customer_id LIMIT {int(limit)}"
    )
    parameters = [ascii_text(f"{''.join(typed.split()).upper()}%"), *values, f"{typed}%", f"{typed}%", *values]
    return [
        (str(row[0]), row[1], row[2].replace("_", " "), row[3].replace("_", " "))
        for row in await reads.fetch(sql, parameters)
    ]


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, ApplicationItem]:
    """Applications as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await applications.by_ids(reads, ids, actor)}


async def list_rows(reads: ReadPool, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """What a search document is made of."""
    places = ", ".join(["%s"] * len(ids))
    sql = (
        "SELECT a.id, a.version, a.reference, a.market, a.product, a.amount_minor, a.amount_currency, "  # noqa: S608
        "a.term_months, a.purpose, "
        "a.channel, a.campaign, a.tags, a.state, a.submitted_at, a.information_due_on, a.updated_at, c.name, "
        "JSON_VALUE(c.address, '$.city'), a.assignee_id, a.is_unassigned, s.name FROM application a "
        "LEFT JOIN customer c ON c.id = a.customer_id LEFT JOIN staff s ON s.id = a.assignee_id "
        f"WHERE a.id IN ({places})"
    )
    return await reads.fetch(sql, list(ids))

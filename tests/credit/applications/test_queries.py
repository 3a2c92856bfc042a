from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.core.actor import SYSTEM, Actor
from app.core.reads import Query
from app.credit.applications import queries, search
from app.credit.applications.queries import SPEC, applications
from app.credit.applications.rules import ApplicationState
from app.credit.applications.schemas import application_item
from app.credit.area import tiles, waiting
from app.desk.customers import queries as customer_queries
from app.desk.customers.models import Customer
from app.kit.money import Money
from tests.factories.credit import make_application, make_complete, make_in_state
from tests.factories.desk import make_customer

ESTONIAN = Actor(
    id=uuid4(), kind="staff", name="Kati", permissions=frozenset({"applications.view"}), markets=frozenset({"EE"}),
    branches=frozenset({"TLL"}),
)  # fmt: skip


TABS = (
    ("state", "submitted"),
    ("market", "EE"),
    ("product", "business"),
    ("assignee", "01a20000-0000-7000-8000-000000000001"),
    ("unassigned", "yes"),
)


async def listed(database, runtime, actor=SYSTEM, sort="-updated_at", **filters):
    query = Query({name: values if isinstance(values, list) else [values] for name, values in filters.items()}, sort)
    return (await applications.page(database.reads, runtime.cursors, query, actor)).items


class TestApplications:
    async def test_an_item_tells_what_is_missing_and_affordable(self, session, database):
        draft, complete = (
            await make_application(session),
            await make_complete(
                session,
                debts=[{"lender": "Bank", "balance": Money(600000, "EUR"), "monthly_payment": Money(10000, "EUR")}],
            ),
        )
        bare, full = await applications.by_ids(database.reads, [str(draft.id), str(complete.id)], SYSTEM)
        assert {"customer_id", "consents"} <= {one.field for one in bare.missing}
        assert not bare.applicant
        assert full.missing == []
        assert (full.affordability.debt_to_income, full.affordability.payment_to_income) == ("0.8333", "0.4137")
        assert (full.applicant.name, full.applicant.identity_number_masked) == ("Liis Tamm", "••••5718")
        assert full.debts[0].balance.amount == "6000.00"

    async def test_an_item_from_the_orm_equals_the_one_from_the_list(self, session, database):
        application = await make_complete(session, tags=["vip"], channel="web")
        await session.refresh(application)
        applicant = await session.get(Customer, application.customer_id)
        [read] = await applications.by_ids(database.reads, [str(application.id)], SYSTEM)
        assert application_item(application, applicant) == read

    async def test_scope_is_the_market_whatever_the_branches(self, session, database, runtime):
        here, there = await make_application(session), await make_application(session, market="LV")
        found = {item.id for item in await listed(database, runtime, ESTONIAN)}
        assert str(here.id) in found
        assert str(there.id) not in found

    @pytest.mark.parametrize("sort", [*SPEC.sorts, *(f"-{name}" for name in SPEC.sorts)])
    async def test_every_order_and_its_pages(self, session, database, runtime, sort):
        for months in (12, 24, 36):
            await make_application(session, term_months=months, tags=["sorted"], channel=f"c{sort.strip('-')}"[:20])
        query = Query({"channel": [f"c{sort.strip('-')}"[:20]]}, sort, limit=2)
        first = await applications.page(database.reads, runtime.cursors, query, SYSTEM)
        rest = await applications.page(
            database.reads, runtime.cursors, Query(query.filters, sort, 2, first.next_cursor), SYSTEM
        )
        assert len({item.id for item in (*first.items, *rest.items)}) == 3

    @pytest.mark.parametrize(
        ("filters", "is_found"),
        [
            ({"state": "submitted"}, True),
            ({"state": ["draft", "submitted"]}, True),
            ({"state": "draft"}, False),
            ({"product": "refinancing"}, True),
            ({"channel": "web"}, True),
            ({"currency": "SEK"}, False),
            ({"amount_min": 900_000, "amount_max": 900_000}, True),
            ({"amount_min": 900_001}, False),
            ({"amount_from": 900_000, "amount_to": 900_000}, True),
            ({"amount_to": 899_999}, False),
            ({"term_max": 47}, False),
            ({"submitted_after": "2026-06-01 00:00:00.000000"}, True),
            ({"submitted_before": "2026-06-01 00:00:00.000000"}, False),
            ({"information_due_before": "2026-07-02"}, True),
            ({"information_due_before": "2026-07-01"}, False),
        ],
    )
    async def test_every_filter(self, session, database, runtime, filters, is_found):
        application = await make_in_state(
            session,
            ApplicationState.SUBMITTED,
            product="refinancing",
            channel="web",
            term_months=48,
            amount=Money(900_000, "EUR"),
        )
        application.submitted_at = datetime(2026, 6, 20, tzinfo=UTC)
        application.information_due_on = date(2026, 7, 1)
        await session.flush()
        found = [item.id for item in await listed(database, runtime, **filters)]
        assert (str(application.id) in found) is is_found

    async def test_earlier_ones_of_a_person(self, session, database, runtime):
        first = await make_complete(session)
        second = await make_application(session, customer_id=first.customer_id)
        await make_application(session)
        found = await listed(database, runtime, customer_id=str(first.customer_id))
        assert {item.id for item in found} == {str(first.id), str(second.id)}


class TestPlans:
    @pytest.mark.parametrize(
        ("filters", "sort"),
        [
            *(({}, sort) for name in SPEC.sorts for sort in (name, f"-{name}")),
            *(({name: [value]}, "-updated_at") for name, value in TABS),
            ({"state": ["submitted"]}, "submitted_at"),
        ],
        ids=str,
    )
    async def test_rows_come_from_an_index_in_their_order(self, session, database, filters, sort):
        await fill(session, 1500)
        sql, values = applications.compiled(Query(filters, sort, 50), SYSTEM)
        names, rows = await database.reads.names("ANALYZE " + sql, values)
        plan = [dict(zip(names, row, strict=True)) for row in rows]
        inner = next(row for row in plan if row["select_type"] == "DERIVED")
        assert inner["key"], plan
        assert "filesort" not in inner["Extra"], plan
        assert float(inner["r_rows"]) <= 3 * 51, plan


async def fill(session, count):
    """Many applications, several of which changed at one moment."""
    await session.execute(
        text(
            "INSERT INTO application (id, version, created_at, updated_at, reference, market, product, amount_minor, "
            "amount_currency, term_months, household, employment, debts, consents, tags, state, submitted_at, "
            "information_items, source_fields) SELECT UUID(), 1, NOW(6) - INTERVAL seq MINUTE, "
            "NOW(6) - INTERVAL seq DIV 3 MINUTE, CONCAT('T', seq), IF(seq % 5, 'EE', 'LV'), "
            "ELT(1 + seq % 3, 'personal_loan', 'car_finance', 'business'), seq * 100, 'EUR', seq % 60 + 1, '{}', '{}', "
            "'[]', '[]', '[]', ELT(1 + seq % 3, 'draft', 'submitted', 'rejected'), NOW(6) - INTERVAL seq MINUTE, "
            f"'[]', '{{}}' FROM seq_1_to_{count}"
        )
    )


class TestWithoutTheSearchEngine:
    async def test_by_reference_and_by_name(self, session, database):
        application = await make_complete(session)
        for typed in (application.reference.lower()[:6], "liis", "Tamm"):
            found = await queries.find_simply(database.reads, typed, ESTONIAN, 10)
            assert (str(application.id), application.reference) in [row[:2] for row in found]
        assert await queries.find_simply(database.reads, "%", SYSTEM, 10) == []

    async def test_customers_by_name_mail_and_phone(self, session, database):
        customer = await make_customer(session, email="liis@example.test", phone="51234567")
        abroad = await make_customer(session, market="LV", family_name="Tammsaare")
        for typed in ("liis t", "TAMM", "liis@ex", "+372 5123"):
            found = [row[0] for row in await customer_queries.find_simply(database.reads, typed, ESTONIAN, 10)]
            assert str(customer.id) in found
            assert str(abroad.id) not in found


class TestSearchDocuments:
    async def test_words_numbers_and_facets(self, session, database):
        application = await make_complete(session, product="refinancing", channel="web", tags=["vip"])
        [document] = await search.load_documents(database.reads, [str(application.id)])
        words = " ".join(document["keywords"])
        assert all(word in words for word in ("refinancing", "Tallinn", "EE", "Estonia", "web", "vip", "Kitchen"))
        assert (document["title"], document["reference"]) == ("Liis Tamm", application.reference)
        assert document["nums"] == ["15000", "60"]
        assert (document["state"], document["amount_minor"], document["_version"]) == ("draft", 1_500_000, 1)
        assert set(document) - {"_version", "kind"} <= {*search.KIND.mapping()["properties"]}
        assert "5718" not in str(document)


class TestHome:
    async def test_tells_what_waits(self, session, database):
        old = await make_in_state(session, ApplicationState.SUBMITTED)
        overdue = await make_in_state(session, ApplicationState.INFO_REQUESTED)
        old.submitted_at = datetime.now(UTC) - timedelta(days=3)
        overdue.information_due_on = datetime.now(UTC).date() - timedelta(days=2)
        await session.flush()
        first, _ = await tiles(database.reads, ESTONIAN)
        assert (first.figure, first.note, first.tone) == ("1", "oldest 3 d ago", "soon")
        lines = await waiting(database.reads, ESTONIAN)
        assert [(line.reference, line.tone) for line in lines] == [(old.reference, "soon"), (overdue.reference, "act")]

    async def test_nothing_for_the_fleet(self, database):
        clerk = Actor(id=uuid4(), kind="staff", name="Jaan", permissions=frozenset({"vehicles.view"}))
        assert await tiles(database.reads, clerk) == []
        assert await waiting(database.reads, clerk) == []

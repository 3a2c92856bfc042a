"""Bookings by whose car they are of: on the page, in the API, in files, in the search index, and by an index."""

import importlib
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core import clock
from app.core.actor import SYSTEM
from app.core.reads import Query
from app.rental.bookings import queries, search
from app.rental.bookings.rules import Source
from app.rental.bookings.tasks import LISTING
from tests.factories.rental import make_booking, make_fleet
from tests.factories.suppliers import make_reservation, make_supplier

MIGRATION = importlib.import_module("migrations.versions.0063_suppliers_of_bookings")


@pytest.fixture
async def suppliers(session, settings):
    return {code: await make_supplier(session, settings, code) for code in ("baltic", "nordrive", "sunway")}


@pytest.fixture
async def three(session, suppliers):
    """One booking of ours and one of each of two suppliers, some days apart."""
    await make_fleet(session)
    found = {}
    for number, code in enumerate((None, *list(suppliers)[:2])):
        booking = await make_booking(session, starts_on=clock.today() + timedelta(days=30 + 5 * number))
        booking.supplier_code, booking.source = code, Source.SUPPLIER if code else Source.OWN
        found[code] = booking
    await session.flush()
    return found


class TestList:
    async def test_is_narrowed_and_the_menu_and_the_chip_have_the_names(self, three, client_for):
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get("/bookings?supplier=baltic&columns=reference,supplier")).text
        assert three["baltic"].reference in page
        assert three["nordrive"].reference not in page
        assert three[None].reference not in page
        assert "Baltic" in page
        both = (await clerk.get("/bookings?supplier=baltic&supplier=nordrive")).text
        assert three["nordrive"].reference in both
        assert three[None].reference not in both
        assert 'name="supplier"' in (await clerk.get("/bookings")).text
        assert (await clerk.get("/bookings?supplier=ž")).status_code == 200

    async def test_of_a_supplier_and_a_month(self, three, client_for):
        clerk, pickup = await client_for("fleet_clerk"), three["baltic"].pickup_local.date()
        month = f"supplier=baltic&pickup_after={pickup}&sort=pickup_at"
        assert three["baltic"].reference in (await clerk.get(f"/bookings?{month}")).text
        assert three["baltic"].reference not in (await clerk.get(f"/bookings?{month}&pickup_before={pickup}")).text

    async def test_the_api_filters_and_names_it(self, three, api_for):
        api = await api_for("fleet_clerk")
        (item,) = (await api.get("/bookings", params={"supplier": "nordrive"})).json()["items"]
        assert (item["id"], item["supplier"]) == (str(three["nordrive"].id), "nordrive")
        ours = (await api.get(f"/bookings/{three[None].id}")).json()
        assert "supplier" not in ours

    async def test_files_have_it(self, three, database):
        (item,) = await queries.bookings.by_ids(database.reads, [str(three["baltic"].id)], SYSTEM)
        (column,) = LISTING.chosen(["supplier"])
        assert ([head.title for head in column.heads], column.cells(item)) == (["Supplier"], ["baltic"])


class TestSearchDocument:
    async def test_has_it_as_a_facet(self, three, database):
        ids = [str(three[code].id) for code in ("baltic", None)]
        found = {document["id"]: document for document in await search.load_documents(database.reads, ids)}
        assert found[ids[0]]["supplier"] == "baltic"
        assert "supplier" not in found[ids[1]]
        assert "supplier" in search.KIND.facets
        assert set(found[ids[0]]) - {"_version", "kind"} <= {*search.KIND.mapping()["properties"]}


class TestPlan:
    @pytest.mark.parametrize("sort", ["pickup_at", "-pickup_at", "updated_at", "-updated_at"])
    async def test_rows_of_a_supplier_come_from_its_index_in_their_order(self, three, database, sort):
        sql, values = queries.bookings.compiled(Query({"supplier": ["baltic"]}, sort, 50), SYSTEM)
        names, rows = await database.reads.names("EXPLAIN " + sql, values)
        plan = [dict(zip(names, row, strict=True)) for row in rows]
        inner = next(row for row in plan if row["select_type"] == "DERIVED")
        assert inner["key"].startswith("ix_booking_supplier"), plan
        assert "filesort" not in inner["Extra"], plan


class TestKept:
    async def test_the_migration_takes_the_supplier_of_the_last_reservation(self, session, three, suppliers):
        for code in ("baltic", "nordrive", "sunway"):
            await _reserve(session, suppliers[code], three["nordrive" if code == "nordrive" else "baltic"])
        for booking in three.values():
            booking.supplier_code = None
        await session.flush()
        last = (await session.execute(MIGRATION.LAST, {"after": MIGRATION.FIRST, "batch": 100})).scalar()
        await session.execute(MIGRATION.FILL, {"after": MIGRATION.FIRST, "last": last})
        for booking in three.values():
            await session.refresh(booking)
        assert [three[code].supplier_code for code in (None, "baltic", "nordrive")] == [None, "sunway", "nordrive"]

    async def test_whoever_differs_from_the_reservation_is_found(self, session, three, suppliers):
        await _reserve(session, suppliers["baltic"], three["baltic"])
        await _reserve(session, suppliers["baltic"], three["nordrive"])
        assert await _found(session) == {three["nordrive"].id}
        three["nordrive"].supplier_code, three[None].supplier_code = "baltic", "baltic"
        await session.flush()
        assert await _found(session) == {three[None].id}


async def _reserve(session, supplier, booking):
    about = {"subject_kind": "booking", "subject_id": booking.id}
    await make_reservation(session, supplier, pickup_at=booking.pickup_at, **about)


async def _found(session):
    rows = await session.execute(text(queries.CHECKS[-1].sql))
    return {UUID(str(row[0])) for row in rows}

"""The compiled read path: every shape stays on its index, and cursors are ours alone."""

import pytest

from app.core.actor import SYSTEM, Actor
from app.core.cursors import CursorSigner
from app.core.errors import MalformedRequest
from app.core.reads import Query
from app.rental.vehicles.queries import SPEC, vehicles
from tests.factories.rental import make_vehicle

SIGNER = CursorSigner([b"k" * 32])
FILTERS = [{}, {"state": ["in_service"]}, {"state": ["in_service", "blocked"]}, {"make": ["Audi"]}, {"market": ["EE"]}]
SORTS = [direction + name for name in SPEC.sorts for direction in ("", "-")]


async def walk(database, query: Query, actor=SYSTEM) -> list[str]:
    seen: list[str] = []
    cursor = None
    while True:
        page = await vehicles.page(database.reads, SIGNER, Query(query.filters, query.sort, query.limit, cursor), actor)
        seen += [item.id for item in page.items]
        assert page.seen_before == len(seen) - len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return seen


@pytest.fixture
async def fleet(session):
    return [
        await make_vehicle(
            session,
            make=("Audi", "BMW", "Škoda")[number % 3],
            model=None,
            plate=f"AAA {number}" if number % 4 else None,
            year=2015 + number % 5 if number % 3 else None,
            odometer_km=number * 7 % 11 if number % 5 else None,
        )
        for number in range(23)
    ]


class TestPages:
    @pytest.mark.parametrize("sort", SORTS)
    async def test_every_order_shows_each_row_once_and_as_the_database_orders(self, database, session, fleet, sort):
        await session.commit()
        whole = (await vehicles.page(database.reads, SIGNER, Query({}, sort, 200), SYSTEM)).items
        assert await walk(database, Query({}, sort, 4)) == [item.id for item in whole]
        assert len({item.id for item in whole}) == len(fleet)

    async def test_scope_is_part_of_the_query(self, database, fleet):
        nobody = Actor(id=None, kind="staff", name="", markets=frozenset(), branches=None)
        elsewhere = Actor(id=None, kind="staff", name="", markets=frozenset({"LV", "LT", "FI"}), branches=None)
        here = Actor(id=None, kind="staff", name="", markets=frozenset({"EE"}), branches=None)
        assert await walk(database, Query({}, "make"), nobody) == []
        assert await walk(database, Query({}, "make"), elsewhere) == []
        assert len(await walk(database, Query({}, "make"), here)) == len(fleet)

    async def test_counts_are_capped_and_filtered(self, database, fleet):
        assert await vehicles.count(database.reads, Query({"make": ["Audi"]}, "make"), SYSTEM) == 8

    async def test_rows_by_id_keep_their_order(self, database, fleet):
        wanted = [str(fleet[number].id) for number in (5, 1, 9)]
        assert [item.id for item in await vehicles.by_ids(database.reads, wanted, SYSTEM)] == wanted


class TestCursors:
    async def test_a_changed_or_foreign_cursor_is_refused(self, database, fleet):
        page = await vehicles.page(database.reads, SIGNER, Query({}, "make", 3), SYSTEM)
        stranger = CursorSigner([b"x" * 32])
        for signer, query in (
            (stranger, Query({}, "make", 3, page.next_cursor)),
            (SIGNER, Query({}, "-make", 3, page.next_cursor)),
            (SIGNER, Query({"make": ["Audi"]}, "make", 3, page.next_cursor)),
            (SIGNER, Query({}, "make", 3, page.next_cursor[:-2] + "xx")),
            (SIGNER, Query({}, "make", 3, "not a cursor")),
        ):
            with pytest.raises(MalformedRequest):
                await vehicles.page(database.reads, signer, query, SYSTEM)


class TestPlans:
    @pytest.mark.parametrize("sort", SORTS)
    async def test_orders_without_filter_neither_sort_nor_scan_the_table(self, database, session, sort):
        await fill(session, 3000)
        plan = await explain(database, Query({}, sort, 50))
        inner = next(row for row in plan if row["select_type"] == "DERIVED")
        assert inner["key"], plan
        assert "filesort" not in inner["Extra"], plan
        assert "temporary" not in inner["Extra"], plan
        assert float(inner["r_rows"]) <= 3 * 51, plan

    @pytest.mark.parametrize("sort", ["year", "-year", "make", "-make"])
    async def test_rows_that_share_a_value_are_passed_by_and_not_read_again(self, database, session, sort):
        await fill(session, 3000)
        page = await vehicles.page(database.reads, SIGNER, Query({}, sort, 200), SYSTEM)
        before = await rows_read(database)
        await vehicles.page(database.reads, SIGNER, Query({}, sort, 20, page.next_cursor), SYSTEM)
        assert await rows_read(database) - before < 200

    @pytest.mark.parametrize("sort", ["updated_at", "-updated_at"])
    async def test_several_values_of_a_filter_are_one_order_and_no_more_is_read(self, database, session, sort):
        await fill(session, 3000)
        states = {"state": ["blocked", "sold", "in_service"]}
        first = await vehicles.page(database.reads, SIGNER, Query(states, sort, 50), SYSTEM)
        before = await rows_read(database)
        await vehicles.page(database.reads, SIGNER, Query(states, sort, 50, first.next_cursor), SYSTEM)
        assert await rows_read(database) - before < 600
        direction = "DESC" if sort.startswith("-") else "ASC"
        rows = await database.reads.fetch(
            "SELECT id FROM vehicle WHERE state IN ('blocked', 'in_service') "
            f"ORDER BY updated_at {direction}, id {direction}"
        )
        assert await walk(database, Query(states, sort, 200)) == [str(key) for (key,) in rows]

    @pytest.mark.parametrize("filters", FILTERS, ids=str)
    async def test_the_filters_of_tabs_use_an_index(self, database, session, filters):
        await fill(session, 3000)
        plan = await explain(database, Query(filters, "-updated_at", 50))
        assert all(row["key"] for row in plan if row["table"] == "vehicle"), plan


async def fill(session, count: int) -> None:
    from sqlalchemy import text

    await session.execute(
        text(
            "INSERT INTO vehicle (id, version, created_at, updated_at, market, make, equipment, base_state, state, "
            "source_fields, year, odometer_km, plate, plate_key) SELECT UUID(), 1, NOW(6) - INTERVAL seq MINUTE, "
            "NOW(6) - INTERVAL seq MINUTE, IF(seq % 5, 'EE', 'LV'), ELT(1 + seq % 3, 'Audi', 'BMW', 'Kia'), '[]', "
            "'in_service', IF(seq % 9, 'in_service', 'blocked'), '{}', 2000 + seq % 20, seq * 13, "
            f"CONCAT('P', seq), CONCAT('P', seq) FROM seq_1_to_{count}"
        )
    )


async def rows_read(database) -> int:
    status = await database.reads.fetch("SHOW SESSION STATUS LIKE 'Handler_read%'")
    return sum(int(value) for _, value in status)


async def explain(database, query: Query) -> list[dict]:
    await vehicles.page(database.reads, SIGNER, query, SYSTEM)
    sql, values = vehicles.compiled(query, SYSTEM)
    names, rows = await database.reads.names("ANALYZE " + sql, values)
    return [dict(zip(names, row, strict=True)) for row in rows]

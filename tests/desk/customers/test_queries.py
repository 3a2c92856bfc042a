import pytest
from sqlalchemy import text

from app.core.actor import SYSTEM
from app.core.reads import Query
from app.desk.customers.queries import SPEC, customers


@pytest.mark.parametrize(
    ("filters", "sort"),
    [
        *(({}, sort) for name in SPEC.sorts for sort in (name, f"-{name}")),
        ({"kind": ["company"]}, "-updated_at"),
        ({"market": ["EE"]}, "-updated_at"),
    ],
    ids=str,
)
async def test_rows_come_from_an_index_in_their_order(session, database, filters, sort):
    await session.execute(
        text(
            "INSERT INTO customer (id, version, created_at, updated_at, market, kind, name, address, tags, "
            "source_fields) SELECT UUID(), 1, NOW(6) - INTERVAL seq MINUTE, NOW(6) - INTERVAL seq DIV 3 MINUTE, "
            "IF(seq % 5, 'EE', 'LV'), IF(seq % 3, 'person', 'company'), CONCAT('Name ', seq DIV 2), '{}', '[]', '{}' "
            "FROM seq_1_to_1500"
        )
    )
    sql, values = customers.compiled(Query(filters, sort, 50), SYSTEM)
    names, rows = await database.reads.names("ANALYZE " + sql, values)
    plan = [dict(zip(names, row, strict=True)) for row in rows]
    inner = next(row for row in plan if row["select_type"] == "DERIVED")
    assert inner["key"], plan
    assert "filesort" not in inner["Extra"], plan
    assert float(inner["r_rows"]) <= 3 * 51, plan

"""Where a person's day happens."""

from collections.abc import Collection

from app.core.read_pool import ReadPool


async def find_place(reads: ReadPool, branches: Collection[str]) -> tuple[str, str] | None:
    """City and IANA zone of the first of these branches that exists."""
    if not branches:
        return None
    places = ", ".join(["%s"] * len(branches))
    sql = f"SELECT city, time_zone FROM location WHERE code IN ({places}) ORDER BY code LIMIT 1"  # noqa: S608
    rows = await reads.fetch(sql, sorted(branches))
    return (rows[0][0], rows[0][1]) if rows else None

"""Sealing again: what an earlier secret sealed is sealed with the present one, a batch of rows at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Table, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.crypto import DecryptionError, decrypt, resealed
from app.core.records import Record

ROWS_AT_ONCE: Final = 200


class Sealed(NamedTuple):
    """A column of sealed values, and what stands before the row's id in their context."""

    column: str
    context: str


@dataclass(frozen=True, slots=True)
class Resealed:
    """A batch: the last row looked at (None when there was none), how many changed, which ones nobody can open."""

    last: UUID | None
    rows: int
    changed: int
    unreadable: tuple[UUID, ...]


Derive = Callable[[Mapping[str, Any], Mapping[str, str]], Mapping[str, Any]]
"""Further columns of a row, such as a keyed hash, from its sealed texts by the names of their columns."""


async def reseal_rows(
    session: AsyncSession,
    model: type[Record],
    sealed: Sequence[Sealed],
    keys: Sequence[bytes],
    *,
    after: UUID | None,
    derive: Derive = lambda _row, _texts: {},
) -> Resealed:
    """Seal the next rows with the first key. They count as unchanged: version and time stay, nothing is announced."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # pyright: ignore
    statement = select(table).where(or_(*(table.c[each.column].isnot(None) for each in sealed)))
    if after is not None:
        statement = statement.where(table.c.id > after)
    found = (await session.execute(statement.order_by(table.c.id).limit(ROWS_AT_ONCE).with_for_update())).mappings()
    rows, changed, unreadable = found.all(), 0, []
    for row in rows:
        try:
            values = _resealed_values(dict(row), sealed, keys, derive)
        except DecryptionError:
            unreadable.append(row["id"])
            continue
        if values:
            changed += 1
            kept = {"updated_at": table.c.updated_at}
            await session.execute(update(table).where(table.c.id == row["id"]).values(values | kept))
    return Resealed(rows[-1]["id"] if rows else None, len(rows), changed, tuple(unreadable))


def _resealed_values(
    row: Mapping[str, Any], sealed: Sequence[Sealed], keys: Sequence[bytes], derive: Derive
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for column, prefix in sealed:
        kept = row[column]
        if kept is None:
            continue
        context = f"{prefix}/{row['id']}"
        texts[column] = decrypt(keys, kept, context)
        again = resealed(keys, kept, context)
        if again is not None:
            values[column] = again
    return values | {name: value for name, value in derive(row, texts).items() if value != row[name]}

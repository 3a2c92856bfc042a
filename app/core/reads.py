"""Lists without the ORM: one select and one struct per list, compiled once per shape, paged by keys.

A *shape* is the set of filters, the widths of their value lists (rounded up to powers of two), the order and the kind
of cursor. Each shape is compiled once into SQL and the order of its parameters. Inside, the keys of a page come from
the covering index first and are joined back for the columns, so that page 10,000 costs what page 1 costs.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.mysql.aiomysql import dialect as mysql_dialect

from app.core.actor import Actor
from app.core.ascii_filters import AnyOf, is_ascii
from app.core.cursors import Cursor, CursorSigner, digest
from app.core.errors import MalformedRequest
from app.core.read_pool import ReadPool
from app.core.row_structs import constructor_of

Item = TypeVar("Item", bound=msgspec.Struct)

MAX_PAGE = 200
COUNT_CAP = 10_000
MAX_VALUES = 256
MOST_RANGES = 8
"""Of one index that are read for a page; with more values the matching rows are ordered instead."""
NOWHERE = "\x7f"
"""Matches nothing in a column of ASCII codes; the server refuses to compare one with other characters (error 1267)."""
_DIALECT = mysql_dialect(paramstyle="format")


class Page(msgspec.Struct, Generic[Item], frozen=True):
    """One page of a list and where the next one starts."""

    items: list[Item]
    next_cursor: str | None = None
    seen_before: int = 0


@dataclass(frozen=True, slots=True)
class Sort:
    """An order that a list offers; `index` is the index that serves it without filters."""

    column: Column[Any]
    index: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What a person asked of a list: filters by name (several values each), an order, a place, a size."""

    filters: Mapping[str, Sequence[str | int]]
    sort: str
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class _Shape:
    filters: tuple[tuple[str, int], ...]
    scope: tuple[tuple[str, int], ...]
    sort: str
    descending: bool
    after: str


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    names: tuple[str, ...]
    value_at: int = 0
    """Where a row has the value of the order."""
    id_at: int = 0


class ListRead(Generic[Item]):
    """One list: its columns, filters, orders and scope. Nothing is built per request."""

    def __init__(
        self,
        item: type[Item],
        *,
        table: FromClause,
        columns: Mapping[str, ColumnElement[Any]],
        joins: Callable[[Any], Any] = lambda page: page,
        where: Mapping[str, Column[Any] | ColumnElement[bool] | AnyOf],
        sorts: Mapping[str, Sort],
        scope: Mapping[str, Column[Any]],
        indexes: Mapping[frozenset[str], str] | None = None,
        prepare: Mapping[str, Callable[[str | int], str | int]] | None = None,
    ) -> None:
        self.item, self.table, self.columns, self.joins = item, table, columns, joins
        self.where, self.sorts, self.scope = where, sorts, scope
        self.indexes, self.prepare = indexes or {}, prepare or {}
        self._ascii = frozenset(name for name, target in where.items() if is_ascii(target))
        self._build = constructor_of(item, list(columns))
        self._pages: dict[_Shape, _Compiled] = {}
        self._counts: dict[tuple[_Shape, int], _Compiled] = {}
        self._one: _Compiled | None = None

    def lighter(self, **columns: ColumnElement[Any]) -> "ListRead[Item]":
        """The same list for pages that do not show some columns, with what is read instead of them."""
        return ListRead(
            self.item,
            table=self.table,
            columns={**self.columns, **columns},
            joins=self.joins,
            where=self.where,
            sorts=self.sorts,
            scope=self.scope,
            indexes=self.indexes,
            prepare=self.prepare,
        )

    async def page(self, reads: ReadPool, signer: CursorSigner, query: Query, actor: Actor) -> Page[Item]:
        """The rows after the cursor. Raises MalformedRequest for a foreign cursor or an unknown order."""
        identity = digest(self.item.__name__, query.sort, sorted((k, tuple(v)) for k, v in query.filters.items()))
        cursor = signer.read(query.cursor, query=identity) if query.cursor else None
        items, after = await self._after(reads, query, actor, cursor, query.limit)
        seen = cursor.seen if cursor else 0
        if after is None:
            return Page(items, None, seen)
        return Page(items, signer.write(Cursor(identity, after, seen + len(items))), seen)

    async def walk(
        self, reads: ReadPool, query: Query, actor: Actor, *, batch: int
    ) -> AsyncGenerator[list[Item], None]:
        """All rows in the order of the list, in batches. Over a snapshot they are those of one moment."""
        cursor: Cursor | None = None
        while True:
            items, after = await self._after(reads, query, actor, cursor, batch)
            if items:
                yield items
            if after is None:
                return
            cursor = Cursor("", after)

    async def _after(
        self, reads: ReadPool, query: Query, actor: Actor, cursor: Cursor | None, limit: int
    ) -> tuple[list[Item], tuple[str | int | None, str] | None]:
        """Rows after a place, and the place of the last one when there are more."""
        name, descending = self._order(query.sort)
        shape = self._shape(query, actor, name, descending=descending, cursor=cursor)
        compiled = self._pages.get(shape) or self._pages.setdefault(shape, self._compile_page(shape))
        values = self._values(query, actor)
        values["row_limit"] = limit + 1
        if cursor:
            values["after_value"], values["after_id"] = cursor.values
        rows = await reads.fetch(compiled.sql, [values[name] for name in compiled.names])
        items = [self._build(row) for row in rows[:limit]]
        last = rows[limit - 1] if len(rows) > limit else None
        return items, None if last is None else (_plain(last[compiled.value_at]), str(last[compiled.id_at]))

    async def count(self, reads: ReadPool, query: Query, actor: Actor, *, cap: int = COUNT_CAP) -> int:
        """How many rows match, at most `cap` + 1."""
        shape = self._shape(query, actor, "", descending=False, cursor=None)
        compiled = self._counts.get((shape, cap)) or self._counts.setdefault(
            (shape, cap), self._compile_count(shape, cap)
        )
        values = self._values(query, actor)
        rows = await reads.fetch(compiled.sql, [values[name] for name in compiled.names])
        return int(rows[0][0])

    async def by_ids(self, reads: ReadPool, ids: Sequence[str], actor: Actor) -> list[Item]:
        """The rows with these ids that the actor may see, in the order of the ids."""
        if not ids:
            return []
        query = Query({"_id": ids}, "")
        shape = self._shape(query, actor, "", descending=False, cursor=None)
        compiled = self._pages.get(shape) or self._pages.setdefault(shape, self._compile_ids(shape))
        values = self._values(query, actor)
        rows = await reads.fetch(compiled.sql, [values[name] for name in compiled.names])
        found = {str(row[compiled.id_at]): self._build(row) for row in rows}
        return [found[key] for key in ids if key in found]

    def compiled(self, query: Query, actor: Actor) -> tuple[str, list[Any]]:
        """The statement and values of a first page, to be explained."""
        name, descending = self._order(query.sort)
        shape = self._shape(query, actor, name, descending=descending, cursor=None)
        compiled = self._compile_page(shape)
        values = self._values(query, actor) | {"row_limit": query.limit + 1}
        return compiled.sql, [values[key] for key in compiled.names]

    def _order(self, sort: str) -> tuple[str, bool]:
        name, descending = sort.removeprefix("-"), sort.startswith("-")
        if name not in self.sorts:
            raise MalformedRequest(f"sort: unknown order {name!r}; known are {', '.join(self.sorts)}")
        return name, descending

    def _shape(self, query: Query, actor: Actor, sort: str, *, descending: bool, cursor: Cursor | None) -> _Shape:
        after = "" if cursor is None else ("null" if cursor.values[0] is None else "value")
        filters = tuple(sorted((name, _width(values)) for name, values in query.filters.items() if values))
        scope = tuple((name, _width(allowed)) for name in self.scope if (allowed := actor.scope(name)) is not None)
        return _Shape(filters, scope, sort, descending, after)

    def _values(self, query: Query, actor: Actor) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, chosen in query.filters.items():
            prepare = self.prepare.get(name)
            for place, given in enumerate(_padded(chosen)):
                value = prepare(given) if prepare else given
                values[f"{name}_{place}"] = ascii_text(value) if name in self._ascii else value
        for name in self.scope:
            if (allowed := actor.scope(name)) is not None:
                for place, value in enumerate(_padded(sorted(allowed))):
                    values[f"scope_{name}_{place}"] = value
        return values

    def _conditions(self, shape: _Shape) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        for name, width in shape.filters:
            target = self.table.c["id"] if name == "_id" else self.where[name]
            if isinstance(target, Column):
                conditions.append(_one_of(target, name, width))
            elif isinstance(target, ColumnElement):
                conditions.append(target)
            else:
                conditions.append(target(_places(name, width)))
        for name, width in shape.scope:
            column = self.scope[name]
            conditions.append(_one_of(column, f"scope_{name}", width) if width else false())
        return conditions

    def _compile_page(self, shape: _Shape) -> _Compiled:
        sort, key = self.sorts[shape.sort], self.table.c["id"]
        keys = self._keys(shape).subquery("page")
        sort_value = keys.c["sort_value"] if "sort_value" in keys.c else keys.c["id"]
        shown = self._labelled()
        value_at = self._place(shown, sort.column, sort_value)
        id_at = self._place(shown, key, keys.c["id"])
        statement = (
            select(*shown)
            .select_from(self.joins(keys.join(self.table, self.table.c["id"] == keys.c["id"])))
            .order_by(*_directed(shape, sort_value, keys.c["id"]))
            .prefix_with("STRAIGHT_JOIN")
            .with_hint(self.table, "FORCE INDEX (PRIMARY)")
        )
        return _compile(statement, value_at=value_at, id_at=id_at)

    def _keys(self, shape: _Shape) -> "Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]":
        """The ids of a page, with what they are ordered by.

        An index with the order behind a filter has it for one value of the filter at a time: of several values it gives
        the first rows of each, and the first of these are the page.
        """
        names = frozenset(name for name, _ in shape.filters)
        index = self.indexes.get(names | {f"sort:{shape.sort}"})
        (name, width), *others = shape.filters or (("", 1),)
        column = self.where.get(name)
        if not index or others or not 1 < width <= MOST_RANGES or not isinstance(column, Column):
            index = index or (self.sorts[shape.sort].index if not names else None)
            return self._ordered(shape, self._conditions(shape), index)
        scope = self._conditions(replace(shape, filters=()))
        ranges = union(*(self._ordered(shape, [column == place, *scope], index) for place in _places(name, width)))
        return ranges.order_by(*_directed(shape, *list(ranges.selected_columns)[::-1])).limit(_limit())

    def _ordered(
        self, shape: _Shape, conditions: Sequence[ColumnElement[bool]], index: str | None
    ) -> Select[*tuple[Any, ...]]:
        column, key = self.sorts[shape.sort].column, self.table.c["id"]
        rows = select(key) if column is key else select(key, column.label("sort_value"))
        rows = rows.where(true(), *conditions, *_after(column, key, shape))
        rows = rows.order_by(*_directed(shape, column, key)).limit(_limit())
        return rows.with_hint(self.table, f"FORCE INDEX ({index})") if index else rows

    def _compile_ids(self, shape: _Shape) -> _Compiled:
        key, shown = self.table.c["id"], self._labelled()
        id_at = self._place(shown, key, key)
        statement = select(*shown).select_from(self.joins(self.table)).where(true(), *self._conditions(shape))
        return _compile(statement, id_at=id_at)

    def _compile_count(self, shape: _Shape, cap: int) -> _Compiled:
        at_most = literal_column(str(cap + 1))
        matching = select(self.table.c["id"]).where(true(), *self._conditions(shape)).limit(at_most)
        return _compile(select(func.count()).select_from(matching.subquery("matching")))

    def _place(self, shown: list[ColumnElement[Any]], column: Any, value: ColumnElement[Any]) -> int:
        """Where a row has this column of the table; what no field shows is appended as `value`."""
        for place, known in enumerate(self.columns.values()):
            if known is column:
                return place
        shown.append(value.label(f"_{len(shown)}"))
        return len(shown) - 1

    def _labelled(self) -> list[ColumnElement[Any]]:
        return [column.label(name) for name, column in self.columns.items()]


def scope_sql(actor: Actor, **columns: str) -> tuple[str, list[str]]:
    """` AND column IN (...)` and its values, for statements written by hand: `scope_sql(actor, market="market")`."""
    sql, values = "", list[str]()
    for name, column in columns.items():
        allowed = actor.scope(name)
        if allowed is not None:
            sql += f" AND {column} IN ({', '.join(['%s'] * len(allowed)) or 'NULL'})"
            values += sorted(allowed)
    return sql, values


def ascii_text(value: Any) -> Any:
    """A value for a column of ASCII codes."""
    return NOWHERE if isinstance(value, str) and not value.isascii() else value


def _compile(statement: Select[Any], **places: int) -> _Compiled:
    compiled = statement.compile(dialect=_DIALECT)
    return _Compiled(str(compiled), tuple(compiled.positiontup or ()), **places)


def _limit() -> BindParameter[Any]:
    return bindparam("row_limit", literal_execute=False)


def _directed(shape: _Shape, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [column.desc() if shape.descending else column.asc() for column in columns]


def _one_of(column: Column[Any], name: str, width: int) -> ColumnElement[bool]:
    return column.in_(_places(name, width))


def _places(name: str, width: int) -> list[BindParameter[Any]]:
    return [bindparam(f"{name}_{place}", unique=False) for place in range(width)]


def _after(column: Column[Any], key: Any, shape: _Shape) -> list[ColumnElement[bool]]:
    """The keyset condition. NULL comes before every value: ascending lists begin with it, descending ones end so.

    Written as separate ranges, each of which the index can begin at: what is equal to the value and passed already is
    not read again, however many rows share it.
    """
    if not shape.after:
        return []
    value, row = bindparam("after_value", type_=column.type), bindparam("after_id", type_=key.type)
    later_key = key < row if shape.descending else key > row
    if column is key:
        return [later_key]
    if shape.after == "null":
        rest = and_(column.is_(None), later_key)
        return [rest if shape.descending else or_(rest, column.isnot(None))]
    if not shape.descending:
        return [or_(and_(column == value, later_key), column > value)]
    passed = or_(and_(column == value, later_key), column < value)
    return [or_(passed, column.is_(None)) if column.nullable else passed]


def _width(values: Sequence[Any] | frozenset[str]) -> int:
    count = len(values)
    if count > MAX_VALUES:
        raise MalformedRequest(f"at most {MAX_VALUES} values of one filter")
    return 1 << (count - 1).bit_length() if count else 0


def _padded(values: Sequence[Any]) -> list[Any]:
    chosen = list(values)
    return chosen + chosen[-1:] * (_width(chosen) - len(chosen))


def _plain(value: Any) -> str | int | None:
    if value is None or isinstance(value, int):
        return value
    text = str(value)
    return text.replace("T", " ").removesuffix("Z") if len(text) == 27 and text.endswith("Z") else text

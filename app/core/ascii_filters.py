"""Which filters of lists compare a column of ASCII codes: other characters are compared with none, and not there."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import BinaryExpression, BindParameter, Column, ColumnElement, Select, bindparam
from sqlalchemy.dialects.mysql.aiomysql import dialect as mysql_dialect
from sqlalchemy.sql import visitors

AnyOf = Callable[[Sequence[BindParameter[Any]]], ColumnElement[bool]]
"""A filter over another table: the condition for any of the values."""

_DIALECT = mysql_dialect()


def is_ascii(target: ColumnElement[Any] | AnyOf) -> bool:
    """Whether a filter compares a column of ASCII codes."""
    if isinstance(target, ColumnElement):
        compared: list[Any] = [each.left for each in visitors.iterate(target) if isinstance(each, BinaryExpression)]
        columns = [each for each in (target, *compared) if isinstance(each, Column)]
    else:
        columns = _compared_with_values(target)
    return any(getattr(column.type.dialect_impl(_DIALECT), "charset", None) == "ascii" for column in columns)


def _compared_with_values(target: AnyOf) -> list[Any]:
    """The columns that a filter written as a function compares with what it is given."""
    probe = bindparam("probe")
    found: list[Any] = []
    for each in visitors.iterate(target([probe])):
        if isinstance(each, BinaryExpression):
            parts = list(visitors.iterate(each.right))
            if any(part is probe for part in parts) and not any(isinstance(part, Select) for part in parts):
                found.append(each.left)
    return [column for column in found if isinstance(column, Column)]

"""The page of a list's columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.columns import Column
from app.core.lists import RecordList
from app.desk.preferences.rules import PAGE_SIZES, Density

DENSITIES = ((Density.COMPACT.value, "Compact"), (Density.COMFORTABLE.value, "Comfortable"))


@dataclass(frozen=True, slots=True)
class Line:
    """One column of the form; `focus` is the button that was just pressed."""

    key: str
    label: str
    is_shown: bool
    is_first: bool
    is_last: bool
    focus: str = ""


@dataclass(frozen=True, slots=True)
class LayoutPage:
    """Which columns a list shows, in which order and how."""

    record_list: RecordList
    fixed: list[str]
    lines: list[Line]
    density: str
    page_size: int
    query: str
    action: str
    cancel_href: str
    densities: tuple[tuple[str, str], ...] = DENSITIES
    page_sizes: tuple[int, ...] = PAGE_SIZES


def layout_page(
    shown: RecordList,
    order: Sequence[str],
    chosen: Sequence[str],
    *,
    density: str,
    page_size: int,
    query: str,
    moved: tuple[str, str] = ("", ""),
) -> LayoutPage:
    """The form: the columns of `order` first, then those that it does not name."""
    by_key: dict[str, Column] = {column.key: column for column in shown.columns if not column.is_fixed}
    keys = [key for key in dict.fromkeys([*order, *by_key]) if key in by_key]
    direction, key = moved
    lines = [
        Line(
            one,
            by_key[one].label or "Actions",
            one in chosen,
            place == 0,
            place == len(keys) - 1,
            direction if one == key else "",
        )
        for place, one in enumerate(keys)
    ]
    return LayoutPage(
        record_list=shown,
        fixed=[column.label for column in shown.columns if column.is_fixed],
        lines=lines,
        density=density,
        page_size=page_size,
        query=query,
        action=f"/lists/{shown.key}/columns",
        cancel_href=address(shown, query),
    )


def address(shown: RecordList, query: str) -> str:
    """The list as it was."""
    return f"{shown.path}?{query}" if query else shown.path

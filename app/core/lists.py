"""What every list page shows besides its rows: heads that sort, filters with counts, chips, pages, and how many."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from app.core import clock
from app.core.columns import Column, default_keys, pick
from app.core.date_menus import AFTER, BEFORE, DateMenu, date_menus, menu_names
from app.core.listing import Filter, ListQuery, ListSpec
from app.core.previews import Drawer
from app.core.reads import COUNT_CAP, Page

COMPACT, COMFORTABLE = "compact", "comfortable"
USUAL_COLUMNS = 10
TYPED = {"text": "text", "pattern": "text", "whole": "number", "money": "text", "day": "date"}
"""Kinds of filters that are typed, and the inputs that take them."""


class Option(msgspec.Struct, frozen=True):
    """One value of a filter menu."""

    value: str
    label: str
    count: int | None
    is_chosen: bool


class Menu(msgspec.Struct, frozen=True):
    """A filter with its values."""

    name: str
    label: str
    options: tuple[Option, ...]
    is_later: bool = False
    """Whether only the chosen values are there; all of them come when somebody opens it."""


@dataclass(frozen=True, slots=True)
class Input:
    """A filter that is typed: its name, the kind of input, and what is set."""

    name: str
    label: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, and the list without it."""

    label: str
    value: str
    href: str


@dataclass(frozen=True, slots=True)
class View:
    """A tab: a list with some filters set."""

    title: str
    href: str
    is_current: bool
    count: int | None = None
    is_changed: bool = False
    """Whether the list was opened from it and shows something else by now."""


SystemViews = Sequence[tuple[str, Mapping[str, str]]]
"""The tabs that a list has by itself: titles and filters; the first one shows everything."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head; without an address it does not sort."""

    label: str
    href: str = ""
    direction: str = ""
    align: str = ""


@dataclass(frozen=True, slots=True)
class RecordList:
    """A list of the desk: where it is, what it can be asked, and what it shows.

    `cells` names the template with one block per column; the rows have an `id` and, where they can be selected, a
    `name`. `hint` tells what free text finds; without one there is no box for it.
    """

    key: str
    title: str
    path: str
    spec: ListSpec
    columns: tuple[Column, ...]
    cells: str = ""
    kind: str = ""
    """The record kind, which begins the ids of the rows."""
    hint: str = ""
    is_selectable: bool = False


@dataclass(frozen=True, slots=True)
class ViewTools:
    """What can be done with the present view, by address; what is empty is not offered."""

    columns_href: str
    save_href: str
    manage_href: str
    title: str = ""
    edit_href: str = ""
    update_action: str = ""
    query: str = ""
    version: int = 0
    reset_href: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A list as one person opened it: what it is asked, what it shows and how, and the views beside it."""

    asked: ListQuery
    columns: tuple[Column, ...]
    views: Sequence[View] = ()
    density: str = COMPACT
    keeps_sort: bool = False
    """Whether every address must say its order: one without would open the person's default view."""
    clear_href: str = ""
    notice: str = ""
    tools: ViewTools | None = None
    peek: str = ""
    """The record whose preview is asked for."""

    @classmethod
    def plainly(cls, shown: RecordList, asked: ListQuery, views: SystemViews = ()) -> "Opened":
        """Without anything that the person chose before."""
        tabs = [system_view(title, filters, asked, shown.path) for title, filters in views]
        return cls(asked, pick(shown.columns, default_keys(shown.columns)), tabs, clear_href=shown.path)


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything around the rows of a list."""

    record_list: RecordList
    columns: tuple[Column, ...]
    density: str
    tools: ViewTools | None
    path: str
    text: str
    menus: list[Menu]
    inputs: list[Input]
    dates: list[DateMenu]
    removals: dict[str, str]
    """The list without what a menu has set, by the menu's name."""
    chips: list[Chip]
    """What is set and no menu shows."""
    heads: list[Head]
    views: list[View]
    range_label: str
    next_href: str
    first_href: str
    clear_href: str
    canonical: str
    notice: str
    has_filters: bool
    peek_href: str
    drawer: Drawer | None
    hidden: list[tuple[str, str]]
    query: str
    """What the list was asked, without the place in it: what is meant by all rows that match."""
    total_words: str

    @property
    def column_keys(self) -> list[str]:
        return [column.key for column in self.columns]

    @property
    def has_many_columns(self) -> bool:
        """Whether the table scrolls by itself, with its head and first column standing."""
        return len(self.columns) > USUAL_COLUMNS


def frame(
    shown: RecordList,
    opened: Opened,
    *,
    page: Page,  # pyright: ignore
    total: int | None,
    facets: Mapping[str, Mapping[str, int]] | None = None,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    notice: str = "",
    drawer: Drawer | None = None,
    menus_later: bool = False,
) -> Frame:
    """Build the frame of a list; `labels` names the values of open filters.

    With `menus_later` the menus with counts are sent without what they offer: they ask for it when they are opened.
    """
    labels, spec, path, asked = labels or {}, shown.spec, shown.path, opened.asked
    menus = list(_menus(spec, asked, facets, labels, menus_later=menus_later))
    dates = list(date_menus(spec, asked, path, clock.today()))
    in_menus = {menu.name for menu in menus} | {menu.name + end for menu in dates for end in (AFTER, BEFORE)}
    keeps_sort = opened.keeps_sort or bool(asked.carried) or asked.query.sort != spec.default_sort
    return Frame(
        record_list=shown,
        columns=opened.columns,
        density=opened.density,
        tools=opened.tools,
        path=path,
        text=asked.text,
        menus=menus,
        inputs=[_input(known, asked) for known in spec.filters if _is_typed(known, spec)],
        dates=dates,
        removals=dict(_removals(menus, dates, asked, path)),
        chips=list(_chips(spec, asked, path, labels, in_menus)),
        heads=[_head(column, asked, path) for column in opened.columns],
        views=list(opened.views),
        range_label=range_in_words(page, total),
        next_href=asked.address(path, cursor=page.next_cursor) if page.next_cursor else "",
        first_href=asked.address(path) if page.seen_before else "",
        clear_href=opened.clear_href if asked.chosen or asked.text else "",
        canonical=asked.address(path, cursor=asked.query.cursor, sort=asked.query.sort if keeps_sort else ""),
        notice=" ".join(part for part in (opened.notice, notice) if part),
        has_filters=bool(asked.chosen or asked.text),
        peek_href=asked.address(path, cursor=asked.query.cursor) + "&peek="
        if opened.tools and shown.is_selectable
        else "",
        drawer=replace(drawer, close_href=asked.address(path, cursor=asked.query.cursor)) if drawer else None,
        hidden=[
            *_hidden(spec, asked, {menu.name for menu in menus}),
            *([("sort", asked.query.sort)] if keeps_sort else []),
        ],
        query=asked.address("", **dict.fromkeys(asked.carried)).removeprefix("?"),
        total_words=total_in_words(total) if total is not None else "",
    )


def range_in_words(page: Page, total: int | None) -> str:  # pyright: ignore
    """`1-50 of 4,843`, or `1-50 of 10,000+`."""
    if not page.items:
        return "none"
    first = page.seen_before + 1
    shown = f"{first:,}-{first + len(page.items) - 1:,}"
    return shown if total is None else f"{shown} of {total_in_words(total)}"


def total_in_words(total: int) -> str:
    """`4,843`, or `10,000+`."""
    return f"{COUNT_CAP:,}+" if total > COUNT_CAP else f"{total:,}"


def _has_menu(
    known: Filter, facets: Mapping[str, Mapping[str, int]] | None, labels: Mapping[str, Mapping[str, str]]
) -> bool:
    return (
        known.is_offered
        and known.has_many
        and bool(known.options or labels.get(known.name) or (facets and facets.get(known.facet)))
    )


def _is_typed(known: Filter, spec: ListSpec) -> bool:
    return (
        known.kind in TYPED
        and known.is_offered
        and not (known.kind == "day" and known.name.rpartition("_")[0] in menu_names(spec))
    )


def _input(known: Filter, asked: ListQuery) -> Input:
    return Input(known.name, known.label, TYPED[known.kind], next(iter(asked.chosen.get(known.name, ())), ""))


def _menus(
    spec: ListSpec,
    asked: ListQuery,
    facets: Mapping[str, Mapping[str, int]] | None,
    labels: Mapping[str, Mapping[str, str]],
    *,
    menus_later: bool,
) -> Iterable[Menu]:
    for known in spec.filters:
        if menus_later and known.facet and known.is_offered and known.has_many:
            names, values = dict(known.options) or labels.get(known.name, {}), asked.chosen.get(known.name, ())
            chosen = tuple(Option(value, names.get(value, value), None, is_chosen=True) for value in values)
            yield Menu(known.name, known.label, chosen, is_later=True)
        elif _has_menu(known, facets, labels):
            yield _menu(known, asked, facets or {}, labels)


def _menu(
    known: Filter,
    asked: ListQuery,
    facets: Mapping[str, Mapping[str, int]],
    labels: Mapping[str, Mapping[str, str]],
) -> Menu:
    counts = facets.get(known.facet) if known.facet else None
    names = dict(known.options) or dict(labels.get(known.name, {}))
    chosen = set(asked.chosen.get(known.name, ()))
    if counts is not None:
        values = [value for value in names if value in counts or value in chosen]
        values += [value for value in counts if value not in names] if not known.options else []
    else:
        values = list(names)
    values += sorted(chosen.difference(values))
    options = [
        Option(value, names.get(value, value), None if counts is None else counts.get(value, 0), value in chosen)
        for value in values
    ]
    if counts is not None and not known.options:
        options.sort(key=lambda option: (-(option.count or 0), option.label))
    return Menu(known.name, known.label, tuple(options))


def _removals(
    menus: Iterable[Menu], dates: Iterable[DateMenu], asked: ListQuery, path: str
) -> Iterable[tuple[str, str]]:
    groups = [(menu.name, (menu.name,)) for menu in menus] + [
        (menu.name, (menu.name + AFTER, menu.name + BEFORE)) for menu in dates
    ]
    for name, filters in groups:
        if any(asked.chosen.get(each) for each in filters):
            yield name, asked.address(path, **dict.fromkeys(filters))


def _chips(
    spec: ListSpec, asked: ListQuery, path: str, labels: Mapping[str, Mapping[str, str]], in_menus: Collection[str]
) -> Iterable[Chip]:
    for known in spec.filters:
        if known.name not in in_menus:
            names = dict(known.options) | dict(labels.get(known.name, {}))
            for value in asked.chosen.get(known.name, ()):
                yield Chip(known.label, names.get(value, value), asked.without(path, known.name, value))


def _hidden(spec: ListSpec, asked: ListQuery, in_menus: Collection[str]) -> Iterable[tuple[str, str]]:
    pairs = menu_names(spec)
    for known in spec.filters:
        is_in_menu = known.name.rpartition("_")[0] in pairs and known.kind in ("day", "moment")
        if known.name not in in_menus and not is_in_menu and not _is_typed(known, spec):
            yield from ((known.name, value) for value in asked.chosen.get(known.name, ()))
    yield from asked.carried.items()


def _head(column: Column, asked: ListQuery, path: str) -> Head:
    name = column.sort
    if not name or asked.text:
        return Head(column.label, align=column.align)
    present = asked.query.sort
    direction = "" if present.removeprefix("-") != name else ("descending" if present.startswith("-") else "ascending")
    href = asked.address(path, sort=f"-{name}" if direction == "ascending" else name)
    return Head(column.label, href, direction, column.align)


def system_view(title: str, filters: Mapping[str, str], asked: ListQuery, path: str) -> View:
    """A tab of the list's own."""
    pairs = [f"{name}={value}" for name, value in filters.items()]
    href = f"{path}?{'&'.join(pairs)}" if pairs else path
    present = {name: list(values) for name, values in asked.chosen.items()}
    is_current = present == {name: [value] for name, value in filters.items() if name != "sort"} and not asked.text
    return View(title, href, is_current)

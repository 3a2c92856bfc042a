"""Rendering: a whole page, or the one block of it that htmx asked for."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from litestar import Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from app.core import filters
from app.core.actor import Actor
from app.core.auth.sessions import csrf_token
from app.core.bulk import BulkAction
from app.core.columns import row_renderer
from app.core.http import FLASH_COOKIE, THEME_COOKIE, Request, read_flash
from app.core.lists import Menu
from app.core.permissions import BULK, EXPORT, SIGNED_IN
from app.core.pulse import Pulse
from app.core.runtime import Runtime
from app.core.template_code import TemplateEnvironment
from app.core.values import timestamp
from app.kit.ids import new_id
from app.settings import TEMPLATES

VARY = "HX-Request, HX-Request-Type, HX-Target, X-Menus, Cookie"
TIMELINE_FILTERS = ("mine", "states")
RECORD = re.compile(r"/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?P<rest>/.+)?$")
MOST_UNREAD = 99
KEPT_MENUS = 256
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class NavLink:
    """One line of the sidebar."""

    title: str
    href: str
    is_current: bool
    key: str = ""
    icon: str = ""
    count: str = ""
    tone: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class NavSection:
    """A titled group of the sidebar."""

    title: str
    items: list[NavLink]


@dataclass(frozen=True, slots=True)
class Toast:
    """A short message in the live region."""

    text: str
    tone: str
    undo: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a page follows: a kind's list, or one record that is shown or, below its address, worked on."""

    kind: str
    id: str = ""
    is_edited: bool = False


@dataclass
class Shell:
    """The frame around a page: who is signed in, where they are, and what every form needs."""

    request: Request
    toasts: list[Toast] = field(default_factory=list[Toast])

    @property
    def runtime(self) -> Runtime:
        return self.request.runtime

    @property
    def actor(self) -> Actor | None:
        return self.request.visitor

    @property
    def is_signed_in(self) -> bool:
        return self.request.visitor is not None

    @property
    def path(self) -> str:
        return self.request.scope["path"]

    @property
    def timeline_filter(self) -> str:
        """Which entries of a record's timeline are asked for."""
        asked = self.request.query_params.get("timeline", "")
        return asked if asked in TIMELINE_FILTERS else ""

    @property
    def environment(self) -> str:
        return self.runtime.settings.environment

    @property
    def theme(self) -> str:
        chosen = self.request.cookies.get(THEME_COOKIE, "auto")
        return chosen if chosen in THEMES else "auto"

    @property
    def place(self) -> str:
        branches = self.actor.branches if self.actor else None
        return ", ".join(sorted(branches)) if branches and len(branches) <= 2 else ""

    @property
    def pulse(self) -> Pulse | None:
        """Where the feed of changes stood before this page was read; None where nothing can change."""
        return self.request.scope["state"].get("pulse")

    @property
    def unread(self) -> str:
        """How much one has not read, as the bell shows it."""
        count = self.pulse.unread if self.pulse else 0
        return (f"{MOST_UNREAD}+" if count > MOST_UNREAD else str(count)) if count else ""

    @property
    def read_at(self) -> str:
        """When this page was read, as events give their moments."""
        return timestamp(self.pulse.at) if self.pulse else ""

    @cached_property
    def followed(self) -> Followed | None:
        """The list or the record whose changes this page follows, known by its address."""
        for kind in self.runtime.assembly.kinds.values():
            if self.path in kind.other_lists:
                return Followed(kind.key)
            rest = self.path.removeprefix(kind.list_address)
            if not kind.list_address or kind.represent is None or rest == self.path:
                continue
            if not rest:
                return Followed(kind.key)
            if found := RECORD.match(rest):
                return Followed(kind.key, found["id"], is_edited=bool(found["rest"]))
        return None

    @cached_property
    def csrf(self) -> str:
        bound_to = self.request.scope["state"].get("bound_to", "")
        return csrf_token(self.runtime.csrf_keys[0], bound_to) if bound_to else ""

    def form_key(self) -> str:
        """A new idempotency token: two sends of one form have one effect."""
        return new_id().hex

    def bulk_actions(self, kind: str) -> list[BulkAction]:
        """What this person may do with many records of a kind."""
        found = self.runtime.assembly.kinds.get(kind)
        if found is None or self.actor is None or not self.actor.may(BULK):
            return []
        return [action for action in found.bulk_actions if self.actor.may(action.permission)]

    def can_export(self, kind: str) -> bool:
        """Whether this person may take the rows of a kind's list along."""
        found = self.runtime.assembly.kinds.get(kind)
        return found is not None and found.listing is not None and self.actor is not None and self.actor.may(EXPORT)

    @cached_property
    def nav(self) -> list[NavSection]:
        sections: dict[str, list[NavLink]] = {}
        for item in self.runtime.assembly.nav:
            if self.actor and (item.permission == SIGNED_IN or self.actor.may(item.permission)):
                is_current = self.path == item.href or (item.href != "/" and self.path.startswith(item.href + "/"))
                link = NavLink(item.title, item.href, is_current, item.key, item.icon, badge=item.badge)
                sections.setdefault(item.section, []).append(link)
        return [NavSection(title, links) for title, links in sections.items()]


def make_environment(assets: dict[str, str]) -> Environment:
    """The one Jinja environment: autoescape, strict, synchronous, with the macros as `ui`."""
    environment = TemplateEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # pyright: ignore
    environment.globals["asset"] = _asset_address(assets)  # pyright: ignore
    environment.globals["list_rows"] = row_renderer(environment)  # pyright: ignore
    environment.globals["filter_menu"] = _menu_renderer(environment)  # pyright: ignore
    environment.filters.update(filters.FILTERS)
    environment.globals["ui"] = environment.get_template("ui.html").module  # pyright: ignore
    return environment


def _menu_renderer(environment: Environment) -> Callable[[Menu], Markup]:
    """The template global `filter_menu(menu)`: the pages of a list repeat their menus, so rendered ones are kept."""

    @lru_cache(maxsize=KEPT_MENUS)
    def filter_menu(menu: Menu) -> Markup:
        ui: Any = environment.globals["ui"]
        return ui.filter_menu(menu.label, menu.name, menu.options, menu.is_later)

    return filter_menu


def _asset_address(assets: dict[str, str]) -> Callable[[str], str]:
    def asset(path: str) -> str:
        return "/static/" + assets.get(path, path)

    return asset


def render(
    request: Request,
    template: str,
    page: Any,
    *,
    fragment: str | None = None,
    status: int = 200,
    also: Iterable[str] = (),
    headers: dict[str, str] | None = None,
) -> Response[str]:
    """The page, or for a partial htmx request the block named like the target's id.

    `fragment` names another block; `also` appends blocks that replace the elements of their own ids. A named block with
    409 tells htmx to put it into the page, where it would leave a conflict out.
    """
    runtime = request.runtime
    loaded = runtime.templates.get_template(template)
    shell = Shell(request)
    context = {"page": page, "shell": shell}
    block = _block(request, loaded, fragment) if request.is_partial else None
    if block:
        text = _render_block(loaded, block, context) + "".join(
            _partial(name, _render_block(loaded, name, context)) for name in also
        )
        cookies: list[Cookie] = []
    else:
        flash = read_flash(request)
        shell.toasts.extend(Toast(*parts) for parts in flash)
        text = loaded.render(context)
        cookies = [Cookie(key=FLASH_COOKIE, value="", max_age=0, path="/")] if flash else []
    return Response(
        text,
        status_code=status,
        media_type="text/html",
        headers={"Vary": VARY, "Cache-Control": "no-store"}
        | ({"HX-Reswap": "outerHTML"} if fragment and status == HTTPStatus.CONFLICT else {})
        | (headers or {}),
        cookies=cookies,
    )


def _block(request: Request, template: Template, fragment: str | None) -> str | None:
    if fragment:
        return fragment
    name = request.target.replace("-", "_")
    return name if any(name in each.blocks for each in _lineage(template)) else None


def _render_block(template: Template, name: str, context: dict[str, Any]) -> str:
    """One block, of the template or of the one that it extends."""
    made = template.new_context(context)
    for ancestor in _lineage(template)[1:]:
        for inherited, block in ancestor.blocks.items():
            made.blocks.setdefault(inherited, []).append(block)
    return "".join(made.blocks[name][0](made))


def _lineage(template: Template) -> list[Template]:
    """The template, what it extends, and so on."""
    found, environment = [template], template.environment
    while (parent := _parent(environment, str(found[-1].name))) is not None:
        found.append(environment.get_template(parent))
    return found


@lru_cache(maxsize=1024)
def _parent(environment: Environment, name: str) -> str | None:
    source, _, _ = environment.loader.get_source(environment, name)  # pyright: ignore[reportOptionalMemberAccess]
    extends = environment.parse(source).find(nodes.Extends)
    return extends.template.as_const() if extends else None


def _partial(name: str, html: str) -> str:
    target = name.replace("_", "-")
    return f'<hx-partial hx-target="#{target}" hx-swap="outerHTML">{html}</hx-partial>'

"""The web application: areas in, one ASGI application out."""

import json
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from litestar import Controller, Litestar
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.types import ASGIApp
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import registry
from app.core.actor import Actor
from app.core.api_requests import TrueAllow, well_formed
from app.core.area import Area
from app.core.cursors import CursorSigner
from app.core.db import Database
from app.core.guard import authorise
from app.core.health import Health
from app.core.http import Request
from app.core.live.hub import Hub
from app.core.live.stopping import ending_streams
from app.core.live.telling import Teller
from app.core.logs import configure_logs
from app.core.middleware import RequestFrame
from app.core.numbers_given import refuse_card_numbers
from app.core.openapi import CLOSED_PATH, document_config
from app.core.partners.client import Partners
from app.core.permissions import PermissionMap
from app.core.problems import handle_error
from app.core.pulse import take_pulse
from app.core.record_api import record_controllers
from app.core.runtime import Assembly, Runtime
from app.core.static_files import BUILT, StaticFiles
from app.core.templating import make_environment
from app.core.unit_of_work import UnitOfWork
from app.credit.area import AREA as CREDIT
from app.desk.area import AREA as DESK
from app.desk.notifications.services import know_kinds, pulse
from app.desk.staff.services.identity import STAFF_TABLE, load_staff_facts
from app.payments.area import AREA as PAYMENTS
from app.portal.area import AREA as PORTAL
from app.rental.area import AREA as RENTAL
from app.settings import Settings, load_settings
from search.client import SearchClient
from search.indexes import Indexes

AREAS = (PORTAL, RENTAL, CREDIT, PAYMENTS, DESK)
BODY_LIMIT = 2_000_000

DatabaseOpener = Callable[[Settings], AbstractAsyncContextManager[Database]]


def assemble(areas: Sequence[Area] = AREAS) -> Assembly:
    """All areas as one. Raises ValueError when two declare the same permission."""
    permissions = PermissionMap(permission for area in areas for permission in area.permissions)
    know_kinds(kind for area in areas for kind in area.notification_kinds)
    registry.fill(areas, permissions)
    return Assembly(tuple(areas), permissions, load_staff_facts, STAFF_TABLE, pulse)


def create_app(settings: Settings | None = None, *, open_database: DatabaseOpener | None = None) -> ASGIApp:
    """The application for a server. Raises ValueError when a route names no permission."""
    settings = settings or load_settings()
    configure_logs()
    assembly = assemble()
    application = Litestar(
        route_handlers=[Health, StaticFiles, *_controllers(assembly)],
        request_class=Request,
        guards=[admit],
        before_request=take_pulse,  # pyright: ignore[reportArgumentType] - our Request
        dependencies={"session": Provide(provide_session), "actor": Provide(provide_actor, sync_to_thread=False)},
        exception_handlers={Exception: handle_error},  # pyright: ignore[reportArgumentType] - our Request
        plugins=[UnitOfWork(), TrueAllow()],
        lifespan=[_lifespan(settings, assembly, open_database or _open_database)],
        request_max_body_size=BODY_LIMIT,
        openapi_config=document_config(),
        logging_config=None,
        debug=False,
    )
    require_permissions(application, assembly.permissions)
    return RequestFrame(application, is_secure=settings.base_url.startswith("https://"))


def _controllers(assembly: Assembly) -> Iterator[type[Controller]]:
    kinds = list(assembly.kinds.values())
    for area in assembly.areas:
        yield from area.controllers
        yield from record_controllers(kinds, area.record_controllers)


def require_permissions(application: Litestar, permissions: PermissionMap) -> None:
    """Deny by default starts here: every route names a permission that exists."""
    for route in application.routes:
        for handler in getattr(route, "route_handlers", []):
            if not isinstance(handler, HTTPRouteHandler) or handler.fn.__name__ == "options_handler":
                continue
            if route.path.startswith(CLOSED_PATH):
                continue
            permission = handler.opt.get("permission")
            if permission is None or permission not in permissions:
                raise ValueError(f"{route.path} ({handler}) names no known permission: {permission}")


async def admit(connection: ASGIConnection, handler: BaseRouteHandler) -> None:  # pyright: ignore
    """The one guard: Litestar copies the handler for each guard of each request."""
    await authorise(connection, handler)
    await refuse_card_numbers(connection, handler)
    await well_formed(connection, handler)


async def provide_session(request: Request) -> AsyncGenerator[AsyncSession]:
    """The request's unit of work; `UnitOfWork` commits it, everything else rolls it back."""
    session = request.runtime.database.new_session()
    session.info["request"] = request
    try:
        yield session
    finally:
        await session.close()


def provide_actor(request: Request) -> Actor:
    """Who is acting; only behind a route that is not public."""
    return request.actor


@asynccontextmanager
async def _open_database(settings: Settings) -> AsyncGenerator[Database]:
    database = await Database.open(settings)
    try:
        yield database
    finally:
        await database.close()


def _lifespan(
    settings: Settings, assembly: Assembly, open_database: DatabaseOpener
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(application: Litestar) -> AsyncGenerator[None]:
        manifest = BUILT / "manifest.json"
        assets: dict[str, str] = json.loads(manifest.read_text()) if manifest.exists() else {}
        search = SearchClient(settings.opensearch_url) if settings.opensearch_url else None
        async with open_database(settings) as database:
            hub = Hub(
                lambda: application.state.runtime.database,
                Teller(assembly.kinds.values(), assembly.live_signals, assembly.staff_loader),
            )
            partners = Partners(lambda: application.state.runtime.database, settings.opened_networks)
            application.state.runtime = Runtime(
                settings=settings,
                assembly=assembly,
                database=database,
                search=search,
                indexes=Indexes(search, settings.search_namespace) if search else None,
                templates=make_environment(assets),
                cursors=CursorSigner(settings.keys("cursors")),
                csrf_keys=settings.keys("csrf"),
                live=hub,
                partners=partners,
                assets=assets,
                asset_files=frozenset(assets.values()),
            )
            try:
                with ending_streams(hub):
                    yield
            finally:
                await hub.stop()
                await application.state.runtime.background.stop()
                await partners.close()
                if search is not None:
                    await search.close()

    return lifespan

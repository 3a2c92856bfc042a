"""Rules over all routes of the assembled application."""

import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler

from app.core.openapi import CLOSED_PATH
from app.core.permissions import PUBLIC
from app.main import assemble, require_permissions

SECRET_WORDS = ("password", "hash", "secret", "ciphertext", "identity_number_encrypted", "iban_encrypted")
KNOWN_PUBLIC = (
    "/health",
    "/static",
    "/metrics",
    "/sign-in",
    "/sign-out",
    "/theme",
    "/password",
    "/api/v1/auth",
    "/api/v1/openapi",
    "/_mail",
    "/webhooks",
)


def handlers(application):
    for route in application.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler) and handler.fn.__name__ != "options_handler":
                yield route, handler


def test_every_route_names_a_permission_that_exists(application):
    litestar = application[1]
    require_permissions(litestar, assemble().permissions)
    assert sum(1 for _ in handlers(litestar)) > 20


def test_a_route_without_permission_stops_the_start(application):
    litestar = application[1]
    route, handler = next((route, handler) for route, handler in handlers(litestar) if route.path == "/vehicles")
    kept = handler.opt.pop("permission")
    try:
        with pytest.raises(ValueError, match=r"/vehicles .* names no known permission"):
            require_permissions(litestar, assemble().permissions)
    finally:
        handler.opt["permission"] = kept
    assert route.path == "/vehicles"


def test_only_these_routes_are_public(application):
    found = {
        route.path
        for route, handler in handlers(application[1])
        if handler.opt.get("permission") == PUBLIC and not route.path.startswith(KNOWN_PUBLIC)
    }
    assert found == set()


def test_the_frameworks_own_pages_are_closed(application):
    for route, handler in handlers(application[1]):
        if route.path.startswith(CLOSED_PATH):
            assert "permission" not in handler.opt


def test_no_answer_carries_a_secret_column():
    def structs(root):
        for found in root.__subclasses__():
            yield found
            yield from structs(found)

    for struct in structs(msgspec.Struct):
        if not struct.__module__.startswith("app.") or ".schemas" not in struct.__module__:
            continue
        for field in msgspec.structs.fields(struct):
            if struct.__name__.endswith(("Item", "View", "Answer")):
                assert not any(word in field.name for word in SECRET_WORDS), f"{struct.__name__}.{field.name}"

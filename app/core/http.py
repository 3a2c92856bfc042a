"""Requests, answers and redirects, as every feature uses them."""

import base64
import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec
from litestar import Request as LitestarRequest
from litestar import Response
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.crypto import is_signed, signature
from app.core.errors import NotSignedIn, PreconditionRequired, StaleVersion
from app.core.records import Record
from app.core.runtime import Runtime

Session: TypeAlias = NamedDependency[AsyncSession]
CurrentActor: TypeAlias = NamedDependency[Actor]

FLASH_COOKIE = "forecourt_flash"
FLASH_SECONDS = 30
FLASH_SIGNATURE_BYTES = 12
THEME_COOKIE = "forecourt_theme"
JSON_TYPE = "application/json"
ADDRESS_MARKS = "/?#[]@!$&'()*+,;=:%"
"""Marks that stand for themselves in an address; everything beyond ASCII is quoted, as headers need it."""

_encoder = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical")


class Request(LitestarRequest[Any, Any, Any]):
    """A request that knows who sent it and what htmx asks for."""

    @property
    def runtime(self) -> Runtime:
        return self.app.state.runtime

    @property
    def actor(self) -> Actor:
        """Who is acting. Raises NotSignedIn on a public page nobody signed in to."""
        actor = self.scope["state"].get("actor")
        if actor is None:
            raise NotSignedIn
        return actor

    @property
    def visitor(self) -> Actor | None:
        """Who is acting, or None."""
        return self.scope["state"].get("actor")

    @property
    def is_api(self) -> bool:
        return self.scope["path"].startswith("/api/")

    @property
    def is_htmx(self) -> bool:
        return "hx-request" in self.headers

    @property
    def is_partial(self) -> bool:
        """Whether htmx asks for a piece of the page; restoring from history asks for the whole."""
        return self.headers.get("hx-request-type") == "partial"

    @property
    def shows_menus(self) -> bool:
        """Whether the counts of filter values will be seen: with a whole page, or while a menu stands open."""
        return not self.is_partial or self.headers.get("x-menus") == "open"

    @property
    def target(self) -> str:
        """The id htmx will swap: `form#vehicle-form` -> `vehicle-form`."""
        return self.headers.get("hx-target", "").rpartition("#")[2]

    def shown_at(self, canonical: str) -> dict[str, str]:
        """Headers that put the address of a list into the browser's bar, so that Back leads to the step before.

        The same list again is no step, and a search text typed further takes the place of what it began as.
        """
        if not self.is_partial:
            return {}
        current = self.headers.get("hx-current-url", "")
        if is_same_place(current, canonical):
            return {"HX-Push-Url": "false"}
        if is_same_place(current, canonical, apart_from="q"):
            return {"HX-Replace-Url": canonical}
        return {"HX-Push-Url": canonical}

    @property
    def address(self) -> str:
        """Who sent this: the peer, or behind a proxy of ours the last address that is none of ours.

        What `X-Forwarded-For` claims is believed from trusted proxies only, and only as far as they wrote it.
        """
        peer = self.client.host if self.client else ""
        networks = self.runtime.settings.proxy_networks
        if not networks:
            return peer
        claimed = [part.strip() for line in self.headers.getall("x-forwarded-for", []) for part in line.split(",")]
        return client_address(peer, claimed, networks)


def is_same_place(one: str, other: str, *, apart_from: str = "") -> bool:
    """Whether two addresses lead to one page. A parameter set apart may differ, but both must have it."""
    first, second = urlsplit(one), urlsplit(other)
    if not apart_from:
        return (first.path, first.query) == (second.path, second.query)
    asked = [parse_qsl(place.query) for place in (first, second)]
    rest = [[pair for pair in pairs if pair[0] != apart_from] for pairs in asked]
    has_both = all(len(pairs) > len(others) for pairs, others in zip(asked, rest, strict=True))
    return has_both and first.path == second.path and rest[0] == rest[1]


def client_address(
    peer: str, claimed: Sequence[str], trusted: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> str:
    """The address before the first untrusted hop, counted from us: each trusted proxy appended the one it saw.

    `claimed` are the hops of X-Forwarded-For, the nearest last. An entry that is no address ends the chain.
    """
    address = peer
    for hop in (*reversed(claimed), None):
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            return peer
        if hop is None or not any(known in network for network in trusted):
            return address
        try:
            address = str(ipaddress.ip_address(hop))
        except ValueError:
            return address
    return address


def to_json(value: Any) -> bytes:
    """A struct or plain values as JSON."""
    return _encoder.encode(value)


def answer(value: Any, *, status: int = 200, etag: str | None = None, location: str | None = None) -> Response[Any]:
    """A JSON answer of the API; personal data is never cached by others."""
    headers = {"Cache-Control": "no-store"}
    if etag:
        headers["ETag"] = etag
    if location:
        headers["Location"] = location
    return Response(to_json(value), status_code=status, media_type=JSON_TYPE, headers=headers)


def no_content(*, headers: Mapping[str, str] | None = None) -> Response[None]:
    """204, with headers for htmx or the API."""
    return Response(None, status_code=204, headers=dict(headers or {}))


def redirect(
    request: Request, name: str, *, toast: str | None = None, undo: str = "", **parameters: Any
) -> Response[Any]:
    """Go to a named page after a form: 204 + HX-Redirect for htmx, 303 for a plain form; `toast` is shown there.

    `undo` is a token of `core.undo`: the toast has a button that takes back what was done.
    """
    return redirect_to(request, request.app.route_reverse(name, **parameters), toast=toast, undo=undo)


def redirect_to(
    request: Request, address: str, *, toast: str | None = None, tone: str = "good", undo: str = ""
) -> Response[Any]:
    """As `redirect`, to an address of our own."""
    cookies = [_flash_cookie(request, toast, tone, undo)] if toast else []
    if request.is_htmx:
        return Response(None, status_code=204, headers={"HX-Redirect": address}, cookies=cookies)
    return Response(b"", status_code=303, media_type="text/plain", headers={"Location": address}, cookies=cookies)


def toast_trigger(text: str, tone: str = "good", undo: str = "") -> dict[str, str]:
    """The header that makes the page show a toast; ASCII, because headers are."""
    toast = {"text": text, "tone": tone} | ({"undo": undo} if undo else {})
    return {"HX-Trigger": msgspec.json.encode({"toast": toast}).decode().encode("ascii", "backslashreplace").decode()}


def local_address(text: str | None, fallback: str = "/") -> str:
    """An address of our own to return to; anything that could lead elsewhere becomes the fallback."""
    if not text or not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return fallback
    parts = urlsplit(text)
    return fallback if parts.scheme or parts.netloc else quote(text, safe=ADDRESS_MARKS)


def _flash_cookie(request: Request, text: str, tone: str, undo: str) -> Cookie:
    body = msgspec.json.encode([text, tone, undo])
    signed = signature(request.runtime.csrf_keys[0], b"flash" + body, FLASH_SIGNATURE_BYTES)
    return Cookie(
        key=FLASH_COOKIE,
        value=base64.urlsafe_b64encode(signed + body).decode(),
        max_age=FLASH_SECONDS,
        path="/",
        httponly=True,
        secure=request.runtime.is_secure,
        samesite="lax",
    )


def read_flash(request: Request) -> list[tuple[str, str, str]]:
    """Text, tone and undo token of the toast that the last redirect left, if it is ours."""
    text = request.cookies.get(FLASH_COOKIE)
    if not text:
        return []
    try:
        raw = base64.urlsafe_b64decode(text)
        signed, body = raw[:FLASH_SIGNATURE_BYTES], raw[FLASH_SIGNATURE_BYTES:]
        if not is_signed(request.runtime.csrf_keys, b"flash" + body, signed, FLASH_SIGNATURE_BYTES):
            return []
        flash = msgspec.json.decode(body, type=tuple[str, str, str])
    except (ValueError, msgspec.DecodeError):
        return []
    return [flash]


def require_match(request: Request, subject: Record) -> None:
    """If-Match for PUT, PATCH and DELETE: 428 when missing, 412 when stale."""
    if "if-match" not in request.headers:
        raise PreconditionRequired("If-Match: send the ETag of the version you changed")
    honour_match(request, subject)


def honour_match(request: Request, subject: Record) -> None:
    """If-Match for moves: honoured when sent."""
    sent = request.headers.get("if-match")
    if sent is None or sent.strip() == "*":
        return
    if subject.etag not in [tag.strip() for tag in sent.split(",")]:
        raise StaleVersion(f"The present version is {subject.etag}.", extra={"etag": subject.etag})


def not_modified(request: Request, etag: str) -> bool:
    """Whether If-None-Match names the present version."""
    sent = request.headers.get("if-none-match")
    return sent is not None and (
        sent.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in sent.split(",")]
    )

"""Refusals as pages, and the way to the sign-in page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from litestar import Response

from app.core.changes import request_id
from app.core.errors import AppError
from app.core.http import Request
from app.core.templating import Shell
from app.kit.numbers_in_text import find_card
from app.settings import TEMPLATES


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What happened, and the reference under which it can be looked up."""

    status: int
    title: str
    detail: str
    reference: str


def error_page(request: Request, error: AppError) -> Response[str]:
    """The page of this status; the nearest one where it has none of its own."""
    name = f"errors/{error.status}.html"
    if not (TEMPLATES / name).exists():
        name = "errors/500.html" if error.status >= 500 else "errors/400.html"
    page = ErrorPage(error.status, error.title, error.detail, request_id.get() or "")
    text = request.runtime.templates.get_template(name).render({"page": page, "shell": Shell(request)})
    headers = {"Cache-Control": "no-store", "Vary": "Cookie"} | error.headers
    return Response(text, status_code=error.status, media_type="text/html", headers=headers)


def send_to_sign_in(request: Request) -> Response[bytes]:
    """To the sign-in page, and back afterwards when it was a page that was asked for."""
    address = "/sign-in"
    if request.method == "GET" and request.scope["path"] != "/" and not request.is_partial:
        query = request.scope["query_string"].decode("ascii", "ignore")
        after = request.scope["path"] + (f"?{query}" if query else "")
        address += "" if find_card(after) else "?" + urlencode({"next": after})
    if request.is_htmx:
        return Response(b"", status_code=401, media_type="text/plain", headers={"HX-Redirect": address})
    return Response(b"", status_code=303, media_type="text/plain", headers={"Location": address})

"""Every refusal and fault as the reader needs it: a problem document, a toast, or a page."""

import errno
import re
from typing import Any

import msgspec
import structlog
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.core.changes import request_id
from app.core.db import is_connection_loss, is_retryable, is_shortage
from app.core.errors import (
    AlreadyThere,
    AppError,
    Conflict,
    Forbidden,
    IllegalState,
    InvalidFields,
    MalformedRequest,
    NotFound,
    NotSignedIn,
    StaleVersion,
    Unavailable,
)
from app.core.http import Request, to_json, toast_trigger
from app.core.idempotency import InFlight
from app.kit.numbers_in_text import masked
from app.kit.problems import Problem
from search.errors import SearchUnavailable

PROBLEM_TYPE = "application/problem+json"
TYPES = "https://forecourt.dev/problems/"
PATH_OF_MESSAGE = re.compile(r" - at `\$\.?([^`]*)`$")
UNKNOWN_FIELD = re.compile(r"Object contains unknown field `([^`]+)`")
MISSING_FIELD = re.compile(r"Object missing required field `([^`]+)`")

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})

logger = structlog.get_logger()


class ServerFault(AppError):
    code = "internal"
    status = 500
    title = "Something went wrong here"


class UnsupportedMethod(AppError):
    code = "method_not_allowed"
    status = 405
    title = "This address does not take that method"


class BodyTooLarge(AppError):
    code = "body_too_large"
    status = 413
    title = "The request is too large"


def problem_response(request: Request, error: AppError) -> Response[bytes]:
    """RFC 9457, with our `code`, the named fields as `errors`, and the request id as `trace_id`."""
    headers = {"Cache-Control": "no-store"} | error.headers
    if error.status == NotSignedIn.status:
        headers.setdefault("WWW-Authenticate", "Bearer")
    body = to_json(problem_of(request.scope["path"], error))
    return Response(body, status_code=error.status, media_type=PROBLEM_TYPE, headers=headers)


def problem_of(path: str, error: AppError) -> dict[str, Any]:
    """The problem document itself."""
    problem: dict[str, Any] = {
        "type": TYPES + error.code,
        "title": error.title,
        "status": error.status,
        "instance": masked(path),
        "code": error.code,
        "trace_id": request_id.get() or "",
    }
    if error.detail:
        problem["detail"] = error.detail
    if error.problems:
        problem["errors"] = [
            {"pointer": pointer(found.field), "code": found.code, "detail": found.detail} for found in error.problems
        ]
    return problem | error.extra


def pointer(field: str) -> str:
    """A dotted name as a JSON pointer: `debts.0.lender` -> `/debts/0/lender`."""
    return "/" + field.replace(".", "/") if field else ""


def handle_error(request: Request, error: Exception) -> Response[Any]:
    """The one exception handler."""
    refusal = as_app_error(error)
    if refusal.status >= ServerFault.status:
        logger.error("request_failed", path=request.scope.get("path_template"), exc_info=error)
    if request.is_api:
        return problem_response(request, refusal)
    from app.core.error_pages import error_page, send_to_sign_in

    if isinstance(refusal, NotSignedIn):
        return send_to_sign_in(request)
    if request.is_partial:
        text = refusal.detail or refusal.title
        if isinstance(refusal, IllegalState | InFlight):
            text = f"{refusal.title}. {refusal.detail}"
        if refusal.status >= ServerFault.status:
            text = f"{refusal.title}. Reference {request_id.get()}"
        return Response(
            b"",
            status_code=refusal.status,
            media_type="text/html",
            headers=toast_trigger(text, "act") | refusal.headers,
        )
    return error_page(request, refusal)


def as_app_error(error: Exception) -> AppError:  # noqa: PLR0911 - one line per kind of error
    """What an exception means to somebody outside; driver texts stay inside."""
    match error:
        case AppError():
            return error
        case ValidationException():
            return _validation_error(error)
        case HTTPException():
            return _http_error(error)
        case StaleDataError():
            return StaleVersion("Read it again and repeat your change.")
        case IntegrityError():
            return _integrity_error(error)
        case SearchUnavailable():
            return Unavailable("The search engine is away.")
        case _ if is_connection_loss(error) or is_retryable(error):
            return Unavailable("The database is busy or away. Try again in a moment.")
        case _ if is_shortage(error):
            return Unavailable("The database takes no more work for now. Try again in a moment.", retry_after=10)
        case OSError() if error.errno in NO_ROOM:
            return Unavailable("There is no room left for files. Try again later.", retry_after=60)
        case _:
            return ServerFault()


def _http_error(error: HTTPException) -> AppError:
    kinds: dict[int, type[AppError]] = {
        401: NotSignedIn,
        403: Forbidden,
        404: NotFound,
        405: UnsupportedMethod,
        413: BodyTooLarge,
    }
    if error.status_code in kinds:
        return kinds[error.status_code](headers=_allow(error))
    if error.status_code < ServerFault.status:
        return MalformedRequest(error.detail)
    return ServerFault()


def _allow(error: HTTPException) -> dict[str, str]:
    """The methods that the address does take, for 405 (RFC 9110, 15.5.6)."""
    allow = (error.headers or {}).get("allow")
    return {"Allow": allow} if allow else {}


def _validation_error(error: ValidationException) -> AppError:
    found: list[Problem] = []
    for extra in error.extra if isinstance(error.extra, list) else []:
        message, key = str(extra.get("message", "")), str(extra.get("key", ""))
        if extra.get("source") == "path":
            return NotFound()
        found.append(_problem_of_message(message, key))
    if any(problem.code == "syntax" for problem in found) or not found:
        return MalformedRequest(error.detail)
    return InvalidFields(found)


def _problem_of_message(message: str, key: str = "") -> Problem:
    path = PATH_OF_MESSAGE.search(message)
    field = (path.group(1) if path else key).replace("[", ".").replace("]", "").lstrip(".")
    text = PATH_OF_MESSAGE.sub("", message)
    for pattern, code, words in (
        (UNKNOWN_FIELD, "unknown_field", "is not known"),
        (MISSING_FIELD, "required", "is required"),
    ):
        if named := pattern.search(text):
            return Problem(f"{field}.{named.group(1)}".lstrip("."), code, words)
    return Problem(field, "invalid", text)


def decode_error(error: msgspec.DecodeError) -> AppError:
    """A body that is no JSON (400), or JSON of another shape (422, naming where)."""
    if isinstance(error, msgspec.ValidationError):
        return InvalidFields([_problem_of_message(str(error))])
    return MalformedRequest(str(error))


def _integrity_error(error: IntegrityError) -> AppError:
    number = error.orig.args[0] if error.orig and error.orig.args else None
    if number == 1062:
        return AlreadyThere("Another record has the same unique value.")
    if number in (1451, 1452):
        return Conflict("It refers to, or is referred to by, another record.", extra={"code": "reference"})
    return Conflict("The values contradict each other.")

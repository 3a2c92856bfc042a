"""Errors that a person or a client is meant to see."""

from typing import Any, ClassVar

from app.kit.problems import Problem


class AppError(Exception):
    """A refusal with a stable code. Handled once, at the edge: a page, a toast or a problem document."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request was refused"
    advice: ClassVar[str] = ""
    """What a person can do about it, for its page."""

    def __init__(
        self,
        detail: str = "",
        *,
        extra: dict[str, Any] | None = None,
        problems: list[Problem] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.extra = extra or {}
        self.problems = problems or []
        self.headers = headers or {}


class MalformedRequest(AppError):
    code = "malformed_request"
    status = 400
    title = "The request could not be read"


class NotSignedIn(AppError):
    code = "not_signed_in"
    status = 401
    title = "Sign in first"


class Forbidden(AppError):
    code = "forbidden"
    status = 403
    title = "You are not allowed to do this"


class NotFound(AppError):
    code = "not_found"
    status = 404
    title = "There is nothing here"


class Conflict(AppError):
    """What is asked for cannot be done as things are."""

    code = "conflict"
    status = 409
    title = "This does not fit the present state"
    advice = "Nothing was changed. Go back, load the page again and decide anew."


class IllegalState(Conflict):
    """A move that the state machine does not allow; `state` tells the present one."""

    code = "illegal_state"
    title = "Not possible in the present state"
    advice = "The record is no longer in the state you saw. Go back, load it again and decide anew."

    def __init__(self, detail: str, *, state: str) -> None:
        super().__init__(detail, extra={"state": state})


class AlreadyThere(Conflict):
    """The same has been recorded before."""

    code = "duplicate"
    title = "This is there already"
    advice = "Nothing was recorded a second time. Look at the one that is there before you go on."


class StaleVersion(AppError):
    """Somebody else changed the record since it was read."""

    code = "stale_version"
    status = 412
    title = "Somebody else has changed this meanwhile"


class PreconditionRequired(AppError):
    code = "precondition_required"
    status = 428
    title = "Send If-Match with the ETag that you read"


class InvalidFields(AppError):
    """Values that were understood but are not acceptable, each named."""

    code = "invalid_fields"
    status = 422
    title = "Some values are not acceptable"

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.detail}" for problem in problems), problems=problems)


class TooManyRequests(AppError):
    code = "too_many_requests"
    status = 429
    title = "Too many attempts"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Unavailable(AppError):
    code = "unavailable"
    status = 503
    title = "Temporarily not available"

    def __init__(self, detail: str = "", *, retry_after: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})

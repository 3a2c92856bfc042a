"""How much one process takes on at once, and how long it waits for a client that sends slowly."""

import asyncio

from litestar.types import HTTPReceiveMessage, Receive, Scope, WebSocketReceiveMessage

from app.core.errors import AppError, Unavailable

MOST_REQUESTS = 128
"""Requests in flight in one process: more than its connections serve within their waiting time are refused at once."""
BODY_PAUSE_SECONDS = 10.0
"""The longest pause between two pieces of a body; all of it has to come within the request's deadline."""
ALWAYS = ("/health/", "/metrics")


class BodyTooSlow(AppError):
    code = "body_too_slow"
    status = 408
    title = "The request did not arrive in time"


class Intake:
    """The requests of this process that are in flight; streams that have begun are not counted."""

    def __init__(self, most: int = MOST_REQUESTS) -> None:
        self.most = most
        self.in_flight = 0

    def enter(self, scope: Scope) -> "Place":
        """Take a place. Raises Unavailable when all are taken; health is always answered."""
        if self.in_flight >= self.most and not scope["path"].startswith(ALWAYS):
            raise Unavailable("There are too many requests at this moment. Try again soon.", retry_after=1)
        self.in_flight += 1
        return Place(self)


class Place:
    """One request's place, given back once."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._is_taken = True

    def leave(self) -> None:
        if self._is_taken:
            self._is_taken = False
            self._intake.in_flight -= 1


def with_body_deadline(receive: Receive) -> Receive:
    """As `receive`, but a pause inside the body has a limit. Raises BodyTooSlow."""
    is_complete = False

    async def receive_in_time() -> HTTPReceiveMessage | WebSocketReceiveMessage:
        nonlocal is_complete
        if is_complete:
            return await receive()
        try:
            async with asyncio.timeout(BODY_PAUSE_SECONDS):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow("Send the body without such long pauses.", headers={"Connection": "close"}) from None
        is_complete = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    return receive_in_time

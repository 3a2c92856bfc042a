"""What came of a call to a partner, and whether it can have had an effect there."""

from enum import StrEnum
from typing import ClassVar

from app.core.errors import Unavailable


class Outcome(StrEnum):
    ANSWERED = "answered"
    REFUSED = "refused"
    """The partner understood and said no."""
    FAILED = "failed"
    """5xx, or an answer that names a fault of the partner's own."""
    MALFORMED = "malformed"
    TIMEOUT = "timeout"
    LOST = "lost"
    """The connection broke after the request had gone out."""
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    """An address that we do not speak to."""
    REDIRECTED = "redirected"
    TOO_LARGE = "too_large"
    HELD_OFF = "held_off"
    """The circuit is open: nobody asked."""
    BUSY = "busy"
    """Too many calls to this partner are on their way: nobody asked."""


NOTHING_SENT = frozenset({Outcome.UNREACHABLE, Outcome.BLOCKED, Outcome.HELD_OFF, Outcome.BUSY})
"""The request never left: it had no effect and may be sent again."""
WITHOUT_EFFECT = NOTHING_SENT | {Outcome.REFUSED}
WORTH_REPEATING = frozenset({Outcome.FAILED, Outcome.LOST, Outcome.UNREACHABLE})
TROUBLE = frozenset({Outcome.FAILED, Outcome.MALFORMED, Outcome.TIMEOUT, Outcome.LOST, Outcome.UNREACHABLE})
"""What counts against a partner: after some of these in a row the circuit opens."""


class PartnerError(Unavailable):
    """The partner did not do it, or nobody knows whether it did."""

    code = "partner_failed"
    title = "The partner did not answer as it should"
    outcome: ClassVar[Outcome] = Outcome.FAILED

    def __init__(self, detail: str = "", *, outcome: Outcome | None = None) -> None:
        super().__init__(detail)
        self.came_of_it = outcome or self.outcome

    @property
    def may_have_effect(self) -> bool:
        """Whether what was asked may have happened nevertheless."""
        return self.came_of_it not in WITHOUT_EFFECT


class PartnerRefused(PartnerError):
    """The partner said no for a reason of its own; raised by those who read answers."""

    code = "partner_refused"
    title = "The partner refused"
    outcome = Outcome.REFUSED


class PartnerFailed(PartnerError):
    """The answer tells of a fault on the partner's side."""


class MalformedAnswer(PartnerError):
    """The answer is not what the protocol says."""

    code = "partner_malformed"
    outcome = Outcome.MALFORMED

"""A circuit breaker per partner: after some failures in a row nobody waits for a partner that is away."""

import time
from collections.abc import Callable
from typing import Final

FAILURES: Final = 5
OPEN_SECONDS: Final = 20.0


class Breaker:
    """Closed, open for `open_seconds` after `failures` in a row, then half open: one probe decides."""

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        open_seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._open_seconds, self._clock = failures, open_seconds, clock
        self._failed = 0
        self._opened_at: float | None = None
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def admit(self) -> bool:
        """Whether a call may be made now; each that was admitted is told of by `heard` or `forgotten`."""
        if self._opened_at is None:
            return True
        if self._is_probing or self._clock() - self._opened_at < self._open_seconds:
            return False
        self._is_probing = True
        return True

    def heard(self, *, is_trouble: bool) -> None:
        """The call that was admitted has ended."""
        was_probe, self._is_probing = self._is_probing, False
        if not is_trouble:
            self._failed, self._opened_at = 0, None
            return
        self._failed += 1
        if was_probe or (self._opened_at is None and self._failed >= self._limit):
            self._opened_at = self._clock()

    def forgotten(self) -> None:
        """The call was given up by whoever made it: that says nothing about the partner."""
        self._is_probing = False

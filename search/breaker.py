"""A circuit breaker: after some failures in a row nobody waits for a cluster that is away."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from search.errors import IndexMissing, SearchRefused, SearchUnavailable

FAILURES: Final = 3
OPEN_SECONDS: Final = 5.0


class Breaker:
    """Closed, open for `open_seconds` after `failures` in a row, then half open: one probe decides."""

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        open_seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._failed = 0
        self._opened_at: float | None = None
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    @contextmanager
    def attempt(self) -> Generator[None]:
        """Run one request; raises SearchUnavailable at once while the circuit is open."""
        is_probe = self._admit()
        try:
            yield
        except (SearchRefused, IndexMissing):
            self._succeed()
            raise
        except SearchUnavailable:
            self._fail(is_probe=is_probe)
            raise
        else:
            self._succeed()
        finally:
            if is_probe:
                self._is_probing = False

    def _admit(self) -> bool:
        if self._opened_at is None:
            return False
        if self._is_probing or self._clock() - self._opened_at < self._open_seconds:
            raise SearchUnavailable("the search cluster failed a moment ago")
        self._is_probing = True
        return True

    def _succeed(self) -> None:
        self._failed = 0
        self._opened_at = None

    def _fail(self, *, is_probe: bool) -> None:
        self._failed += 1
        if is_probe or (self._opened_at is None and self._failed >= self._limit):
            self._opened_at = self._clock()

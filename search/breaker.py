"""A circuit breaker: after some failures in a row nobody waits for what is away. The one of search, and of partners."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from search.errors import IndexMissing, SearchRefused, SearchUnavailable

FAILURES: Final = 3
OPEN_SECONDS: Final = 5.0


class Breaker:
    """Closed, open for `open_seconds` after `failures` in a row, then half open: one probe decides."""

    def __init__(self, *, failures: int, open_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
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
        """The call was given up by whoever made it: that says nothing about the other side."""
        self._is_probing = False


class SearchBreaker(Breaker):
    """The breaker of the cluster: an answer is no failure, also one that refuses."""

    def __init__(self, *, open_seconds: float = OPEN_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(failures=FAILURES, open_seconds=open_seconds, clock=clock)

    @contextmanager
    def attempt(self) -> Generator[None]:
        """Run one request; raises SearchUnavailable at once while the circuit is open."""
        if not self.admit():
            raise SearchUnavailable("the search cluster failed a moment ago")
        try:
            yield
        except (SearchRefused, IndexMissing):
            self.heard(is_trouble=False)
            raise
        except SearchUnavailable:
            self.heard(is_trouble=True)
            raise
        except BaseException:
            self.forgotten()
            raise
        else:
            self.heard(is_trouble=False)

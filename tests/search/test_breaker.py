import asyncio

import pytest

from search.breaker import SearchBreaker
from search.errors import IndexMissing, SearchRefused, SearchUnavailable


class Clock:
    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


def run(breaker: SearchBreaker, error: BaseException | None = None):
    with breaker.attempt():
        if error:
            raise error


def break_down(breaker: SearchBreaker, times: int = 3):
    for _ in range(times):
        with pytest.raises(SearchUnavailable, match="down"):
            run(breaker, SearchUnavailable("down"))


class TestBreaker:
    def test_opens_after_three_failures_in_a_row(self):
        breaker = SearchBreaker(clock=Clock())
        break_down(breaker, 2)
        run(breaker)
        break_down(breaker, 2)
        run(breaker)
        break_down(breaker, 3)
        with pytest.raises(SearchUnavailable, match="a moment ago"):
            run(breaker)

    def test_one_probe_closes_it(self):
        clock = Clock()
        breaker = SearchBreaker(clock=clock)
        break_down(breaker)
        clock.seconds += 5
        with breaker.attempt(), pytest.raises(SearchUnavailable, match="a moment ago"):
            run(breaker)
        run(breaker)
        assert not breaker.is_open

    def test_a_failed_probe_opens_it_again(self):
        clock = Clock()
        breaker = SearchBreaker(clock=clock)
        break_down(breaker)
        clock.seconds += 5
        break_down(breaker, 1)
        clock.seconds += 4
        with pytest.raises(SearchUnavailable, match="a moment ago"):
            run(breaker)

    def test_a_cancelled_probe_leaves_room_for_another(self):
        clock = Clock()
        breaker = SearchBreaker(clock=clock)
        break_down(breaker)
        clock.seconds += 5
        with pytest.raises(asyncio.CancelledError):
            run(breaker, asyncio.CancelledError())
        run(breaker)
        assert not breaker.is_open

    @pytest.mark.parametrize("error", [SearchRefused(400, "malformed"), IndexMissing("no index")])
    def test_an_answer_is_no_failure(self, error):
        breaker = SearchBreaker(clock=Clock())
        for _ in range(5):
            with pytest.raises(type(error)):
                run(breaker, error)
        assert not breaker.is_open

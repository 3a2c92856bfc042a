"""The way out over real HTTP: limits, repeats, what is known afterwards, and what is kept."""

import asyncio
from uuid import uuid4

import pytest
from aiohttp import web

from app.core.partners.client import LARGEST_ANSWER, Call, Partner
from app.core.partners.outcomes import MalformedAnswer, Outcome, PartnerError, PartnerRefused

READING = Call("search", "POST", "/search", b"<q/>", is_safe=True, seconds=3)
BOOKING = Call("book", "POST", "/book", b"<book/>", seconds=3)


def text(answer) -> str:
    return answer.body.decode()


def status(number: int, body: str = "", **headers):
    return lambda: web.Response(status=number, text=body, headers=headers)


async def refused(coroutine) -> PartnerError:
    with pytest.raises(PartnerError) as caught:
        await coroutine
    return caught.value


class TestCall:
    async def test_answers_and_keeps_both_sides(self, partners, partner, played, kept):
        subject = ("vehicle", uuid4())
        call = Call(
            "search", "POST", "/search?page=1", b'{"q": "TLL"}', {"Authorization": "Bearer x"}, market="EE",
            subject=subject, correlation="job-1",
        )  # fmt: skip
        played.answers(status(200, '{"cars": 3}', **{"X-Request": "77"}))
        assert await partners.call(partner, call, text) == '{"cars": 3}'
        (exchange,) = await kept()
        assert (exchange.outcome, exchange.status, exchange.reason) == (Outcome.ANSWERED, 200, "")
        assert (exchange.request_body, exchange.response_body) == ('{"q": "TLL"}', '{"cars": 3}')
        assert exchange.url == f"{played.url}/search?page=1"
        assert exchange.request_headers["authorization"] == "[masked]"
        assert exchange.response_headers["x-request"] == "77"
        assert (exchange.subject_kind, exchange.subject_id) == subject
        assert (exchange.market, exchange.correlation, exchange.attempt) == ("EE", "job-1", 1)

    async def test_repeats_what_is_safe_and_keeps_each_attempt(self, partners, partner, played, kept):
        played.answers(status(503), status(200, "found"))
        assert await partners.call(partner, READING, text) == "found"
        assert [(each.attempt, each.outcome) for each in await kept()] == [
            (1, Outcome.FAILED),
            (2, Outcome.ANSWERED),
        ]

    async def test_never_repeats_what_may_have_happened(self, partners, partner, played):
        played.answers(status(500), status(200, "booked"))
        error = await refused(partners.call(partner, BOOKING, text))
        assert (error.came_of_it, error.may_have_effect) == (Outcome.FAILED, True)
        assert len(played.asked) == 1

    async def test_a_late_answer_is_a_timeout_that_may_have_had_its_effect(self, partners, partner, played, kept):
        played.answers(1.0)
        call = Call("book", "POST", "/book", b"", seconds=0.1)
        error = await refused(partners.call(partner, call, text))
        assert (error.came_of_it, error.may_have_effect) == (Outcome.TIMEOUT, True)
        (exchange,) = await kept()
        assert exchange.outcome is Outcome.TIMEOUT
        assert 80 <= exchange.milliseconds < 900

    async def test_a_connection_that_breaks_may_have_had_its_effect(self, partners, partner, played):
        async def hang_up(request: web.Request) -> web.StreamResponse:
            request.transport.abort()
            return web.Response()

        played.answer = hang_up
        error = await refused(partners.call(partner, BOOKING, text))
        assert (error.came_of_it, error.may_have_effect) == (Outcome.LOST, True)

    async def test_nobody_there_means_that_nothing_happened(self, partners):
        error = await refused(partners.call(Partner("gone", "http://127.0.0.1:9"), BOOKING, text))
        assert (error.came_of_it, error.may_have_effect) == (Outcome.UNREACHABLE, False)

    async def test_a_refusal_of_the_partner_is_an_answer(self, partners, partner, played, kept):
        def read(answer):
            raise PartnerRefused("no such car")

        for _ in range(8):
            error = await refused(partners.call(partner, BOOKING, read))
        assert not error.may_have_effect
        assert not partners.lane(partner).breaker.is_open
        assert {each.reason for each in await kept()} == {"no such car"}

    async def test_an_answer_that_cannot_be_read_is_malformed(self, partners, partner, kept):
        error = await refused(partners.call(partner, BOOKING, lambda answer: {}["price"]))
        assert isinstance(error, MalformedAnswer)
        assert error.may_have_effect
        assert (await kept())[0].outcome is Outcome.MALFORMED

    async def test_follows_no_redirect(self, partners, partner, played):
        played.answers(status(302, Location="http://169.254.169.254/latest"))
        error = await refused(partners.call(partner, READING, text))
        assert error.came_of_it is Outcome.REDIRECTED
        assert len(played.asked) == 1

    async def test_reads_no_endless_answer(self, partners, partner, played):
        played.answers(status(200, "x" * (LARGEST_ANSWER + 10)))
        assert (await refused(partners.call(partner, BOOKING, text))).came_of_it is Outcome.TOO_LARGE

    async def test_a_call_given_up_is_kept_and_says_nothing_about_the_partner(self, partners, partner, played, kept):
        played.answers(2.0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await partners.call(partner, BOOKING, text)
        (exchange,) = await kept()
        assert exchange.reason == "given up while it was on its way"
        assert not partners.lane(partner).breaker.is_open


class TestProtection:
    async def test_the_circuit_opens_and_one_probe_closes_it(self, partners, partner, played, kept):
        played.answers(status(500))
        for _ in range(5):
            await refused(partners.call(partner, BOOKING, text))
        error = await refused(partners.call(partner, BOOKING, text))
        assert (error.came_of_it, error.may_have_effect) == (Outcome.HELD_OFF, False)
        assert len(played.asked) == 5
        assert len(await kept()) == 5
        partners.lane(partner).breaker._opened_at = -1e6
        played.answers(status(200, "back"))
        assert await partners.call(partner, BOOKING, text) == "back"
        assert not partners.lane(partner).breaker.is_open

    async def test_more_than_a_partner_takes_waits_or_is_refused(self, partners, played):
        partner = Partner("small", played.url, most_calls=2, most_waiting=2, wait_seconds=5)
        at_once = most = 0

        async def slow(_: web.Request) -> web.StreamResponse:
            nonlocal at_once, most
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0.05)
            at_once -= 1
            return web.Response(text="ok")

        played.answer = slow
        calls = [partners.call(partner, BOOKING, text) for _ in range(8)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        outcomes = [result if result == "ok" else result.came_of_it for result in results]
        assert most == 2
        assert outcomes.count("ok") >= 2
        assert set(outcomes) == {"ok", Outcome.BUSY}

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.1:1", "http://10.0.0.1", "https://169.254.169.254", "https://[::1]", "https://192.168.1.1",
            "file:///etc/passwd", "https://user@example.com", "http://example.com", "https://[::ffff:10.0.0.1]",
            "https://localhost:1",
        ],
    )  # fmt: skip
    async def test_private_and_odd_addresses_are_closed(self, database, url):
        from app.core.partners.client import Partners

        partners = Partners(lambda: database)
        error = await refused(partners.call(Partner("odd", url), Call("search", "GET", "/", is_safe=True), text))
        await partners.close()
        assert (error.came_of_it, error.may_have_effect) == (Outcome.BLOCKED, False)

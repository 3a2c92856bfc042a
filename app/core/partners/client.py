"""The one way out: every call to a partner has a time limit, a place, a circuit, and is kept with what came of it."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    TCPConnector,
)
from yarl import URL

from app.core import clock, metrics
from app.core.changes import request_id
from app.core.db import Database
from app.core.partners.addresses import Network, OpenResolver, require_open
from app.core.partners.keeping import Keeper
from app.core.partners.masking import hide, kept_headers, kept_text
from app.core.partners.models import LONGEST_CORRELATION, LONGEST_REASON, LONGEST_URL, PartnerExchange
from app.core.partners.outcomes import TROUBLE, WORTH_REPEATING, MalformedAnswer, Outcome, PartnerError
from app.kit.ids import id_at
from search.breaker import Breaker

T = TypeVar("T")

USUAL_SECONDS = 10.0
CONNECT_SECONDS = 3.0
LARGEST_ANSWER = 4_000_000
ATTEMPTS = 3
FIRST_PAUSE = 0.1
CONNECTIONS = 64
FAILURES, OPEN_SECONDS = 5, 20.0
"""So many troubles in a row open a partner's circuit, for so long."""
UNREADABLE = (LookupError, ValueError, TypeError, ArithmeticError, AttributeError, RecursionError)
"""What a reader stumbles over when an answer is not what the protocol says."""


@dataclass(frozen=True, slots=True)
class Partner:
    """Whom we speak with, and how much at a time. `secrets` are masked by their names wherever they would be kept."""

    key: str
    base_url: str
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    most_calls: int = 8
    most_waiting: int = 32
    wait_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that is asked. Only what `is_safe` is ever sent twice: reading, or what the partner does only once."""

    operation: str
    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    seconds: float = USUAL_SECONDS
    """For everything: waiting for a place, all attempts, reading the answer."""
    is_safe: bool = False
    market: str | None = None
    subject: tuple[str, UUID] | None = None
    correlation: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]


Read = Callable[[Answer], T]
"""Turns an answer into what was asked for; raises PartnerRefused, PartnerFailed or MalformedAnswer."""


@dataclass(slots=True)
class Lane:
    """One partner's share of this process."""

    places: asyncio.Semaphore
    breaker: Breaker = field(default_factory=lambda: Breaker(failures=FAILURES, open_seconds=OPEN_SECONDS))
    waiting: int = 0


class Partners:
    """The client of one process; made in the event loop that uses it and closed there."""

    def __init__(self, database: Callable[[], Database], opened: Sequence[Network] = ()) -> None:
        self._keeper = Keeper(database)
        self._opened = opened
        self._lanes: dict[str, Lane] = {}
        self._kept: ClientSession | None = None
        self._fresh: ClientSession | None = None

    async def close(self) -> None:
        for http in (self._kept, self._fresh):
            if http is not None:
                await http.close()

    def lane(self, partner: Partner) -> Lane:
        """The places and the circuit of a partner."""
        return self._lanes.setdefault(partner.key, Lane(asyncio.Semaphore(partner.most_calls)))

    def is_held_off(self, key: str) -> bool:
        """Whether this process does not ask a partner now, because it failed several times a moment ago."""
        lane = self._lanes.get(key)
        return lane is not None and lane.breaker.is_open

    async def call(self, partner: Partner, call: Call, read: Read[T]) -> T:
        """Ask, and read the answer. Raises PartnerError, whose `may_have_effect` tells what is known."""
        until = asyncio.get_running_loop().time() + call.seconds
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._attempt(partner, call, read, attempt, until)
            except PartnerError as error:
                pause = FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1)  # noqa: S311 - jitter is not a secret
                is_last = attempt == ATTEMPTS or asyncio.get_running_loop().time() + pause >= until
                if is_last or not call.is_safe or error.came_of_it not in WORTH_REPEATING:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("the loop returns or raises")

    async def _attempt(self, partner: Partner, call: Call, read: Read[T], attempt: int, until: float) -> T:
        lane, loop = self.lane(partner), asyncio.get_running_loop()
        async with self._place(partner, lane, call, until):
            exchange = _begun(partner, call, attempt)
            began, is_heard = loop.time(), False
            try:
                result = _read(read, await self._send(partner, call, until, exchange))
            except PartnerError as error:
                exchange.outcome, exchange.reason, is_heard = error.came_of_it, _reason(error, partner), True
                raise
            else:
                exchange.outcome, exchange.reason, is_heard = Outcome.ANSWERED, "", True
                return result
            finally:
                exchange.milliseconds = round((loop.time() - began) * 1000)
                self._judge(partner, lane, call, exchange, is_heard=is_heard)
                await asyncio.shield(self._keeper.keep(exchange))

    @asynccontextmanager
    async def _place(self, partner: Partner, lane: Lane, call: Call, until: float) -> AsyncGenerator[None]:
        """A place among this partner's calls. Raises PartnerError without one, or while the circuit is open."""
        if lane.waiting >= partner.most_waiting:
            raise _not_asked(partner, call, Outcome.BUSY, "too many calls wait for this partner")
        lane.waiting += 1
        try:
            limit = min(partner.wait_seconds, until - asyncio.get_running_loop().time())
            async with asyncio.timeout(max(limit, 0)):
                await lane.places.acquire()
        except TimeoutError:
            raise _not_asked(partner, call, Outcome.BUSY, "no place became free in time") from None
        finally:
            lane.waiting -= 1
        try:
            if not lane.breaker.admit():
                raise _not_asked(partner, call, Outcome.HELD_OFF, "it failed several times a moment ago")
            yield
        finally:
            lane.places.release()

    async def _send(self, partner: Partner, call: Call, until: float, exchange: PartnerExchange) -> Answer:
        url = partner.base_url.rstrip("/") + call.path
        require_open(url, self._opened)
        limit = until - asyncio.get_running_loop().time()
        try:
            async with (
                asyncio.timeout(max(limit, 0)),
                self._http(is_safe=call.is_safe).request(
                    call.method,
                    URL(url, encoded=True) if "%" in url else url,
                    data=call.body,
                    headers=call.headers,
                    allow_redirects=False,
                ) as response,
            ):
                body = await response.content.read(LARGEST_ANSWER + 1)
                while len(body) <= LARGEST_ANSWER and (more := await response.content.read(LARGEST_ANSWER)):
                    body += more
        except (ConnectionTimeoutError, ClientConnectorError) as error:
            raise PartnerError("no connection came about", outcome=Outcome.UNREACHABLE) from error
        except TimeoutError:
            raise PartnerError(f"no answer within {call.seconds:g} s", outcome=Outcome.TIMEOUT) from None
        except (ClientConnectionError, ClientPayloadError, OSError) as error:
            raise PartnerError(f"the connection broke: {type(error).__name__}", outcome=Outcome.LOST) from error
        except ClientError as error:
            raise PartnerError(f"no HTTP: {type(error).__name__}", outcome=Outcome.MALFORMED) from error
        answer = Answer(response.status, body, dict(response.headers))
        _note(exchange, answer, partner)
        _refuse_unfit(answer)
        return answer

    def _http(self, *, is_safe: bool) -> ClientSession:
        """Connections are kept for what may be repeated; anything else gets a new one, which cannot have gone stale."""
        if is_safe:
            self._kept = self._kept or self._new_session(force_close=False)
            return self._kept
        self._fresh = self._fresh or self._new_session(force_close=True)
        return self._fresh

    def _new_session(self, *, force_close: bool) -> ClientSession:
        connector = TCPConnector(
            limit=CONNECTIONS, resolver=OpenResolver(self._opened), use_dns_cache=False, force_close=force_close
        )
        timeout = ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
        return ClientSession(connector=connector, timeout=timeout, trust_env=False)

    def _judge(self, partner: Partner, lane: Lane, call: Call, exchange: PartnerExchange, *, is_heard: bool) -> None:
        if is_heard:
            lane.breaker.heard(is_trouble=exchange.outcome in TROUBLE)
        else:
            lane.breaker.forgotten()
        metrics.partner_circuit_open.labels(partner.key).set(lane.breaker.is_open)
        metrics.partner_seconds.labels(partner.key, call.operation, exchange.outcome.value).observe(
            exchange.milliseconds / 1000
        )


def _read(read: Read[T], answer: Answer) -> T:
    try:
        return read(answer)
    except UNREADABLE as error:
        raise MalformedAnswer(f"the answer cannot be read: {type(error).__name__}: {error}"[:300]) from error


def _begun(partner: Partner, call: Call, attempt: int) -> PartnerExchange:
    body, is_cut = kept_text(call.body, partner.secrets)
    at = clock.now()
    return PartnerExchange(
        id=id_at(at),
        at=at,
        partner=partner.key,
        operation=call.operation,
        outcome=Outcome.LOST,
        attempt=attempt,
        milliseconds=0,
        reason="given up while it was on its way",
        method=call.method,
        url=hide(partner.base_url.rstrip("/") + call.path, partner.secrets)[:LONGEST_URL],
        request_headers=kept_headers(call.headers, partner.secrets),
        request_body=body,
        request_bytes=len(call.body or b""),
        is_cut=is_cut,
        market=call.market,
        subject_kind=call.subject[0] if call.subject else None,
        subject_id=call.subject[1] if call.subject else None,
        correlation=(call.correlation or request_id.get() or "")[:LONGEST_CORRELATION],
    )


def _note(exchange: PartnerExchange, answer: Answer, partner: Partner) -> None:
    exchange.status = answer.status
    exchange.response_bytes = len(answer.body)
    exchange.response_headers = kept_headers(answer.headers, partner.secrets)
    exchange.response_body, is_cut = kept_text(answer.body, partner.secrets)
    exchange.is_cut = exchange.is_cut or is_cut


def _refuse_unfit(answer: Answer) -> None:
    if len(answer.body) > LARGEST_ANSWER:
        raise PartnerError(f"the answer is larger than {LARGEST_ANSWER:,} bytes", outcome=Outcome.TOO_LARGE)
    if 300 <= answer.status < 400:
        raise PartnerError(f"it sends us elsewhere ({answer.status})", outcome=Outcome.REDIRECTED)
    if answer.status >= 500 or answer.status in (408, 425, 429):
        raise PartnerError(f"it answered {answer.status}", outcome=Outcome.FAILED)


def _not_asked(partner: Partner, call: Call, outcome: Outcome, why: str) -> PartnerError:
    metrics.partner_seconds.labels(partner.key, call.operation, outcome.value).observe(0)
    return PartnerError(f"{partner.key} was not asked: {why}", outcome=outcome)


def _reason(error: PartnerError, partner: Partner) -> str:
    return hide(error.detail or error.title, partner.secrets)[:LONGEST_REASON]

"""Runs jobs: claims as many as there are places, keeps their leases, reports what became of them."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import metrics
from app.core.area import JobKind, RecordKind
from app.core.db import Database, run_in_unit
from app.core.errors import Unavailable
from app.core.jobs import leases
from app.core.jobs.context import JobContext, JobRefused, LeaseLost
from app.core.jobs.leases import Claim
from app.core.jobs.models import JobState
from app.core.jobs.schedules import queue_due, register_schedules
from app.core.partners.client import Partners
from app.core.reasons import reason_of
from app.settings import Settings
from search.client import SearchClient

PLACES = 4
POLL_SECONDS = 0.25
HOUSEKEEPING_SECONDS = 1.0
LONGEST_HEARTBEAT_SECONDS = 5.0
CANCEL_GRACE_SECONDS = 5.0
DRAIN_SECONDS = 7.0
LEAVE_SECONDS = 2.0
REPORT_ATTEMPTS = 5
LONGEST_DATABASE_PAUSE = 5.0

log = structlog.get_logger(__name__)

Ended = Callable[[AsyncSession, Claim, JobKind, JobState, str], Awaitable[None]]
"""Hears in the transaction of the report that a job is done or buried, and why."""

DatabaseTrouble = (SQLAlchemyError, Unavailable, OSError, TimeoutError)


class JobRunner:
    """One worker's share of the jobs."""

    def __init__(
        self,
        database: Database,
        search: SearchClient | None,
        settings: Settings,
        kinds: Sequence[JobKind],
        worker: str,
        *,
        places: int = PLACES,
        records: Sequence[RecordKind] = (),
        ended: Ended | None = None,
        partners: Partners | None = None,
    ) -> None:
        self._database = database
        self._search = search
        self._settings = settings
        self._kinds = {kind.key: kind for kind in kinds}
        self._worker = worker
        self._places = places
        self._records = records
        self._ended = ended
        self._partners = partners
        self._running: dict[asyncio.Task[None], asyncio.Task[Any]] = {}
        self._freed = asyncio.Event()
        self._is_leaving = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`, then let running jobs end, and give back those that take too long."""
        is_registered = False
        looked_at = 0.0
        pause = POLL_SECONDS
        while not stop.is_set():
            try:
                if not is_registered:
                    await self._unit(lambda session: register_schedules(session, list(self._kinds.values())))
                    is_registered = True
                if _time() - looked_at >= HOUSEKEEPING_SECONDS:
                    looked_at = _time()
                    await self._unit(lambda session: queue_due(session, list(self._kinds.values())))
                    await self._unit(leases.reclaim_expired)
                claimed = await self._claim()
                pause = POLL_SECONDS
            except DatabaseTrouble as error:
                log.warning("jobs.database_away", reason=reason_of(error))
                claimed, pause = 0, min(pause * 2, LONGEST_DATABASE_PAUSE)
            if not claimed:
                await self._rest(stop, pause)
        await self._drain()

    async def _claim(self) -> int:
        free = self._places - len(self._running)
        if free <= 0 or not self._kinds:
            return 0
        kinds = list(self._kinds.values())
        claims = await self._unit(lambda session: leases.claim_jobs(session, kinds, self._worker, free))
        for claim in claims:
            context = JobContext(
                self._database, self._search, self._settings, claim, self._records, partners=self._partners
            )
            context.fence()
            work = asyncio.ensure_future(_call(self._kinds[claim.kind], context))
            follower = asyncio.create_task(self._follow(claim, context, work))
            self._running[follower] = work
            follower.add_done_callback(self._forget)
        return len(claims)

    def _forget(self, follower: asyncio.Task[None]) -> None:
        self._running.pop(follower, None)
        self._freed.set()
        if not follower.cancelled() and (error := follower.exception()) is not None:
            log.error("jobs.report_failed", reason=reason_of(error))

    async def _rest(self, stop: asyncio.Event, seconds: float) -> None:
        self._freed.clear()
        waits = [asyncio.create_task(stop.wait()), asyncio.create_task(self._freed.wait())]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()

    async def _drain(self) -> None:
        self._is_leaving = True
        if self._running:
            await asyncio.wait(self._running, timeout=DRAIN_SECONDS)
        for work in self._running.values():
            work.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=LEAVE_SECONDS)

    async def _follow(self, claim: Claim, context: JobContext, work: asyncio.Task[Any]) -> None:
        kind = self._kinds[claim.kind]
        logger = log.bind(job=str(claim.id), kind=claim.kind, attempt=claim.attempt)
        logger.info("job.started")
        heartbeat = asyncio.create_task(self._keep_lease(claim, kind.lease, context, work))
        try:
            await asyncio.wait({work})
        finally:
            heartbeat.cancel()
        is_ours = await self._report(claim, context, work)
        metrics.jobs_finished.labels(claim.kind, _outcome(work) if is_ours else "lost").inc()
        logger.info("job.ended" if is_ours else "job.report_refused", outcome=_outcome(work))

    async def _keep_lease(self, claim: Claim, lease: timedelta, context: JobContext, work: asyncio.Task[Any]) -> None:
        """Renew until the work ends; stop the work once the job was cancelled or the lease is lost."""
        interval = min(lease.total_seconds() / 3, LONGEST_HEARTBEAT_SECONDS)
        renewed_at = _time()
        while True:
            await asyncio.sleep(interval)
            began = _time()
            try:
                is_ours = await self._unit(lambda session: leases.renew(session, claim, lease))
            except DatabaseTrouble as error:
                log.warning("job.heartbeat_failed", job=str(claim.id), reason=reason_of(error))
                is_ours = _time() - renewed_at < lease.total_seconds()
            else:
                renewed_at = began
            if is_ours and not context.cancelled:
                continue
            context.cancelled = True
            if await self._was_cancelled(claim):
                await asyncio.sleep(CANCEL_GRACE_SECONDS)
            work.cancel()
            return

    async def _was_cancelled(self, claim: Claim) -> bool:
        try:
            return await self._unit(lambda session: leases.find_state(session, claim.id)) == JobState.CANCELLED
        except DatabaseTrouble:
            return False

    async def _report(self, claim: Claim, context: JobContext, work: asyncio.Task[Any]) -> bool:
        write = self._outcome_of(claim, context, work)
        for attempt in range(REPORT_ATTEMPTS):
            try:
                return await self._unit(write)
            except DatabaseTrouble as error:
                log.warning("job.report_delayed", job=str(claim.id), reason=reason_of(error))
                await asyncio.sleep(0.5 * 2**attempt)
        return False

    def _outcome_of(
        self, claim: Claim, context: JobContext, work: asyncio.Task[Any]
    ) -> Callable[[AsyncSession], Awaitable[bool]]:
        if work.cancelled():
            if self._is_leaving and not context.cancelled:
                return lambda session: leases.give_back(session, claim)
            return lambda session: leases.fail_job(session, claim, "The work was cancelled.")
        error = work.exception()
        if error is None:
            result = work.result()
            plain = None if result is None else msgspec.to_builtins(result, enc_hook=str)
            kept = plain if plain is None or isinstance(plain, dict) else {"result": plain}
            finish = functools.partial(leases.finish_job, claim=claim, result=kept)
            return functools.partial(self._end, claim, JobState.DONE, "", finish)
        reason = reason_of(error)
        if not isinstance(error, LeaseLost):
            log.warning("job.failed", job=str(claim.id), kind=claim.kind, reason=reason, exc_info=error)
        is_refused = isinstance(error, JobRefused)
        fail = functools.partial(leases.fail_job, claim=claim, reason=reason, is_final=is_refused)
        if is_refused or claim.attempt >= claim.max_attempts:
            return functools.partial(self._end, claim, JobState.DEAD, reason, fail)
        return fail

    async def _end(
        self,
        claim: Claim,
        outcome: JobState,
        reason: str,
        report: Callable[[AsyncSession], Awaitable[bool]],
        session: AsyncSession,
    ) -> bool:
        """Report the job's end and what it means to others in one transaction."""
        is_ours = await report(session)
        if is_ours and self._ended is not None:
            await self._ended(session, claim, self._kinds[claim.kind], outcome, reason)
        return is_ours

    async def _unit(self, write: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        return await run_in_unit(self._database, write)


async def _call(kind: JobKind, context: JobContext) -> Any:
    return await kind.run(context)


def _outcome(work: asyncio.Task[Any]) -> str:
    if work.cancelled():
        return "cancelled"
    return "failed" if work.exception() else "done"


def _time() -> float:
    return asyncio.get_running_loop().time()

"""What a running job is given."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.area import RecordKind
from app.core.db import Database, run_in_unit
from app.core.jobs.leases import Claim, holds, report_progress
from app.core.partners.client import Partners
from app.settings import Settings
from search.client import SearchClient

PROGRESS_SECONDS = 0.25
"""Progress is kept at most this often; a new note and the last step always are."""


class LeaseLost(Exception):
    """The job was cancelled, or another worker has it: stop at once."""


class JobRefused(Exception):
    """The job can never succeed; raised by a job, it is buried at once with this reason."""


class JobContext:
    """One attempt at one job: what it may use, and how it tells how far it is."""

    def __init__(
        self,
        database: Database,
        search: SearchClient | None,
        settings: Settings,
        claim: Claim,
        records: Sequence[RecordKind] = (),
        partners: Partners | None = None,
    ) -> None:
        self.database = database
        self.search = search
        self.settings = settings
        self.claim = claim
        self.records = records
        """Every kind of record, for work that fits all of them."""
        self._partners = partners
        self.cancelled = False
        """True once the job is no longer ours; a long step looks here and stops."""
        self._told_at = 0.0
        self._told_note = ""

    @property
    def payload(self) -> dict[str, Any]:
        return self.claim.payload

    @property
    def partners(self) -> Partners:
        """The worker's way out to partners."""
        if self._partners is None:
            raise JobRefused("This worker speaks to no partner.")
        return self._partners

    def fence(self) -> None:
        """From now on a unit of work of the job commits only while the job is ours, and raises LeaseLost otherwise.

        A worker that was stopped past its lease goes on where it was, beside the one that took its job over.
        """
        self.database = self.database.fenced(self._require_lease)

    async def _require_lease(self, session: AsyncSession) -> None:
        if not await holds(session, self.claim):
            self.cancelled = True
            raise LeaseLost

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Keep how far the job is. Raises LeaseLost when it is no longer ours."""
        if self.cancelled:
            raise LeaseLost
        moment = asyncio.get_running_loop().time()
        if done != total and note == self._told_note and moment - self._told_at < PROGRESS_SECONDS:
            return
        self._told_at, self._told_note = moment, note
        if not await run_in_unit(
            self.database, lambda session: report_progress(session, self.claim, done, total, note)
        ):
            self.cancelled = True
            raise LeaseLost


RunJob = Callable[[JobContext], Awaitable[Any]]

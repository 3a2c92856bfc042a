"""F22: a worker is stopped in the middle of a job until its lease is over, and wakes up when another has ended it."""

from collections.abc import Sequence

import pytest

from app.core.actor import Actor
from app.core.invariants import Acknowledged
from tests.api.committing import Live
from tests.faults.forker import Forker, forking
from tests.faults.test_killed_jobs import KIND, assert_imported_once, confirmed_import, importer
from tests.faults.wholeness import assert_whole
from tests.plugins.tally import Tally

__all__ = ["importer"]

STRIDE = 3
"""In the full form every third step; each takes as long as a lease and the server's patience."""
TELLING = (
    "after ['UPDATE', 'job', 'SET']",  # the job is claimed, and locked
    "before ['SELECT', 'vehicle.source_key,', 'vehicle.id,']",  # what is to be saved is read, and nothing locked
    "after ['UPDATE', 'import_run', 'SET']",  # everything is saved and locked, and nothing committed
)


def stopped_at(names: Sequence[str], *, is_full: bool) -> list[int]:
    """Step numbers from 1."""
    return list(range(1, len(names) + 1, STRIDE)) if is_full else [names.index(name) + 1 for name in TELLING]


@pytest.mark.fault("F22", "SIGSTOP of a worker at each step of its import; another takes over; it wakes up")
async def test_the_worker_that_wakes_up_changes_nothing(
    live: Live, forker: Forker, importer: Actor, tally: Tally, is_full: bool
):
    """What the first has locked when it is stopped, the second gets once the server has given the first one up."""
    await confirmed_import(live, forker, importer)
    healthy = await forker.run_jobs(KIND)
    promised: list[Acknowledged] = []
    async with forking(live.settings) as other_worker:
        for step in stopped_at(healthy.steps, is_full=is_full):
            run_id, source = await confirmed_import(live, forker, importer)
            with tally:
                stopped = await forker.run_jobs(KIND, stop_at=step)
                assert stopped.stopped_pid, f"it took only {len(stopped.steps)} steps, not {step}"
                await other_worker.run_jobs(KIND)
                promised += await assert_imported_once(live, run_id, source)
                await forker.resume(stopped.stopped_pid)
                await assert_imported_once(live, run_id, source)
    await assert_whole(live.database, promised)

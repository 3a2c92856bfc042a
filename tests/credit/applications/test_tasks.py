from datetime import UTC, datetime, timedelta

from app.core.area import JobKind
from app.core.db import run_in_unit
from app.core.jobs.context import JobContext
from app.core.jobs.leases import claim_jobs
from app.core.jobs.queue import enqueue
from app.credit.applications.rules import ApplicationState
from app.credit.applications.tasks import expire_overdue_information_requests
from app.credit.area import AREA
from tests.factories.credit import make_in_state


class TestExpireOverdueInformationRequests:
    async def test_ends_what_is_overdue_once(self, session, database, settings):
        late = await make_in_state(session, ApplicationState.INFO_REQUESTED)
        late.information_due_on = datetime.now(UTC).date() - timedelta(days=1)
        await session.commit()
        kind: JobKind = AREA.tasks[0]
        await run_in_unit(database, lambda unit: enqueue(unit, kind.key, {}))
        [claim] = await run_in_unit(database, lambda unit: claim_jobs(unit, [kind], "test", 1))
        context = JobContext(database, None, settings, claim)
        assert await expire_overdue_information_requests(context) == {"expired": 1}
        await session.refresh(late)
        assert late.state is ApplicationState.EXPIRED
        assert await expire_overdue_information_requests(context) == {"expired": 0}
        assert (kind.key, kind.every) == ("applications.expire_requests", timedelta(seconds=60))

"""Keeping exchanges: in a transaction of their own, so that neither a rollback nor a refusal loses what was said."""

import asyncio
import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import CursorResult, TextClause, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import metrics
from app.core.database_clock import read_database_time
from app.core.db import Database, run_in_unit
from app.core.leases import DatabaseTrouble
from app.core.partners import tallies
from app.core.partners.models import PartnerExchange
from app.core.reasons import reason_of
from app.kit.ids import first_id_at

KEPT = timedelta(days=45)
WRITE_SECONDS = 3.0
PRUNED_AT_ONCE = 2_000
MOST_WAITING = 500

_PRUNE = text("DELETE FROM partner_exchange WHERE id < :before ORDER BY id LIMIT :rows").bindparams(rows=PRUNED_AT_ONCE)

log = structlog.get_logger(__name__)


class Keeper:
    """Writes what several calls have to tell with one statement, while they wait for it."""

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database
        self._waiting: list[PartnerExchange] = []
        self._writing = asyncio.Lock()

    async def keep(self, exchange: PartnerExchange) -> None:
        """Return once it is written. A database that is away costs the note and never the call."""
        if len(self._waiting) >= MOST_WAITING:
            metrics.partner_exchanges_lost.inc()
            return
        self._waiting.append(exchange)
        async with self._writing:
            taken, self._waiting = self._waiting, []
            if taken:
                await self._write(taken)

    async def _write(self, exchanges: list[PartnerExchange]) -> None:
        rows = [exchange.model_dump() for exchange in exchanges]
        database = copy.copy(self._database())
        database.fence = None  # a job that lost its lease has spoken to the partner all the same
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await run_in_unit(database, lambda session: _write_both(session, exchanges, rows))
        except DatabaseTrouble as error:
            metrics.partner_exchanges_lost.inc(len(rows))
            log.warning("partners.not_kept", exchanges=len(rows), reason=reason_of(error))


async def _write_both(session: AsyncSession, exchanges: list[PartnerExchange], rows: list[dict[str, Any]]) -> None:
    await session.execute(insert(PartnerExchange), rows)
    await tallies.add(session, exchanges)


async def forget_old(database: Database) -> int:
    """Delete exchanges that are older than anybody asks for, and the tallies of slots; returns how many exchanges."""
    for statement in tallies.PRUNE:
        await _prune(database, statement, tallies.PRUNED_AT_ONCE)
    async with database.session() as session:
        oldest = first_id_at(await read_database_time(session) - KEPT)
    return await _prune(database, _PRUNE, PRUNED_AT_ONCE, before=str(oldest))


async def _prune(database: Database, statement: TextClause, at_once: int, **values: str) -> int:
    """Run a statement that deletes some at a time until there is nothing left; returns how many."""
    total = 0
    while True:
        result = await run_in_unit(database, lambda session: session.execute(statement, values))
        assert isinstance(result, CursorResult)
        total += result.rowcount
        if result.rowcount < at_once:
            return total

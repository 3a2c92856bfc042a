"""Asking a supplier without effect, to see what it says: a test of the connection, and a kept request sent again."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from app.core.actor import Actor
from app.core.db import AsyncSession, Database
from app.core.errors import Conflict
from app.core.partners.client import Call, Partners
from app.core.partners.masking import MASK
from app.core.partners.models import PartnerExchange
from app.core.partners.outcomes import PartnerError
from app.desk.exchanges import services as exchanges
from app.kit.ids import new_id
from app.rental.suppliers import queries
from app.rental.suppliers.adapters.interface import KeptRequest
from app.rental.suppliers.rules import EVERYWHERE, Operation
from app.rental.suppliers.services.gateway import Line, ask, line_to
from app.rental.suppliers.services.health import PREFIX
from app.settings import Settings

WITHOUT_EFFECT: Mapping[str, Operation] = {
    operation.value: operation
    for operation in (Operation.LOCATIONS, Operation.SEARCH, Operation.RECHECK, Operation.RETRIEVE)
}
"""What may be asked any number of times."""
REPLAY_SECONDS = 20.0


class NotReplayable(Conflict):
    code = "not_replayable"
    title = "This cannot be sent again"
    advice = "Nothing was sent."


@dataclass(frozen=True, slots=True)
class Ready:
    """A kept request that can be sent again, and whom to."""

    line: Line
    kept: KeptRequest
    market: str | None
    subject: tuple[str, UUID] | None


def refusal_of(exchange: PartnerExchange) -> str:
    """Why a kept exchange cannot be sent again; empty when it can."""
    if not exchange.partner.startswith(PREFIX):
        return "It was not said to a supplier."
    if exchange.operation not in WITHOUT_EFFECT:
        return "It may have an effect: only searches, rechecks, retrievals and lists of branches are sent again."
    if exchange.request_bytes and len(exchange.request_body.encode()) < exchange.request_bytes // 2:
        return "The request was not kept whole."
    return ""


def replay_address(exchange: PartnerExchange) -> str | None:
    """Where a kept exchange is sent again; None for what may have an effect or was said to somebody else."""
    return None if refusal_of(exchange) else f"/suppliers/replays/{exchange.id}"


async def prepare_replay(session: AsyncSession, settings: Settings, exchange: PartnerExchange) -> Ready:
    """What it takes to send it again. Raises NotReplayable."""
    if refusal := refusal_of(exchange):
        raise NotReplayable(refusal)
    supplier = await queries.find_by_code(session, exchange.partner.removeprefix(PREFIX))
    if supplier is None:
        raise NotReplayable("There is no such supplier any more.")
    line = line_to(supplier, settings)
    if line.is_silent(exchange.market or EVERYWHERE):
        raise NotReplayable("Every call to this supplier is switched off.")
    base = line.partner.base_url.rstrip("/")
    if not exchange.url.startswith(f"{base}/"):
        raise NotReplayable("The supplier is at another address now.")
    kept = KeptRequest(exchange.operation, exchange.method, exchange.url.removeprefix(base), exchange.request_body)
    told = line.adapter.restored(kept)
    if told is None or MASK in told.body or MASK in told.path:
        raise NotReplayable("Parts of the request were masked when it was kept.")
    subject = (exchange.subject_kind, exchange.subject_id)
    about = (subject[0], subject[1]) if subject[0] and subject[1] else None
    return Ready(line, told, exchange.market, about)


async def replay(partners: Partners, ready: Ready) -> str:
    """Send it again, whatever comes of it; answers by which correlation the new exchange is found."""
    kept = ready.kept
    body = kept.body.encode() if kept.body else None
    call = Call(
        kept.operation, kept.method, kept.path, body, ready.line.adapter.headers, seconds=REPLAY_SECONDS,
        correlation=f"replay-{new_id().hex}",
    )  # fmt: skip
    exchange = replace(ready.line.adapter.locations(), call=call, read=ready.line.adapter.opened)
    with suppress(PartnerError):  # what came of it was kept, and is what is looked at
        await ask(partners, ready.line, exchange, market=ready.market, subject=ready.subject)
    return call.correlation


async def test_connection(database: Database, partners: Partners, settings: Settings, supplier_id: UUID) -> str:
    """Ask a supplier for its branches; answers by which correlation the exchange is found. Raises NotReplayable."""
    async with database.session() as session:
        line = line_to(await queries.get_supplier(session, supplier_id), settings)
    if line.is_silent(EVERYWHERE):
        raise NotReplayable("Every call to this supplier is switched off.")
    exchange = line.adapter.locations()
    correlation = f"test-{new_id().hex}"
    with suppress(PartnerError):  # what came of it was kept, and is what is looked at
        await ask(partners, line, replace(exchange, call=replace(exchange.call, correlation=correlation)), market=None)
    return correlation


async def find_exchange(session: AsyncSession, correlation: str, actor: Actor) -> PartnerExchange | None:
    """The newest exchange of a correlation; None where nothing was asked."""
    return await exchanges.find_by_correlation(session, correlation, actor)

"""The card provider as an application of its own: payments, its faults, and the record that tests ask."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from litestar import Litestar, Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.types import ASGIApp

from app.sandbox.payments.ledger import SECRET, Ledger, Refusal
from app.sandbox.suppliers.company import HANG_UP, HangingUp
from app.sandbox.suppliers.faults import ANSWER, Breakdown, HangUp

Asked = Request[Any, Any, Any]
OPERATIONS: Final = {"increments": "increment", "captures": "capture", "voids": "void", "refunds": "refund"}


def create_provider() -> ASGIApp:
    """The provider with an empty record."""
    handlers = [create, change, retrieve, show_payments, show_calls, switch_on, switch_off]
    return HangingUp(
        Litestar(route_handlers=handlers, state=State({"ledger": Ledger()}), openapi_config=None, logging_config=None)
    )


async def _play(ledger: Ledger, operation: str, work: Callable[[], tuple[int, dict[str, Any]]]) -> Response[bytes]:
    """The faults around one operation, and the operation itself."""
    ledger.calls[operation] += 1
    try:
        await ledger.switchboard.before(operation)
        status, content = work()
        await ledger.switchboard.after(operation)
    except Breakdown as breakdown:
        return Response(b"Internal Server Error", status_code=breakdown.status, media_type="text/plain")
    except HangUp:
        return Response(b"", headers={HANG_UP.decode(): "1"})
    body = json.dumps(content).encode()
    if ledger.switchboard.take(operation, ANSWER):
        body = b"<html><body><h1>Scheduled maintenance</h1></body></html>"
    return Response(body, status_code=status, media_type="application/json")


async def _asked(request: Asked, operation: str, number: str) -> Response[bytes]:
    ledger, key = request.app.state.ledger, request.headers.get("idempotency-key", "")
    given = await _given(request)

    def work() -> tuple[int, dict[str, Any]]:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            refusal = Refusal("authentication", "unknown key", 401)
            return refusal.status, refusal.content
        if not key:
            refusal = Refusal("key_missing", "send an Idempotency-Key", 422)
            return refusal.status, refusal.content
        return ledger.carry_out(key, operation, number, given)

    return await _play(ledger, operation, work)


async def _given(request: Asked) -> Mapping[str, Any]:
    try:
        found = json.loads(await request.body())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@post("/v1/payments", status_code=200)
async def create(request: Asked) -> Any:
    return await _asked(request, "create", "")


@post("/v1/payments/{number:str}/{kind:str}", status_code=200)
async def change(request: Asked, number: FromPath[str], kind: FromPath[str]) -> Any:
    if kind not in OPERATIONS:
        return Response(Refusal("not_found", "", 404).content, status_code=404)
    return await _asked(request, OPERATIONS[kind], number)


@get("/v1/operations/{key:str}")
async def retrieve(request: Asked, state: State, key: FromPath[str]) -> Any:
    if request.headers.get("authorization") != f"Bearer {SECRET}":
        return Response(Refusal("authentication", "unknown key", 401).content, status_code=401)
    return await _play(state.ledger, "retrieve", lambda: state.ledger.retrieve(key))


@get("/control/payments", sync_to_thread=False)
def show_payments(state: State) -> list[dict[str, Any]]:
    """What really happened."""
    return [payment.plain() for payment in state.ledger.payments.values()]


@get("/control/calls", sync_to_thread=False)
def show_calls(state: State) -> dict[str, int]:
    return dict(state.ledger.calls)


@post("/control/faults", status_code=201)
async def switch_on(request: Asked, state: State) -> Response[dict[str, Any]]:
    """`{"operation": "create", "fault": "lost", "times": 1}`; operation `card` with `decline` refuses the next one."""
    try:
        return Response(vars(state.ledger.switchboard.switch_on(dict(await _given(request)))), status_code=201)
    except (ValueError, TypeError) as error:
        return Response({"error": str(error)}, status_code=422)


@delete("/control/faults", status_code=204, sync_to_thread=False)
def switch_off(state: State) -> None:
    state.ledger.switchboard.faults.clear()

"""One supplier as an application of its own: its dialect, its faults, and the record that tests ask."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Final

from litestar import Litestar, Request, Response, delete, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Redirect, Stream
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app.sandbox.suppliers import invoicing, ota, rest
from app.sandbox.suppliers.catalogue import COMPANIES
from app.sandbox.suppliers.faults import ANSWER, Breakdown, HangUp
from app.sandbox.suppliers.ledger import Ledger, Refusal

Asked = Request[Any, Any, Any]
BOMB: Final = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY x SYSTEM "file:///etc/passwd">]><OTA_VehAvailRateRS>&c;&x;'
    b"</OTA_VehAvailRateRS>"
)
HANG_UP: Final = b"x-hang-up"
NESTED: Final = {"application/xml": (b"<a>", b"</a>"), "application/json": (b"[", b"]")}
DEEP: Final = 100_000
INSIDE_ADDRESS: Final = "http://169.254.169.254/latest/meta-data/"
"""Where a cloud tells its machines their secrets: nobody who follows redirects blindly should arrive there."""
AMOUNT: Final = re.compile(rb'"([0-9]+\.[0-9]{2})"')
DRIPS, DRIP_SECONDS = 200, 0.05
XML, JSON = "application/xml", "application/json"


SPOILT: Final[Mapping[str, Callable[[bytes, str, str], bytes]]] = {
    "malformed": lambda body, _kind, _currency: body[: len(body) * 2 // 3],
    "html": lambda _body, _kind, _currency: b"<html><body><h1>Scheduled maintenance</h1></body></html>",
    "xml_entities": lambda _body, _kind, _currency: BOMB,
    "huge": lambda body, _kind, _currency: body + b" " * 6_000_000,
    "nested": lambda _body, kind, _currency: NESTED[kind][0] * DEEP + NESTED[kind][1] * DEEP,
    "duplicated": lambda body, _kind, _currency: body + body,
    "wrong_currency": lambda body, _kind, currency: body.replace(currency.encode(), b"USD"),
    "wrong_decimals": lambda body, _kind, _currency: AMOUNT.sub(rb'"\g<1>5"', body),
}
"""What is sent instead of a right answer."""


class HangingUp:
    """Around a company: the answer that it marks breaks off in the middle."""

    def __init__(self, company: ASGIApp) -> None:
        self._company = company

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_cut = False

        async def send_some(message: Message) -> None:
            nonlocal is_cut
            if message["type"] == "http.response.start" and HANG_UP in dict(message["headers"]):
                is_cut = True
                await send({**message, "headers": [(b"content-length", b"5000")]})
                await send({"type": "http.response.body", "body": b"<", "more_body": True})
            elif not is_cut:
                await send(message)

        await self._company(scope, receive, send_some)
        if is_cut:
            raise HangUp


def create_company(code: str) -> ASGIApp:
    """The supplier of this code."""
    company = COMPANIES[code]
    dialect = [speak_xml] if company.dialect == "ota_xml" else [
        list_locations, search, recheck, book, retrieve, find, modify, cancel,
    ]  # fmt: skip
    control = [show_reservations, decide, bill, show_calls, show_faults, switch_on, switch_off]
    return HangingUp(
        Litestar(
            route_handlers=[*dialect, *control],
            state=State({"ledger": Ledger(company)}),
            openapi_config=None,
            logging_config=None,
        )
    )


async def _play(ledger: Ledger, operation: str, kind: str, work: Callable[[], tuple[int, bytes]]) -> Response[Any]:
    """The faults around one operation, and the operation itself."""
    ledger.calls[operation] += 1
    try:
        await ledger.switchboard.before(operation)
        status, body = work()
        await ledger.switchboard.after(operation)
    except Breakdown as breakdown:
        return Response(b"Internal Server Error", status_code=breakdown.status, media_type="text/plain")
    except HangUp:
        return Response(b"", headers={HANG_UP.decode(): "1"})
    wrong = ledger.switchboard.take(operation, ANSWER)
    fault = wrong.fault if wrong else ""
    if fault == "redirect":
        return Redirect(INSIDE_ADDRESS)
    if fault == "drip":
        return Stream(_drips(body), status_code=status, media_type=kind)
    body = SPOILT.get(fault, _unspoilt)(body, kind, ledger.company.currency)
    return Response(body, status_code=status, media_type="image/png" if fault == "wrong_type" else kind)


def _unspoilt(body: bytes, _kind: str, _currency: str) -> bytes:
    return body


async def _drips(body: bytes) -> AsyncGenerator[bytes]:
    """The answer in small pieces, one after another for ten seconds."""
    size = -(-len(body) // DRIPS)
    for start in range(0, len(body), size):
        yield body[start : start + size]
        await asyncio.sleep(DRIP_SECONDS)


@post("/ota", status_code=200)
async def speak_xml(request: Asked, state: State) -> Any:
    body, ledger = await request.body(), state.ledger
    operation, root = ota.operation_of(body)
    if root is None or not operation:
        return Response(ota.refused("OTA_ErrorRS", Refusal("bad_input", "MESSAGE UNKNOWN")), media_type=XML)
    return await _play(ledger, operation, XML, lambda: (200, ota.answer(ledger, operation, root)))


async def _rest(request: Asked, operation: str, work: Callable[[Ledger], dict[str, Any]]) -> Any:
    ledger: Ledger = request.app.state.ledger

    def answered() -> tuple[int, bytes]:
        try:
            if request.headers.get("x-api-key") != ledger.company.secret:
                raise Refusal("authentication", "unknown key")  # noqa: TRY301 - one way for every refusal
            status, content = 200, work(ledger)
        except Refusal as refusal:
            status, content = rest.refused(refusal)
        return status, json.dumps(content, ensure_ascii=False).encode()

    return await _play(ledger, operation, JSON, answered)


async def _given(request: Asked) -> Mapping[str, Any]:
    try:
        found = json.loads(await request.body())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@get("/v2/locations")
async def list_locations(request: Asked) -> Any:
    return await _rest(request, "locations", rest.locations)


@post("/v2/searches", status_code=200)
async def search(request: Asked) -> Any:
    given = await _given(request)
    return await _rest(request, "search", lambda ledger: rest.search(ledger, given))


@get("/v2/offers/{key:str}")
async def recheck(request: Asked, key: FromPath[str]) -> Any:
    return await _rest(request, "recheck", lambda ledger: rest.recheck(ledger, key))


@post("/v2/reservations", status_code=200)
async def book(request: Asked) -> Any:
    given = await _given(request)
    return await _rest(request, "book", lambda ledger: rest.book(ledger, given))


@get("/v2/reservations/{number:str}")
async def retrieve(request: Asked, number: FromPath[str]) -> Any:
    surname = request.query_params.get("lastName", "")
    return await _rest(request, "retrieve", lambda ledger: rest.retrieve(ledger, number, "", surname))


@get("/v2/reservations")
async def find(request: Asked) -> Any:
    reference, surname = (request.query_params.get(name, "") for name in ("partnerReference", "lastName"))
    return await _rest(request, "retrieve", lambda ledger: rest.retrieve(ledger, "", reference, surname))


@put("/v2/reservations/{number:str}")
async def modify(request: Asked, number: FromPath[str]) -> Any:
    given = await _given(request)
    surname = request.query_params.get("lastName", "")
    return await _rest(request, "amend", lambda ledger: rest.modify(ledger, number, surname, given))


@delete("/v2/reservations/{number:str}", status_code=200)
async def cancel(request: Asked, number: FromPath[str]) -> Any:
    surname = request.query_params.get("lastName", "")
    return await _rest(request, "cancel", lambda ledger: rest.cancel(ledger, number, surname))


@get("/control/reservations", sync_to_thread=False)
def show_reservations(state: State) -> list[dict[str, Any]]:
    """What really happened."""
    return [each.plain() for each in state.ledger.reservations.values()]


@post("/control/reservations/{number:str}", status_code=200)
async def decide(request: Asked, state: State, number: FromPath[str]) -> Response[dict[str, Any]]:
    """`{"state": "confirmed"}`: what the people of the company decide."""
    if number not in state.ledger.reservations:
        return Response({"error": "no such reservation"}, status_code=404)
    return Response(state.ledger.set_state(number, str((await _given(request)).get("state"))).plain())


@get("/control/invoice", sync_to_thread=False)
def bill(request: Asked, state: State) -> Response[str]:
    """`?number=7&country=EE&wrong=extra_day&wrong=right`: what it bills, wrong in turn in these ways."""
    asked = request.query_params
    kinds = asked.getall("wrong", []) or invoicing.WRONG
    try:
        text = invoicing.invoice(state.ledger, asked.get("number", "1"), asked.get("country", ""), kinds)
    except ValueError as error:
        return Response(str(error), status_code=422, media_type="text/plain")
    return Response(text, media_type="text/csv")


@get("/control/calls", sync_to_thread=False)
def show_calls(state: State) -> dict[str, int]:
    return dict(state.ledger.calls)


@get("/control/faults", sync_to_thread=False)
def show_faults(state: State) -> list[dict[str, Any]]:
    return [vars(fault) for fault in state.ledger.switchboard.faults]


@post("/control/faults", status_code=201)
async def switch_on(request: Asked, state: State) -> Response[dict[str, Any]]:
    """`{"operation": "book", "fault": "lost", "times": 1}`; without an operation it is any."""
    try:
        return Response(vars(state.ledger.switchboard.switch_on(dict(await _given(request)))), status_code=201)
    except (ValueError, TypeError) as error:
        return Response({"error": str(error)}, status_code=422)


@delete("/control/faults", status_code=204, sync_to_thread=False)
def switch_off(state: State) -> None:
    state.ledger.switchboard.faults.clear()

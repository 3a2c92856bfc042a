"""Where suppliers tell of changes: signed messages, answered once they are kept."""

from typing import Any

import msgspec
from litestar import Controller, Response, post
from litestar.params import FromPath

from app.core import clock
from app.core.errors import MalformedRequest
from app.core.http import Request, Session
from app.core.permissions import PUBLIC
from app.core.webhooks_in import NotAuthentic, authentic_id
from app.rental.suppliers import queries
from app.rental.suppliers.services import gateway, notifications

LONGEST_NUMBER = 64


class NotificationController(Controller):
    """One address per supplier; whoever cannot sign learns nothing, not even whether there is such a supplier."""

    path = "/webhooks/suppliers"
    opt = {"permission": PUBLIC, "has_own_credentials": True, "csrf_exempt": True, "idempotent": False}
    include_in_schema = False

    @post("/{code:str}", name="webhooks.suppliers.create", status_code=202)
    async def create(self, request: Request, session: Session, code: FromPath[str]) -> Response[Any]:
        body = await request.body()
        supplier = await queries.find_by_code(session, code)
        keys = gateway.webhook_keys(supplier, request.runtime.settings) if supplier else []
        message_id = authentic_id(request.headers, body, keys, now=clock.now())
        if supplier is None:
            raise NotAuthentic
        told = _read(message_id, body)
        is_new = await notifications.take_notification(session, supplier, told)
        return Response({"is_new": is_new}, status_code=202)


def _read(message_id: str, body: bytes) -> notifications.Told:
    try:
        given = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise MalformedRequest("The body has to be a JSON object.") from error
    number, reference = (str(given.get(name) or "")[:LONGEST_NUMBER] for name in ("reservation", "partner_reference"))
    return notifications.Told(message_id, number, reference if reference.isascii() else "")

"""What others send us by themselves: signed over the raw bytes, of these minutes, and each only once.

Standard Webhooks: `webhook-id`, `webhook-timestamp` (seconds), `webhook-signature` with one or more `v1,<base64>` of
HMAC-SHA256 over `id.timestamp.body`. Two keys may be active, so that they can be exchanged.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from app.core.errors import AppError

TOLERANCE_SECONDS = 300
LONGEST_ID = 100
MOST_SIGNATURES = 5
LARGEST_BODY = 64_000


class NotAuthentic(AppError):
    code = "not_authentic"
    status = 401
    title = "The signature is not right"


def authentic_id(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], *, now: datetime) -> str:
    """The message's id, when one of the keys signed it within five minutes. Raises NotAuthentic."""
    message_id, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or len(message_id) > LONGEST_ID or not message_id.isascii():
        raise NotAuthentic("webhook-id is missing or too long.")
    if not (sent.isascii() and sent.isdigit() and abs(int(sent[:12]) - now.timestamp()) <= TOLERANCE_SECONDS):
        raise NotAuthentic("webhook-timestamp is not of these minutes.")
    if len(body) > LARGEST_BODY:
        raise NotAuthentic("The body is too large.")
    signed = f"{message_id}.{sent}.".encode() + body
    expected = [hmac.digest(key, signed, "sha256") for key in keys if key]
    for given in headers.get("webhook-signature", "").split()[:MOST_SIGNATURES]:
        version, _, text = given.partition(",")
        if version == "v1" and any(hmac.compare_digest(_bytes(text), each) for each in expected):
            return message_id
    raise NotAuthentic


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""

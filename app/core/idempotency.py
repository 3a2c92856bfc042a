"""One effect per key: the first answer is kept in the transaction of the work and replayed."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile
from sqlalchemy import Integer, LargeBinary, text
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.db import BEGINS, DEADLOCK, LOCK_WAIT_TIMEOUT, error_number
from app.core.errors import AppError, Conflict
from app.core.http import Request, to_json
from app.core.records import UtcMicros, ascii_column

KEPT = timedelta(hours=48)
MAX_KEY = 200
CHANGING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
NOT_KEPT = frozenset({412, 428, 429})
"""Refusals that the next request with the same key may get past: it comes with another If-Match, or later."""
FORM_FIELD = "_key"
SENT_FORM = "sent_form"
"""Where a request's state holds the form that came with a key, for a page that offers to send it again."""
KEPT_HEADERS = ("ETag", "Location", "HX-Redirect", "HX-Trigger", "Cache-Control")


class KeyReused(AppError):
    code = "idempotency_key_reused"
    status = 422
    title = "This Idempotency-Key was used for another request"


class InFlight(Conflict):
    code = "in_flight"
    title = "The same request is being worked on"
    advice = "Wait a moment, then send it again."


class IdempotentAnswer(SQLModel, table=True):
    """The first answer to a key of one person on one route."""

    __tablename__ = "idempotent_answer"  # pyright: ignore[reportAssignmentType]

    key_hash: str = Field(primary_key=True, sa_type=ascii_column(64))
    body_hash: str = Field(sa_type=ascii_column(64), nullable=False)
    status: int = Field(default=0, sa_type=Integer, nullable=False)
    headers: str = Field(default="{}", sa_type=mysql.TEXT, nullable=False)
    body: bytes = Field(
        default=b"", sa_type=LargeBinary().with_variant(mysql.MEDIUMBLOB, "mysql", "mariadb"), nullable=False
    )  # pyright: ignore
    created_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False, index=True)


CLAIM = text(
    "SET STATEMENT innodb_lock_wait_timeout=0 FOR INSERT INTO idempotent_answer "
    "(key_hash, body_hash, status, headers, body, created_at) "
    "VALUES (:key_hash, :body_hash, 0, '{}', '', UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE status = status "
    "RETURNING status, body_hash, headers, body"
)
"""Takes a key that is new and gives what is kept of one that is known, without waiting for who holds it. A status of 0
is that of a key just taken: no answer is kept with it."""


async def key_of(request: Request, handler_opt: dict[str, Any]) -> tuple[str, str] | None:
    """The hashes of (person, route, key) and of the body; None when the request carries no key."""
    if request.method not in CHANGING_METHODS or handler_opt.get("idempotent") is False:
        return None
    if request.is_api:
        key = request.headers.get("idempotency-key")
        body = await _body(request)
    else:
        form = request.scope["state"][SENT_FORM] = await request.form()
        key = str(form.get(FORM_FIELD) or "")
        body = b""
    if not key or len(key) > MAX_KEY:
        return None
    person = str(request.visitor.id) if request.visitor else request.scope["state"].get("bound_to", "")
    identity = "\0".join((person, request.method, request.scope["path"], key))
    return hashlib.sha256(identity.encode()).hexdigest(), hashlib.sha256(body).hexdigest()


async def _body(request: Request) -> bytes:
    """What the request says. Files are compared by name and content: clients choose another boundary each time."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    parts: list[list[str]] = []
    for name, part in (await request.form()).multi_items():
        if isinstance(part, UploadFile):
            await part.seek(0)
            parts.append([name, part.filename, hashlib.sha256(await part.read()).hexdigest()])
        else:
            parts.append([name, str(part)])
    return to_json(parts)


KEEP = text(
    "UPDATE idempotent_answer SET status = :status, headers = :headers, body = :body WHERE key_hash = :key_hash"
)
FORGET = text("DELETE FROM idempotent_answer WHERE key_hash = :key_hash")


async def claim(session: AsyncSession, key_hash: str, body_hash: str) -> Response[bytes] | None:
    """Take the key for this transaction, or answer what the first request got.

    Raises InFlight while another transaction holds the key, KeyReused when it came with another body.
    """
    values = {"key_hash": key_hash, "body_hash": body_hash}
    try:
        found = await session.execute(CLAIM, values, execution_options={BEGINS: True})
        kept = found.one()
    except OperationalError as error:
        if error_number(error) in (LOCK_WAIT_TIMEOUT, DEADLOCK):
            await session.rollback()
            raise InFlight(
                "Wait for its answer, then send the same again: it is done only once.", headers={"Retry-After": "1"}
            ) from None
        raise
    if not kept.status:
        return None
    if kept.body_hash != body_hash:
        raise KeyReused("Use a new key for another body.")
    headers = msgspec.json.decode(kept.headers, type=dict[str, str])
    return Response(
        kept.body,
        status_code=kept.status,
        media_type=headers.pop("Content-Type", "application/json"),
        headers=headers | {"Idempotency-Replayed": "true"},
    )


async def keep(session: AsyncSession, key_hash: str, response: Response[Any]) -> None:
    """Store a final answer in the transaction of its work."""
    content = response.content
    if not isinstance(content, bytes):
        content = content.encode() if isinstance(content, str) else b"" if content is None else to_json(content)
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    headers["Content-Type"] = str(response.media_type or "application/json")
    values = {"status": int(response.status_code or 200), "headers": to_json(headers).decode(), "body": content}
    await session.execute(KEEP, values | {"key_hash": key_hash})


async def forget(session: AsyncSession, key_hash: str) -> None:
    """Give the key back: what was answered may be asked for again."""
    await session.execute(FORGET, {"key_hash": key_hash})


def is_final(status: int) -> bool:
    """Whether a repeated request may be given the same answer: not after faults, limits, or a stale If-Match."""
    return status < 500 and status not in NOT_KEPT

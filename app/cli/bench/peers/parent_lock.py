"""One vehicle for whoever comes first, by hand behind HTTP: a bare ASGI function and a driver's own pool.

As ours it asks who is there, claims the key, and keeps every refusal with it; the vehicle's row is locked before
anything else is looked at, as it is commonly done.
"""

import asyncio
import json
import os
from contextlib import suppress
from hashlib import sha256
from urllib.parse import urlsplit

import aiomysql
from hires_by_hand import CLAIM, TAKEN, VEHICLE, book

WHO = """
SELECT s.id, s.roles, s.markets, s.branches FROM api_token t JOIN staff s ON s.id = t.staff_id
WHERE t.token_hash = %s AND t.kind = 'access' AND t.revoked_at IS NULL AND t.expires_at > UTC_TIMESTAMP(6)
  AND s.is_disabled = 0
"""
REFUSED = "UPDATE idempotent_answer SET status = 409, headers = '{}', body = %s WHERE key_hash = %s"
BODY = b'{"code": "vehicle_taken"}'
pool = None


async def app(scope, receive, send):
    """The lifespan says that it is here; every request is a hire."""
    if scope["type"] == "lifespan":
        with suppress(KeyError):
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    status, body = (
        (200, b"{}") if scope["path"] == "/ready" else await hire(dict(scope["headers"]), await read(receive))
    )
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def read(receive):
    """The whole body."""
    body, has_more = b"", True
    while has_more:
        message = await receive()
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
    return body


async def hire(headers, asked):
    """The status and the answer."""
    token, wanted = headers.get(b"authorization", b"").removeprefix(b"Bearer "), json.loads(asked)
    async with (await opened()).acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(WHO, (sha256(token).hexdigest(),))
        if not await cursor.fetchone():
            return 401, b"{}"
        digest = sha256(wanted["key"].encode()).hexdigest()
        await cursor.execute(CLAIM, (digest, sha256(asked).hexdigest()))
        await cursor.execute(VEHICLE, (wanted["vehicle_id"],))
        await cursor.fetchone()
        await cursor.execute(TAKEN, (wanted["vehicle_id"], wanted["free_at"], wanted["starts_at"]))
        is_taken = await cursor.fetchone()
        if is_taken:
            await cursor.execute(REFUSED, (BODY, digest))
        else:
            await book(cursor, wanted, wanted["vehicle_id"])
        await connection.commit()
    return (409, BODY) if is_taken else (201, b"{}")


async def opened():
    """The pool, made by the first request in the loop that uses it; the others wait for it."""
    global pool
    if pool is None:
        address = urlsplit(os.environ["DATABASE_URL"])
        made = aiomysql.create_pool(
            host=address.hostname,
            port=address.port,
            user=address.username,
            password=address.password,
            db=address.path.lstrip("/"),
            charset="utf8mb4",
            init_command="SET SESSION time_zone='+00:00', sql_mode='TRADITIONAL,ONLY_FULL_GROUP_BY', "
            "tx_isolation='READ-COMMITTED'",
            minsize=12,
            maxsize=12,
        )
        pool = asyncio.ensure_future(made)
    return await pool

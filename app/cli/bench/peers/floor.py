"""The floor: the same page by hand, with a bare ASGI function, a driver's own pool and msgspec.

Two statements, as ours: who is asking and what they may see, then the keys of the page joined back for its columns.
"""

import os
from contextlib import suppress
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import aiomysql
import msgspec

VEHICLE = os.environ["VEHICLE_COLUMNS"].split(",")
BOOKING = os.environ["BOOKING_COLUMNS"].split(",")
DOCUMENTS = {"price_lines", "fee_windows", "choices", "tags"}
WHO = """
SELECT s.id, s.roles, s.markets, s.branches FROM api_token t JOIN staff s ON s.id = t.staff_id
WHERE t.token_hash = %s AND t.kind = 'access' AND t.revoked_at IS NULL AND t.expires_at > UTC_TIMESTAMP(6)
  AND s.is_disabled = 0
"""
VEHICLES = f"""
SELECT STRAIGHT_JOIN {", ".join(f"vehicle.{name}" for name in VEHICLE)} FROM
(SELECT id, updated_at FROM vehicle FORCE INDEX (ix_vehicle_state) WHERE state = %s
 ORDER BY updated_at DESC, id DESC LIMIT %s) page
JOIN vehicle ON vehicle.id = page.id ORDER BY page.updated_at DESC, page.id DESC
"""  # noqa: S608 - columns of our own
BOOKINGS = f"""
SELECT STRAIGHT_JOIN {", ".join(f"booking.{name}" for name in BOOKING)},
 customer.name, vehicle.make, vehicle.model, vehicle.plate, vehicle.acriss FROM
(SELECT id, pickup_at FROM booking FORCE INDEX (ix_booking_state) WHERE state = %s
 ORDER BY pickup_at, id LIMIT %s) page
JOIN booking ON booking.id = page.id JOIN customer ON customer.id = booking.customer_id
LEFT JOIN vehicle ON vehicle.id = booking.vehicle_id ORDER BY page.pickup_at, page.id
"""  # noqa: S608 - columns of our own
JOINED = ["customer_name", "vehicle_make", "vehicle_model", "vehicle_plate", "vehicle_class"]
Vehicle = msgspec.defstruct("Vehicle", [(name, object) for name in VEHICLE])
Booking = msgspec.defstruct("Booking", [(name, object) for name in [*BOOKING, *JOINED]])
AS_THEY_ARE = [place for place, name in enumerate(BOOKING) if name in DOCUMENTS]
Page = msgspec.defstruct("Page", [("items", list), ("next_cursor", str | None)])
encode = msgspec.json.Encoder().encode
pool = None


async def app(scope, receive, send):
    """The lifespan opens the pool; every request is the page."""
    global pool
    if scope["type"] == "lifespan":
        with suppress(KeyError):
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    status, body = await page(scope)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def page(scope):
    """The status and the answer."""
    if scope["path"] == "/ready":
        return 200, b"{}"
    token = next((value for name, value in scope["headers"] if name == b"authorization"), b"").removeprefix(b"Bearer ")
    asked = parse_qs(scope["query_string"].decode())
    limit = int(asked.get("limit", ["50"])[0])
    async with (await opened()).acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(WHO, (sha256(token).hexdigest(),))
        if not await cursor.fetchone():
            return 401, b"{}"
        is_booking = scope["path"] == "/bookings"
        await cursor.execute(BOOKINGS if is_booking else VEHICLES, (asked["state"][0], limit + 1))
        found = await cursor.fetchall()
        rows = [Booking(*as_documents(row)) for row in found] if is_booking else [Vehicle(*row) for row in found]
    after = str(rows[limit - 1].id) if len(rows) > limit else None
    return 200, encode(Page(rows[:limit], after))


def as_documents(row):
    """JSON goes out as it came in."""
    values = list(row)
    for place in AS_THEY_ARE:
        values[place] = msgspec.Raw(values[place])
    return values


async def opened():
    """The pool, made by the first request in the loop that uses it."""
    global pool
    if pool is None:
        address = urlsplit(os.environ["DATABASE_URL"])
        pool = await aiomysql.create_pool(
            host=address.hostname,
            port=address.port,
            user=address.username,
            password=address.password,
            db=address.path.lstrip("/"),
            charset="utf8mb4",
            autocommit=True,
            minsize=8,
            maxsize=12,
        )
    return pool

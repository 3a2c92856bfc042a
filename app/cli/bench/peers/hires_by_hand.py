"""Bookings by hand: one script, a driver's own connections, and the statements that a booking takes, as SQL.

`book PLAN CLIENTS` makes every hire of the plan. `compete PLAN CLIENTS` gives one vehicle to whoever comes first: each
locks the vehicle's row before anything else and looks then whether it is taken, as it is commonly done.
"""

import asyncio
import json
import os
import resource
import sys
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import choice
from string import ascii_uppercase, digits
from urllib.parse import urlsplit

import aiomysql
from uuid_utils import uuid7

CLAIM = """INSERT INTO idempotent_answer (key_hash, body_hash, status, headers, body, created_at)
VALUES (%s, %s, 0, '{}', '', UTC_TIMESTAMP(6))"""
LOCATION = """SELECT id, name, kind, market, time_zone, opening_hours, allows_out_of_hours, turnaround_minutes,
is_active
FROM location WHERE code = %s"""
CUSTOMER = "SELECT id, market, kind, name, born_on, email, phone FROM customer WHERE id = %s"
CARD = """SELECT c.id, c.branches, c.acriss, c.currency, v.id, v.number, v.terms FROM rate_card c
JOIN rate_card_version v ON v.rate_card_id = c.id WHERE c.market = %s AND %s LIKE REPLACE(c.acriss, '*', '_')
AND v.state IN ('approved', 'active', 'superseded') AND v.valid_from <= %s
AND (v.valid_until IS NULL OR v.valid_until > %s)"""
REFERENCE = "SELECT id FROM booking WHERE reference = %s"
STOCK = """INSERT INTO class_stock (location_code, class_code, overbooking_limit) VALUES (%s, %s, 0)
ON DUPLICATE KEY UPDATE overbooking_limit = overbooking_limit RETURNING overbooking_limit"""
CANDIDATES = """SELECT STRAIGHT_JOIN v.id, v.plate FROM (SELECT id FROM vehicle WHERE location_code = %(location)s
 AND base_state = 'in_service' AND acriss = %(class_code)s
UNION SELECT vehicle_id FROM occupancy WHERE return_location = %(location)s
 AND free_at > %(now)s AND free_at <= %(starts_at)s
UNION SELECT vehicle_id FROM vehicle_period WHERE kind = 'transfer' AND to_location_code = %(location)s
 AND ends_at > %(now)s AND ends_at <= %(starts_at)s) found JOIN vehicle v ON v.id = found.id
WHERE v.base_state = 'in_service' AND v.acriss = %(class_code)s ORDER BY v.plate_key, v.id LIMIT 2000"""
BUSY = """SELECT 'hold', vehicle_id, starts_at, free_at FROM occupancy
WHERE vehicle_id IN %(vehicles)s AND free_at > %(now)s
UNION ALL SELECT 'pause', vehicle_id, starts_at, ends_at FROM vehicle_period
WHERE vehicle_id IN %(vehicles)s AND (ends_at IS NULL OR ends_at > %(now)s)
UNION ALL SELECT 'demand', holder_id, starts_at, free_at FROM occupancy WHERE pickup_location = %(location)s
AND vehicle_id IS NULL AND class_code = %(class_code)s AND starts_at < %(free_at)s AND free_at > %(starts_at)s"""
VEHICLE = "SELECT id, base_state FROM vehicle WHERE id = %s FOR UPDATE"
TAKEN = "SELECT holder_id FROM occupancy WHERE vehicle_id = %s AND starts_at < %s AND free_at > %s LIMIT 1"
HOLD = """INSERT INTO occupancy (id, holder_id, class_code, vehicle_id, pickup_location, return_location, starts_at,
ends_at, free_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
BOOKING = """INSERT INTO booking (id, version, created_at, updated_at, reference, market, source, state, customer_id,
driver_name, driver_born_on, pickup_location, pickup_local, pickup_zone, pickup_at, return_location, return_local,
return_zone, return_at, class_code, vehicle_id, choices, total_minor, total_currency, price_lines, rate_snapshot,
fee_windows, terms_number, tags) VALUES (%s, 1, %s, %s, %s, %s, 'own', 'confirmed', %s, 'Mari Tamm', '1988-04-12',
%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '{}', %s, %s, %s, %s, '[]', 1, '[]')"""
AUDIT = """INSERT INTO audit_entry (id, at, actor_name, action, subject_kind, subject_id, subject_version,
changes, facts) VALUES (%s, %s, 'By hand', 'booking.created', 'booking', %s, 1, %s, '{}')"""
EVENT = """INSERT INTO outbox_event (id, aggregatetype, aggregateid, type, payload)
VALUES (%s, 'booking', %s, 'booking.created', %s)"""
ANSWER = "UPDATE idempotent_answer SET status = 201, headers = '{}', body = %s WHERE key_hash = %s"
LETTERS = ascii_uppercase + digits


async def book(cursor, hire, vehicle_id=None):
    """One hire, with everything that is kept of it."""
    run, now = cursor.execute, datetime.now(UTC).replace(tzinfo=None)
    await run(LOCATION, (hire["location"],))
    place = await cursor.fetchone()
    await run(CUSTOMER, (hire["customer_id"],))
    await cursor.fetchone()
    day = hire["pickup"][:10]
    await run(CARD, (hire["market"], hire["class_code"], day, day))
    currency, terms = (card := (await cursor.fetchall())[-1])[3], json.loads(card[6])
    price = terms["rate"]["blocks"][0]["price"]
    amount = {"amount": price, "currency": currency}
    lines = [{"code": "TIME", "quantity": 1, "amount": amount, "explanation": f"1 day at {price}"}]
    is_known = True
    while is_known:
        reference = "BK-" + "".join(choice(LETTERS) for _ in range(6))
        await run(REFERENCE, (reference,))
        is_known = await cursor.fetchone()
    await run(STOCK, (hire["location"], hire["class_code"]))
    limit = (await cursor.fetchone())[0]
    asked = {**hire, "now": now}
    await run(CANDIDATES, asked)
    vehicles = [row[0] for row in await cursor.fetchall()]
    await run(BUSY, {**asked, "vehicles": vehicles})
    busy, promised = set(), 0
    starts_at, free_at = (datetime.fromisoformat(hire[name]) for name in ("starts_at", "free_at"))
    for what, key, first, last in await cursor.fetchall():
        if what == "demand":
            promised += 1
        elif first < free_at and (last is None or last > starts_at):
            busy.add(key)
    if len(vehicles) - len(busy) - promised + limit <= 0:
        raise SystemExit("sold out")
    booking_id, location = str(uuid7()), hire["location"]
    times = (hire["starts_at"], hire["ends_at"], hire["free_at"])
    await run(HOLD, (str(uuid7()), booking_id, hire["class_code"], vehicle_id, location, location, *times))
    ends = [(location, hire[local], place[4], hire[at]) for local, at in (("pickup", "starts_at"), ("back", "ends_at"))]
    who = (booking_id, now, now, reference, hire["market"], hire["customer_id"])
    minor = round(float(price) * 100)
    kept = (minor, currency, json.dumps(lines), json.dumps({"card": terms}))
    await run(BOOKING, (*who, *ends[0], *ends[1], hire["class_code"], vehicle_id, *kept))
    await run(
        AUDIT, (str(uuid7()), now, booking_id, json.dumps({"state": [None, "confirmed"], "total_minor": [None, minor]}))
    )
    await run(EVENT, (str(uuid7()), booking_id, json.dumps({"kind": "booking", "id": booking_id, "version": 1})))
    body = json.dumps({"id": booking_id, "reference": reference, "price_lines": lines})
    await run(ANSWER, (body, sha256(hire["key"].encode()).hexdigest()))


async def take(connection, hire, how):
    """True when the hire is booked; what was begun is rolled back otherwise."""
    async with connection.cursor() as cursor:
        digest = sha256(hire["key"].encode()).hexdigest()
        await cursor.execute(CLAIM, (digest, digest))
        vehicle = None
        if how == "compete":
            vehicle = hire["vehicle_id"]
            await cursor.execute(VEHICLE, (vehicle,))
            await cursor.fetchone()
            await cursor.execute(TAKEN, (vehicle, hire["free_at"], hire["starts_at"]))
            if await cursor.fetchone():
                await connection.rollback()
                return False
        await book(cursor, hire, vehicle)
    await connection.commit()
    return True


async def client(connection, hires, how):
    return sum([await take(connection, hire, how) for hire in hires])


async def main(how, hires, clients):
    address = urlsplit(os.environ["DATABASE_URL"])
    opened = [
        await aiomysql.connect(
            host=address.hostname,
            port=address.port,
            user=address.username,
            password=address.password,
            db=address.path.lstrip("/"),
            charset="utf8mb4",
            init_command="SET SESSION time_zone='+00:00', sql_mode='TRADITIONAL,ONLY_FULL_GROUP_BY'",
        )
        for _ in range(int(clients))
    ]
    for connection in opened:
        await connection.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    try:
        begun, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        booked = sum(await asyncio.gather(*(client(connection, hires, how) for connection in opened)))
        seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    finally:
        for connection in opened:
            connection.close()
    cpu = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu, "booked": booked}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], iter(json.loads(Path(sys.argv[2]).read_text())), sys.argv[3]))

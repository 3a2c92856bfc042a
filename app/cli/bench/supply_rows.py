"""A month of a busy supply desk as rows, made inside the database: calls of twelve suppliers, and what was reserved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.seeds.loading import transaction
from app.core.partners.tallies import FINE, SPANS, Span
from app.rental.suppliers.rules import Operation

if TYPE_CHECKING:
    from pymysql.cursors import Cursor

EXCHANGES: Final = 2_000_000
RESERVATIONS: Final = 200_000
SUPPLIERS: Final = 12
DAYS: Final = 30
AT_ONCE: Final = 100_000
TABLES: Final = ("partner_exchange", "partner_tally", "partner_rollup", "supplier_reservation", "supplier_drift")
MARKETS: Final = "'EE', 'LV', 'LT', 'FI'"
STATES: Final = "'confirmed', 'cancelled', 'rejected', 'confirmed', 'cancelled_by_supplier', 'confirmed', 'failed'"
HANGING: Final = "'unknown', 'on_request', 'cancel_pending', 'amend_pending'"


def fill_desk(cursor: Cursor) -> int:
    """Make what is missing; returns how many exchanges there are."""
    with transaction(cursor):
        cursor.execute(_SUPPLIERS)
    made = int(_tell(cursor, "SELECT COUNT(*) FROM partner_exchange WHERE partner LIKE 'supplier.bench-%'"))
    for first in range(made + 1, EXCHANGES + 1, AT_ONCE):
        with transaction(cursor):
            cursor.execute(_EXCHANGES, (first, min(first + AT_ONCE - 1, EXCHANGES)))
    if not _tell(cursor, "SELECT COUNT(*) FROM supplier_reservation WHERE surname LIKE 'Bench %'"):
        with transaction(cursor):
            cursor.execute(_RESERVATIONS)
            cursor.execute(_DRIFTS)
    if made < EXCHANGES:
        with transaction(cursor):
            for table in ("partner_tally", "partner_rollup"):
                cursor.execute(f"DELETE FROM {table} WHERE partner LIKE 'supplier.bench-%'")  # noqa: S608
            for span in SPANS:
                cursor.execute(counting(span))
            for market, operation in (("'*'", "'*'"), ("'*'", "operation"), ("market", "'*'")):
                for kind, bucket in (("kind", "-1"), ("'*'", "bucket")):
                    cursor.execute(rolling(market, operation, kind, bucket))
        cursor.execute(f"ANALYZE TABLE {', '.join(TABLES)}")
        cursor.fetchall()
    return EXCHANGES


def counting(span: Span) -> str:
    """The statement that counts what is kept into the slots of a span."""
    seconds, kept = int(span.slot.total_seconds()), int(span.kept.total_seconds())
    slot = f"FROM_UNIXTIME(FLOOR(UNIX_TIMESTAMP(at) / {seconds}) * {seconds})"
    kind = "IF(outcome = 'refused', SUBSTRING_INDEX(reason, ':', 1), outcome)"
    bucket = "IF(milliseconds > 1, LEAST(160, CEIL(LOG2(milliseconds) * 8 - 1e-9)), 0)"
    return (
        "INSERT INTO partner_tally (span, slot_at, partner, operation, market, kind, bucket, calls, last_at)"  # noqa: S608 - our own words
        f" SELECT '{span.name}', {slot}, partner, operation, COALESCE(market, ''), {kind}, {bucket}, COUNT(*), MAX(at)"
        f" FROM partner_exchange WHERE partner LIKE 'supplier.bench-%'"
        f" AND at >= UTC_TIMESTAMP(6) - INTERVAL {kept} SECOND GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )


def rolling(market: str, operation: str, kind: str, bucket: str) -> str:
    """The statement that counts the tallies once more with less in it."""
    return (
        "INSERT INTO partner_rollup (span, market, operation, slot_at, partner, kind, bucket, calls, last_at)"  # noqa: S608 - our own words
        f" SELECT span, {market}, {operation}, slot_at, partner, {kind}, {bucket}, SUM(calls), MAX(last_at)"
        f" FROM partner_tally WHERE span <> '{FINE.name}' AND partner LIKE 'supplier.bench-%'"
        " GROUP BY 1, 2, 3, 4, 5, 6, 7"
    )


def _tell(cursor: Cursor, sql: str) -> int:
    cursor.execute(sql)
    (row,) = cursor.fetchall()
    return int(row[0])


def _picked(words: str, name: str) -> str:
    """One of some words for each row, by a number that has nothing to do with its neighbours'."""
    return f"ELT(1 + CRC32(CONCAT(seq, '{name}')) MOD {words.count(',') + 1}, {words})"


_CAPABILITIES: Final = ", ".join(f"'{operation.value}'" for operation in Operation)
_ID: Final = (
    "CAST(CONCAT(LPAD(HEX(FLOOR(UNIX_TIMESTAMP(moment) * 1000)), 12, '0'), '7', LPAD(HEX(seq MOD 4096), 3, '0'), '8',"
    " SUBSTR(MD5(seq), 1, 15)) AS UUID)"
)
_SUPPLIER_ID: Final = "CAST(CONCAT('00000000-0000-7000-8000-0000000000', LPAD({number}, 2, '0')) AS UUID)"
_SUPPLIERS: Final = f"""
INSERT IGNORE INTO supplier (id, version, created_at, updated_at, code, name, dialect, base_url, account, phone,
    currency, capabilities, has_period_quirk, stops, search_milliseconds, most_calls, is_active)
SELECT {_SUPPLIER_ID.format(number="seq")}, 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), CONCAT('bench-', LPAD(seq, 2, '0')),
    CONCAT('Supplier ', seq), IF(seq MOD 2, 'ota_xml', 'json_rest'), 'sandbox:/suppliers/baltic', '', '', 'EUR',
    JSON_ARRAY({_CAPABILITIES}), 0, '{{}}', 4000, 8, 1
FROM seq_1_to_{SUPPLIERS}
"""  # noqa: S608 - our own words
_OPERATIONS: Final = (
    "CASE WHEN dice < 800 THEN 'search' WHEN dice < 880 THEN 'recheck' WHEN dice < 930 THEN 'book'"
    " WHEN dice < 985 THEN 'retrieve' WHEN dice < 995 THEN 'cancel' WHEN dice < 999 THEN 'amend' ELSE 'locations' END"
)
_OUTCOMES: Final = (
    "CASE WHEN fate < 880 THEN 'answered' WHEN fate < 950 THEN 'refused' WHEN fate < 975 THEN 'timeout'"
    " WHEN fate < 990 THEN 'failed' WHEN fate < 996 THEN 'malformed' WHEN fate < 999 THEN 'lost' ELSE 'too_large' END"
)
_EXCHANGES: Final = f"""
INSERT INTO partner_exchange (id, at, partner, operation, outcome, attempt, milliseconds, reason, method, url, status,
    request_headers, request_body, response_headers, response_body, request_bytes, response_bytes, is_cut, market,
    subject_kind, subject_id, correlation)
SELECT {_ID}, moment, CONCAT('supplier.bench-', LPAD(1 + seq MOD {SUPPLIERS}, 2, '0')), {_OPERATIONS}, {_OUTCOMES}, 1,
    IF(fate BETWEEN 950 AND 974, 4000, FLOOR(80 * EXP((CRC32(CONCAT(seq, 'ms')) MOD 1000) / 300))),
    CASE WHEN fate < 880 THEN '' WHEN fate < 930 THEN 'no_results: NO CARS AVAILABLE FOR THIS REQUEST'
        WHEN fate < 950 THEN 'sold_out: CAR CLASS NO LONGER AVAILABLE' ELSE 'no answer within 4 s' END,
    'POST', 'https://supplier.example/ota', IF(fate < 950, 200, NULL), '{{"accept": "application/xml"}}',
    CONCAT('<OTA_VehAvailRateRQ><UniqueID Type="14" ID="BN', LPAD(CRC32(CONCAT(seq, 'number')) MOD 100000000, 8, '0'),
        '"/><Surname>Tamm', seq MOD 997, '</Surname>', REPEAT('<VehRentalCore PickUpDateTime="2026-06-29"/>', 4)),
    '{{"content-type": "application/xml"}}',
    REPEAT('<VehAvail><Vehicle Code="CDMR"/><TotalCharge RateTotalAmount="234.00"/></VehAvail>', 6), 320, 500, 0,
    {_picked(MARKETS, "market")}, 'supplier', {_SUPPLIER_ID.format(number=f"1 + seq MOD {SUPPLIERS}")},
    SUBSTR(MD5(seq DIV {SUPPLIERS}), 1, 20)
FROM (
    SELECT seq, CRC32(CONCAT(seq, 'operation')) MOD 1000 AS dice, CRC32(CONCAT(seq, 'outcome')) MOD 1000 AS fate,
        UTC_TIMESTAMP(6) - INTERVAL {DAYS * 86_400} * ({EXCHANGES} - seq) / {EXCHANGES} SECOND AS moment
    FROM seq_1_to_{EXCHANGES} WHERE seq BETWEEN %s AND %s
) AS made
"""  # noqa: S608 - our own words
_RESERVATIONS: Final = f"""
INSERT INTO supplier_reservation (id, version, created_at, updated_at, reference, supplier_id, state, market,
    pickup_location, return_location, pickup_branch, return_branch, pickup_local, return_local, time_zone, surname,
    given_name, driver_age, acriss, rate_key, offered_minor, confirmed_minor, currency, offer, supplier_number, reason,
    polls, next_poll_at, drift, fee_windows, boundary_at, exposed_minor)
SELECT {_ID}, 1, moment, moment, CONCAT('SB-', LPAD(seq, 6, '0')),
    {_SUPPLIER_ID.format(number=f"1 + seq MOD {SUPPLIERS}")},
    IF(seq MOD 40 = 0, {_picked(HANGING, "hanging")}, {_picked(STATES, "state")}), {_picked(MARKETS, "market")},
    'TLL', 'TLL', 'TLLA01', 'TLLA01', moment + INTERVAL 20 DAY, moment + INTERVAL 24 DAY, 'Europe/Tallinn',
    CONCAT('Bench ', seq), 'Kai', 40, 'CDMR', CONCAT('bench-', seq), 20000,
    IF(seq MOD 40 = 0, NULL, 20000 + IF(seq MOD 25 = 0, 900, 0)), 'EUR', '{{}}', CONCAT('BN', LPAD(seq, 8, '0')), '',
    0, IF(seq MOD 40 = 0, moment + INTERVAL 60 DAY, NULL), '[]', '[]', moment + INTERVAL 18 DAY, 9000
FROM (
    SELECT seq, UTC_TIMESTAMP(6) - INTERVAL {DAYS * 86_400} * ({RESERVATIONS} - seq) / {RESERVATIONS} SECOND AS moment
    FROM seq_1_to_{RESERVATIONS}
) AS made
"""  # noqa: S608 - our own words
_DRIFTS: Final = f"""
INSERT INTO supplier_drift (slot_at, supplier_id, market, checks, moved, basis_points)
SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%d %H:00:00') - INTERVAL hours.seq HOUR,
    {_SUPPLIER_ID.format(number="suppliers.seq")}, ELT(markets.seq, {MARKETS}), 40, 4, 300
FROM seq_0_to_{DAYS * 24} AS hours, seq_1_to_{SUPPLIERS} AS suppliers, seq_1_to_4 AS markets
"""  # noqa: S608 - our own words

"""`forecourt seed` and the demo, on a real database that they commit to."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from app.cli.demo_accounts import DEMO_ACCOUNTS
from app.cli.seeding import ensure_demo
from app.cli.seeds.batches import LOCATION
from app.cli.seeds.loading import RowsRefused, connection, load, transaction
from app.cli.seeds.locations import location_rows
from app.core.auth.secrets import verify_password
from app.core.db import Database
from app.core.invariants import violations
from app.main import assemble
from tests.cli.seeded import PASSWORD, change, demo_settings, fetch

__all__ = ["demo_settings"]

WHOLE = "SELECT {columns} FROM {table} WHERE source = 'seed-7' ORDER BY id"
VEHICLE = "id, plate, vin, acriss, location_code, state, day_price_minor, odometer_km, insurance_expires_on, created_at"
APPLICATION = "id, reference, market, product, amount_minor, state, customer_id, household, submitted_at"


BOOKINGS = """SELECT id, reference, state, vehicle_id, pickup_at, return_at, returned_at, total_minor, driver_name
    FROM booking WHERE batch = 'seed-7' ORDER BY id"""
TOUR = {
    "octavia zagreb diesel": """vehicle v JOIN location l ON l.code = v.location_code
        WHERE v.make = 'Škoda' AND v.model LIKE 'Octavia%' AND l.city = 'Zagreb' AND v.fuel = 'diesel'""",
    "citroen cabrio": "vehicle WHERE make = 'Citroën' AND body_type = 'convertible'",
    "tallinn 15000 refinancing": """application a JOIN customer c ON c.id = a.customer_id WHERE product = 'refinancing'
        AND amount_minor = 1500000 AND JSON_VALUE(address, '$.city') = 'Tallinn'""",
    "documents over": "vehicle WHERE due_on < CURRENT_DATE",
    "documents due soon": "vehicle WHERE due_on BETWEEN CURRENT_DATE AND CURRENT_DATE + INTERVAL 30 DAY",
    "hires that run": "booking WHERE state = 'on_hire' AND vehicle_id IS NOT NULL AND return_at > UTC_TIMESTAMP()",
    "bookings without a vehicle": "booking WHERE state = 'confirmed' AND vehicle_id IS NULL",
    "bookings that were cancelled": "booking WHERE state = 'cancelled' AND fee_minor IS NOT NULL",
    "earlier applications": "application WHERE previous_id IS NOT NULL",
    "pinned notes": "note WHERE is_pinned",
    "edited notes": "note WHERE (SELECT COUNT(*) FROM note_version v WHERE v.note_id = note.id) = 2",
    "notes that name somebody": "note JOIN notification n ON n.href LIKE CONCAT('%', note.id) AND mentions <> '[]'",
}


def seed(settings, vehicles, applications, *more):
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "seed", "--vehicles", str(vehicles), "--applications", str(applications),
         "--today", "2026-06-25", "--no-reindex", *more],
        env={**os.environ, "DATABASE_URL": settings.database_url, "FORECOURT_ENVIRONMENT": "test",
             "FORECOURT_SECRET_KEY": settings.secret_key.get_secret_value()},
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    ).stdout  # fmt: skip


def rows(settings):
    return [
        fetch(settings, WHOLE.format(columns=columns, table=table))
        for table, columns in (("vehicle", VEHICLE), ("application", APPLICATION))
    ]


async def found_violations(settings):
    database = await Database.open(settings)
    try:
        return await violations(database.reads, list(assemble().kinds.values()))
    finally:
        await database.close()


class TestSeed:
    def test_the_same_seed_goes_on_where_it_stopped_and_makes_the_same_rows(self, demo_settings):
        seed(demo_settings, 90, 30)
        seed(demo_settings, 240, 70)
        in_two_steps = rows(demo_settings)
        assert [len(found) for found in in_two_steps] == [240, 70]
        told = seed(demo_settings, 240, 70)
        assert told.count("nothing is added") == 2
        assert rows(demo_settings) == in_two_steps
        change(demo_settings, "DELETE FROM vehicle_period", "DELETE FROM vehicle_stay", "DELETE FROM vehicle")
        change(demo_settings, "UPDATE application SET previous_id = NULL", "DELETE FROM application")
        change(demo_settings, "DELETE FROM customer")
        seed(demo_settings, 240, 70)
        assert rows(demo_settings) == in_two_steps

    async def test_bookings_go_on_where_they_stopped_and_hold_no_vehicle_twice(self, demo_settings):
        seed(demo_settings, 40, 30, "--bookings", "700")
        seed(demo_settings, 40, 30, "--bookings", "2000")
        in_two_steps = fetch(demo_settings, BOOKINGS)
        assert len(in_two_steps) == 2_000
        assert await found_violations(demo_settings) == []
        change(demo_settings, "DELETE FROM occupancy", "DELETE FROM booking")
        seed(demo_settings, 40, 30, "--bookings", "2000")
        assert fetch(demo_settings, BOOKINGS) == in_two_steps

    def test_bookings_without_the_vehicles_for_them_are_refused(self, demo_settings):
        with pytest.raises(subprocess.CalledProcessError) as refused:
            seed(demo_settings, 40, 30, "--seed", "12", "--bookings", "3000")
        assert "3,000 bookings need 60 vehicles of the same seed" in refused.value.stderr

    def test_a_batch_leaves_one_entry_and_one_event(self, demo_settings):
        change(demo_settings, "DELETE FROM audit_entry", "DELETE FROM outbox_event")
        seed(demo_settings, 20, 0, "--seed", "11")
        ((facts,),) = fetch(demo_settings, "SELECT facts FROM audit_entry")
        assert '"vehicle":20' in facts.replace(" ", "")
        assert fetch(demo_settings, "SELECT aggregatetype, type FROM outbox_event") == [("seed", "seed.loaded")]

    def test_a_row_that_the_database_refuses_takes_its_batch_along(self, demo_settings):
        row = location_rows(datetime.now(UTC).date(), datetime.now(UTC))[0] | {
            "id": "0" * 8 + "-0000-7000-8000-" + "0" * 12
        }
        fresh = row | {"code": "NEW-1"}
        with (
            connection(demo_settings.database_url) as cursor,
            pytest.raises(RowsRefused, match="took 1 of 2 rows"),
            transaction(cursor),
        ):
            load(cursor, LOCATION, [fresh, row])
        assert fetch(demo_settings, "SELECT 1 FROM location WHERE code = 'NEW-1'") == []


@pytest.fixture(scope="module")
def demo(demo_settings):
    """The settings of a database that has the demo."""
    ensure_demo(demo_settings)
    return demo_settings


class TestDemo:
    def test_is_loaded_once(self, demo):
        before = fetch(demo, "SELECT COUNT(*), MAX(updated_at) FROM vehicle")
        ensure_demo(demo)
        assert fetch(demo, "SELECT COUNT(*), MAX(updated_at) FROM vehicle") == before
        assert fetch(demo, "SELECT COUNT(*) FROM vehicle WHERE source IS NULL") == [(2500,)]

    async def test_the_accounts_have_the_password_of_the_settings_and_no_second_factor(self, demo):
        found = fetch(
            demo, "SELECT email, roles, password_hash, totp_secret FROM staff WHERE password_hash IS NOT NULL"
        )
        assert {email: roles for email, roles, *_ in found} == {
            email: f'["{role}"]' for email, role in DEMO_ACCOUNTS.items()
        }
        assert all(secret is None for *_, secret in found)
        assert await verify_password(found[0][2], PASSWORD)

    def test_a_changed_password_is_set_back(self, demo):
        change(demo, "UPDATE staff SET password_hash = 'x' WHERE email = 'fleet@demo.test'")
        ensure_demo(demo)
        ((hashed,),) = fetch(demo, "SELECT password_hash FROM staff WHERE email = 'fleet@demo.test'")
        assert hashed.startswith("$argon2")

    @pytest.mark.parametrize("what", TOUR)
    def test_has_what_the_tour_shows(self, demo, what):
        ((count,),) = fetch(demo, f"SELECT COUNT(*) FROM {TOUR[what]}")
        assert count >= 2, what

    async def test_the_invariants_hold(self, demo):
        assert await found_violations(demo) == []

"""Made-up rows by themselves: each must pass the rules that a person's input has to pass."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from sqlalchemy import select
from uuid_utils.compat import uuid7

from app.cli.seeds.accounts import NAMES, Person
from app.cli.seeds.applications import Applicant, ApplicationNumbering, make_application
from app.cli.seeds.batches import BATCH_ROWS, Order, make_batch
from app.cli.seeds.customers import CustomerNumbering, make_customer
from app.cli.seeds.fleet import FROM_PACKAGE
from app.cli.seeds.loading import as_text
from app.cli.seeds.locations import branches, location_rows
from app.cli.seeds.models import variants
from app.cli.seeds.plates import plates_of
from app.cli.seeds.vehicles import Numbering, make_vehicle, plates_of_batch
from app.cli.seeds.views import PRIVATE, SHARED, add_views
from app.core.crypto import decrypt, keyed_hash
from app.core.db import AsyncSession, Database
from app.credit.applications import rules as application_rules
from app.desk.customers import rules as customer_rules
from app.desk.customers.services import CustomerKeys
from app.desk.saved_views.models import SavedView
from app.kit.identifiers import normalise_plate
from app.kit.ids import is_reference
from app.kit.markets import MARKETS
from app.kit.money import Money
from app.main import assemble
from app.rental.locations.rules import check_location
from app.rental.vehicles import rules as vehicle_rules

NOW = datetime(2026, 6, 25, 9, 12, tzinfo=UTC)
KEYS = CustomerKeys([b"s" * 32], [b"h" * 32])


def dice():
    return Random(1)  # noqa: S311 - made-up records, not secrets


def read(value):
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value


class TestBranches:
    def test_each_passes_the_rules_of_locations(self):
        for row in location_rows(NOW.date(), NOW):
            fields = {name: row[name] for name in ("code", "name", "kind", "address", "city", "country", "market")}
            fields |= {"zone": row["time_zone"], "opening_hours": row["opening_hours"]}
            assert check_location(fields, is_new=True) == [], row["code"]

    def test_every_market_has_one(self):
        assert {branch.market for branch in branches()} == set(MARKETS)
        assert len({branch.code for branch in branches()}) == len(branches()) > 100


class TestVehicles:
    def test_each_passes_the_rules_and_its_state_follows_its_periods(self):
        random, numbering, plates = dice(), Numbering("1", 1, "seed-1"), plates_of_batch(1, 0, 1_500)
        states = set()
        for number in range(1_500):
            made = make_vehicle(random, numbering, plates, number, NOW)
            row = made.row
            fields = {
                **row,
                "equipment": read(row["equipment"]),
                "air_conditioning": True,
                "location": row["location_code"],
            }
            if row["day_price_minor"]:
                fields["day_price"] = Money(row["day_price_minor"], row["day_price_currency"])
            assert vehicle_rules.check_vehicle(fields, is_new=True, latest_year=NOW.year + 1) == []
            base = vehicle_rules.VehicleState(row["base_state"])
            assert vehicle_rules.state_at(made.periods, NOW, base) == row["state"]
            assert vehicle_rules.next_change(made.periods, NOW) == row["next_change_at"]
            states.add(row["state"])
        assert states == set(vehicle_rules.VehicleState)

    def test_plates_of_all_markets_never_meet(self):
        seen = {normalise_plate(plates_of(market, 7)(number)) for market in MARKETS for number in range(5_000)}
        assert len(seen) == 5_000 * len(MARKETS)

    def test_models_come_from_our_fleet_and_from_the_package(self):
        makes = {variant.make for variant in variants().things}
        assert {"Škoda", "Citroën", "Toyota", "Subaru"} <= makes
        assert "Subaru" in FROM_PACKAGE


class TestCustomers:
    def test_each_passes_the_rules_and_its_numbers_open_again(self):
        random, numbering = dice(), CustomerNumbering("1", 1, "seed-1", KEYS)
        numbers = set()
        for number in range(1_200):
            row = make_customer(random, numbering, number, NOW)
            identity = decrypt(KEYS.sealing, row["identity_number_sealed"], f"customer.identity_number/{row['id']}")
            fields = {**row, "identity_number": identity, "address": row["address"]}
            fields["iban"] = decrypt(KEYS.sealing, row["iban_sealed"], f"customer.iban/{row['id']}")
            assert customer_rules.check_customer(fields, is_new=True, today=NOW.date()) == [], fields
            stored = customer_rules.normalise_identity_number(identity, row["market"], row["kind"])
            assert row["identity_number_hash"] == keyed_hash(
                KEYS.hashing[0], f"identity_number:{row['market']}:{stored}"
            )
            numbers.add((row["market"], identity))
        assert len(numbers) == 1_200


class TestApplications:
    def test_whatever_is_no_draft_is_complete(self):
        random, numbering = dice(), ApplicationNumbering("1", 1, "seed-1")
        for number in range(1_500):
            market = ("EE", "SE", "DE", "NO")[number % 4]
            row = make_application(random, numbering, number, NOW, Applicant("id", market, number % 9 == 0, "Name"))
            assert is_reference(row["reference"], "AP")
            facts = {name: read(value) for name, value in row.items()} | {"amount": row["amount_minor"]}
            missing = application_rules.missing(facts, market)
            assert row["state"] == "draft" or missing == []
            assert row["created_at"] <= row["updated_at"] <= NOW


class TestBatches:
    def test_a_part_of_a_stretch_is_the_same_as_within_the_whole(self):
        whole = make_batch(Order("vehicle", 7, BATCH_ROWS, BATCH_ROWS + 60, NOW, KEYS))
        part = make_batch(Order("vehicle", 7, BATCH_ROWS + 20, BATCH_ROWS + 60, NOW, KEYS))
        assert part.lines["vehicle"] == whole.lines["vehicle"][20:]

    def test_another_seed_makes_other_rows(self):
        first, second = (make_batch(Order("vehicle", seed, 0, 40, NOW, KEYS)) for seed in (7, 8))
        assert not set(first.lines["vehicle"]) & set(second.lines["vehicle"])
        assert not set(first.unique["vin"]) & set(second.unique["vin"])

    def test_what_others_have_is_left_out(self):
        order = Order("vehicle", 7, 0, 40, NOW, KEYS)
        plate = make_batch(order).unique["plate_key"][3]
        again = make_batch(replace(order, taken=frozenset({plate})))
        assert plate not in again.unique["plate_key"]
        assert len(again.lines["vehicle"]) == 40

    def test_text_survives_the_file(self):
        assert as_text("a\tb\\c\nd") == "a\\tb\\\\c\\nd"
        assert as_text(None) == "\\N"
        assert as_text({"a": 'say "x"'}) == '{"a":"say \\\\"x\\\\""}'


class TestViews:
    async def test_each_is_one_that_its_list_accepts(self, database: Database, session: AsyncSession):
        assemble()
        people = [Person(str(uuid7()), name, "fleet_manager", None) for name in NAMES.values()]
        await add_views(database, people)
        saved = (await session.execute(select(SavedView.name, SavedView.is_shared))).all()
        assert {name for name, is_shared in saved if is_shared} == {name for _, _, name, _ in SHARED}
        assert {name for name, is_shared in saved if not is_shared} == {name for _, _, name, _ in PRIVATE}

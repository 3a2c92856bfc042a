"""Vehicles from files, and the real file of 4,843 cars."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from app.core.actor import Actor
from app.core.audit import AuditEntry
from app.core.events import OutboxEvent
from app.core.importing import Import
from app.desk.approvals.models import Approval
from app.desk.imports import adapters
from app.desk.imports.rules import parse_mapping
from app.desk.imports.services import rows
from app.kit.money import Money
from app.rental.vehicles.importers import VEHICLES
from app.rental.vehicles.models import Vehicle
from app.settings import ROOT
from tests.factories.rental import make_location, make_vehicle

GETAROUND = ROOT.parent / "shared/data/rental/getaround_cars.csv"
ACTOR = Actor(None, "system", "pytest", markets=None, branches=None)


@pytest.fixture
def imported(database, tmp_path):
    """Import a text by a mapping, and tell what became of its rows."""

    async def run(text, mapping, *, is_rehearsal=False, actor=ACTOR):
        path = tmp_path / "cars.csv"
        path.write_text(text)
        read = parse_mapping(f'kind = "vehicles"\n{mapping}', "cars.toml")
        work = Import(database, VEHICLES, "test", path.name, actor)
        return await rows.import_file(work, read, path, is_rehearsal=is_rehearsal, heard=lambda done: None)

    return run


def counts(report):
    """Created, updated, unchanged and refused."""
    return tuple(count for result, count in report.counts.items() if result != "waiting")


class TestPrepare:
    @pytest.mark.parametrize(
        ("cells", "fields"),
        [
            ({"power_hp": "100"}, {"power_kw": 74}),
            ({"odometer_miles": "10,000"}, {"odometer_km": 16093}),
            ({"day_price.amount": "114", "day_price.currency": "EUR"}, {"day_price": Money(11400, "EUR")}),
            ({"air_conditioning": "False"}, {"air_conditioning": False}),
            ({"transmission": "Automatic"}, {"transmission": "automatic"}),
        ],
    )
    def test_reads_units_money_and_words(self, cells, fields):
        read, problems = VEHICLES.prepare({"make": "Audi", "market": "EE"} | cells)
        assert not problems
        assert read == {"make": "Audi", "market": "EE"} | fields

    @pytest.mark.parametrize(
        ("cells", "refused"),
        [
            ({"odometer_km": "-64"}, ["odometer_km"]),
            ({"power_hp": "0"}, ["power_kw"]),
            ({"power_hp": "strong"}, ["power_hp"]),
            ({"vin": "WVWZZZ1KZAW00012"}, ["vin"]),
            ({"make": ""}, ["make"]),
            ({"market": "XX", "year": "1899"}, ["market", "year"]),
        ],
    )
    def test_refuses_by_the_rules(self, cells, refused):
        given = {name: text for name, text in ({"make": "Audi", "market": "EE"} | cells).items() if text}
        assert [problem.field for problem in VEHICLES.prepare(given)[1]] == refused


class TestImport:
    MAPPING = 'row_key = "id"\n[fields]\nmake = "make"\nplate = "plate"\nat = "location"\n[constants]\nmarket = "EE"\n'

    async def test_one_bad_row_spoils_no_other(self, imported, session):
        await make_location(session, "TLL")
        await make_vehicle(session, plate="986 VVK")
        await session.commit()
        text = "id,make,plate,at\n1,Audi,111 AAA,TLL\n2,Fiat,986 VVK,\n3,Seat,,XXX\n4,Opel,111AAA,\n5,Saab,555 EEE,\n"
        for is_rehearsal in (True, False):
            report = await imported(text, self.MAPPING, is_rehearsal=is_rehearsal)
            assert counts(report) == (2, 0, 0, 3)
            refused = [(one.checked.number, one.refusals[0].column) for one in report.refused]
            assert refused == [(3, "plate"), (4, "at"), (5, "plate")]
        found = await session.execute(select(Vehicle.make).where(Vehicle.source == "test").order_by(Vehicle.source_key))
        assert list(found.scalars()) == ["Audi", "Saab"]

    async def test_only_changed_values_make_an_entry_and_an_event(self, imported, session):
        text = "id,make,plate,at,note\n1,Audi,111 AAA,,a\n2,Fiat,222 BBB,,b\n"
        assert counts(await imported(text, self.MAPPING)) == (2, 0, 0, 0)
        before = (await session.execute(select(func.count()).select_from(OutboxEvent))).scalar_one()
        assert counts(await imported(text, self.MAPPING)) == (0, 0, 2, 0)
        assert counts(await imported(text.replace("Fiat", "Lancia"), self.MAPPING)) == (0, 1, 1, 0)
        after = (await session.execute(select(func.count()).select_from(OutboxEvent))).scalar_one()
        assert after == before + 1
        vehicle = (await session.execute(select(Vehicle).where(Vehicle.plate_key == "222BBB"))).scalar_one()
        assert (vehicle.make, vehicle.source_fields) == ("Lancia", {"note": "b"})
        entries = select(AuditEntry).where(AuditEntry.subject_id == vehicle.id).order_by(AuditEntry.subject_version)
        written = [(one.action, one.subject_version, one.why) for one in (await session.execute(entries)).scalars()]
        assert written == [
            ("vehicle.created", 1, "Imported from cars.csv, row 3"),
            ("vehicle.updated", 2, "Imported from cars.csv, row 3"),
        ]

    async def test_a_large_change_of_price_waits_and_the_rest_of_the_row_is_saved(self, imported, session):
        mapping = self.MAPPING.replace(
            "[constants]\n", 'price = "day_price.amount"\n[constants]\n"day_price.currency" = "EUR"\n'
        )
        text = "id,make,plate,at,price\n1,Audi,111 AAA,,50\n2,Fiat,222 BBB,,50\n"
        await imported(text, mapping)
        changed = text.replace("Audi,111 AAA,,50", "Seat,111 AAA,,90").replace("222 BBB,,50", "222 BBB,,55")
        for is_rehearsal in (True, False, False):
            report = await imported(changed, mapping, is_rehearsal=is_rehearsal)
            assert report.counts["waiting"] == 1
        found = await session.execute(select(Vehicle.make, Vehicle.day_price_minor).order_by(Vehicle.source_key))
        assert found.all() == [("Seat", 5_000), ("Fiat", 5_500)]
        asked = (await session.execute(select(Approval))).scalar_one()
        assert (asked.state, asked.amount, asked.maker_id) == ("pending", Money(9_000, "EUR"), None)

    async def test_empty_cells_clear_nothing_that_staff_entered(self, imported, session):
        await imported("id,make,plate,at\n1,Audi,111 AAA,\n", self.MAPPING)
        report = await imported("id,make,plate,at\n1,Audi,,\n", self.MAPPING)
        assert counts(report) == (0, 0, 1, 0)
        assert (await session.execute(select(Vehicle.plate).where(Vehicle.source == "test"))).scalar_one() == "111 AAA"

    async def test_a_clerk_of_other_markets_imports_nothing(self, imported):
        clerk = Actor(None, "staff", "Clerk", markets=frozenset({"LV"}), branches=None)
        report = await imported("id,make,plate,at\n1,Audi,,\n", self.MAPPING, actor=clerk)
        assert counts(report) == (0, 0, 0, 1)
        assert report.refused[0].refusals[0].reason == "The market or branch is outside your scope."


@pytest.mark.skipif(not GETAROUND.exists(), reason=f"{GETAROUND} is not on this machine")
class TestGetaround:
    async def test_all_cars_but_two_and_the_second_time_none(self, database, session):
        headers = adapters.open_sheet(GETAROUND).headers
        where, mapping = rows.choose_mapping(VEHICLES, headers, None)
        assert where == "getaround-cars.toml"
        work = Import(database, VEHICLES, mapping.source, GETAROUND.name, ACTOR)
        told = []
        report = await rows.import_file(work, mapping, GETAROUND, is_rehearsal=False, heard=told.append)
        assert counts(report) == (4841, 0, 0, 2)
        assert told[-1] == report.total == 4843
        refused = [
            (one.checked.number, refusal.column, refusal.reason) for one in report.refused for refusal in one.refusals
        ]
        assert refused == [
            (2940, "mileage", "Between 0 and 2,000,000 (the cell says -64)"),
            (3767, "engine_power", "Between 1 and 2,000 (the cell says 0)"),
        ]
        bodies = Counter((await session.execute(select(Vehicle.body_type))).scalars())
        assert bodies == {
            "estate": 1606,
            "doors_4_5": 1983,
            "suv": 1057,
            "coupe": 104,
            "convertible": 47,
            "passenger_van": 44,
        }
        one = (await session.execute(select(Vehicle).where(Vehicle.source_key == "0"))).scalar_one()
        assert (one.make, one.market, one.power_kw, one.odometer_km, one.colour) == (
            "Citroën",
            "FR",
            74,
            140411,
            "black",
        )
        assert (one.day_price, one.transmission, one.acriss) == (Money(10600, "EUR"), "manual", "STMQ")
        assert one.equipment == ["cruise_control", "navigation", "remote_unlocking", "winter_tyres"]
        assert one.source_fields == {"car_type": "convertible", "private_parking_available": "true"}
        events = (await session.execute(select(func.count()).select_from(OutboxEvent))).scalar_one()
        again = await rows.import_file(work, mapping, GETAROUND, is_rehearsal=False, heard=told.append)
        assert counts(again) == (0, 0, 4841, 2)
        assert (await session.execute(select(func.count()).select_from(OutboxEvent))).scalar_one() == events

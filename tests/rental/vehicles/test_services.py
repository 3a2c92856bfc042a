"""Changes of vehicles on a real database."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM
from app.core.audit import AuditEntry
from app.core.errors import IllegalState, InvalidFields, StaleVersion
from app.core.events import OutboxEvent
from app.kit.money import Money
from app.rental.vehicles import rules, services
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.rules import VehicleState
from app.rental.vehicles.services import PeriodOverlaps
from tests.factories.rental import make_location, make_vehicle


class TestCreateVehicle:
    async def test_writes_vehicle_audit_entry_and_event_together(self, session):
        vehicle = await make_vehicle(session, plate="986 vvk", acriss="cwmd")

        assert (vehicle.plate, vehicle.plate_key, vehicle.acriss) == ("986 VVK", "986VVK", "CWMD")
        assert vehicle.body_type == "estate"
        entry = (await session.execute(select(AuditEntry).where(AuditEntry.subject_id == vehicle.id))).scalar_one()
        event = (await session.execute(select(OutboxEvent).where(OutboxEvent.aggregateid == vehicle.id))).scalar_one()
        assert entry.action == event.type == "vehicle.created"
        assert entry.changes["day_price_minor"] == [None, {"amount": "78.00", "currency": "EUR"}]
        assert event.payload["version"] == vehicle.version == 1

    async def test_composes_the_class_from_its_parts(self, session):
        vehicle = await make_vehicle(
            session, category="compact", body_type="estate", transmission="manual", fuel="diesel", air_conditioning=True
        )
        assert vehicle.acriss == "CWMD"

    async def test_names_every_unacceptable_field(self, session):
        with pytest.raises(InvalidFields) as refused:
            await make_vehicle(session, make="", vin="123", year=1800, acriss="AAAA", location="NOWHERE")
        assert {problem.field for problem in refused.value.problems} == {"make", "vin", "year", "acriss"}

    async def test_refuses_a_location_that_does_not_exist(self, session):
        with pytest.raises(InvalidFields) as refused:
            await make_vehicle(session, location="NOWHERE")
        assert [(problem.field, problem.code) for problem in refused.value.problems] == [
            ("location", "unknown_location")
        ]

    async def test_refuses_a_plate_written_differently_but_taken(self, session):
        await make_vehicle(session, plate="986 VVK")
        with pytest.raises(InvalidFields) as refused:
            await make_vehicle(session, plate="986-vvk")
        assert refused.value.problems[0].field == "plate"


class TestUpdateVehicle:
    async def test_records_only_what_changed(self, session):
        vehicle = await make_vehicle(session, colour="red")
        await services.update_vehicle(
            session,
            vehicle.id,
            fields={"colour": "red", "odometer_km": 5, "day_price": Money(8000, "EUR")},
            actor=SYSTEM,
        )
        entry = await newest_entry(session, vehicle)
        assert entry.changes == {
            "odometer_km": [None, 5],
            "day_price_minor": [{"amount": "78.00", "currency": "EUR"}, {"amount": "80.00", "currency": "EUR"}],
        }
        assert vehicle.version == 2

    async def test_changing_nothing_writes_nothing(self, session):
        vehicle = await make_vehicle(session, colour="red")
        await services.update_vehicle(session, vehicle.id, fields={"colour": "red"}, actor=SYSTEM)
        assert (await newest_entry(session, vehicle)).action == "vehicle.created"
        assert vehicle.version == 1

    async def test_refuses_a_stale_version(self, session):
        vehicle = await make_vehicle(session)
        await services.update_vehicle(session, vehicle.id, fields={"colour": "red"}, actor=SYSTEM)
        with pytest.raises(StaleVersion):
            await services.update_vehicle(session, vehicle.id, fields={"colour": "blue"}, version=1, actor=SYSTEM)

    async def test_a_retired_vehicle_stays_as_it_is(self, session):
        vehicle = await make_vehicle(session)
        await services.move_vehicle(session, vehicle.id, "retirement", fields={"reason": "sold"}, actor=SYSTEM)
        with pytest.raises(IllegalState):
            await services.update_vehicle(session, vehicle.id, fields={"colour": "red"}, actor=SYSTEM)


class TestMoves:
    async def test_block_and_its_end(self, session):
        vehicle = await make_vehicle(session)
        await services.move_vehicle(session, vehicle.id, "block", fields={"reason": "Scratched"}, actor=SYSTEM)
        assert vehicle.state is VehicleState.BLOCKED
        assert (await newest_entry(session, vehicle)).changes == {"state": ["in_service", "blocked"]}
        await services.move_vehicle(session, vehicle.id, "block_removal", fields={}, actor=SYSTEM)
        assert vehicle.state is VehicleState.IN_SERVICE

    async def test_arrival_moves_the_vehicle_to_the_other_branch(self, session):
        await make_location(session, "TLL")
        await make_location(session, "RIX", market="LV", country="LV")
        vehicle = await make_vehicle(session, location="TLL")
        await services.move_vehicle(
            session, vehicle.id, "transfer", fields={"reason": "Needed there", "to_location": "RIX"}, actor=SYSTEM
        )
        assert (vehicle.state, vehicle.location_code) == (VehicleState.IN_TRANSIT, "TLL")
        await services.move_vehicle(session, vehicle.id, "arrival", fields={}, actor=SYSTEM)
        assert (vehicle.state, vehicle.location_code) == (VehicleState.IN_SERVICE, "RIX")

    async def test_a_planned_block_begins_by_itself(self, session, time_machine_at):
        vehicle = await make_vehicle(session)
        starts_at = clock.now() + timedelta(hours=2)
        await services.move_vehicle(
            session,
            vehicle.id,
            "block",
            fields={"reason": "Wash", "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)},
            actor=SYSTEM,
        )
        assert (vehicle.state, vehicle.next_change_at) == (VehicleState.IN_SERVICE, starts_at)
        with time_machine_at(starts_at + timedelta(minutes=1)):
            assert (await services.apply_periods(session, vehicle.id)).state is VehicleState.BLOCKED
        with time_machine_at(starts_at + timedelta(hours=1)):
            assert (await services.apply_periods(session, vehicle.id)).state is VehicleState.IN_SERVICE

    async def test_overlapping_periods_are_refused(self, session):
        vehicle = await make_vehicle(session)
        day = datetime(2030, 1, 1, tzinfo=UTC)
        fields = {"reason": "Wash", "starts_at": day, "ends_at": day + timedelta(days=2)}
        await services.move_vehicle(session, vehicle.id, "block", fields=fields, actor=SYSTEM)
        with pytest.raises(PeriodOverlaps):
            await services.move_vehicle(
                session, vehicle.id, "maintenance", fields=fields | {"starts_at": day + timedelta(days=1)}, actor=SYSTEM
            )
        touching = fields | {"starts_at": day + timedelta(days=2), "ends_at": day + timedelta(days=3)}
        await services.move_vehicle(session, vehicle.id, "maintenance", fields=touching, actor=SYSTEM)

    @pytest.mark.parametrize("move", sorted(rules.MOVES))
    async def test_every_move_is_refused_in_every_other_state(self, session, move):
        await make_location(session, "RIX", market="LV", country="LV")
        vehicle = await make_vehicle(session)
        for state in set(VehicleState) - set(rules.MOVES[move].from_states):
            vehicle.state = state
            await session.flush()
            with pytest.raises(IllegalState) as refused:
                await services.move_vehicle(
                    session, vehicle.id, move, fields={"reason": "Because", "to_location": "RIX"}, actor=SYSTEM
                )
            assert refused.value.extra == {"state": state}


async def newest_entry(session, vehicle: Vehicle) -> AuditEntry:
    statement = select(AuditEntry).where(AuditEntry.subject_id == vehicle.id).order_by(AuditEntry.id.desc()).limit(1)
    return (await session.execute(statement)).scalar_one()

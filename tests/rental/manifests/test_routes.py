"""A branch's day as a page, as a file and in the API."""

import io
from datetime import timedelta

from python_calamine import CalamineWorkbook

from app.core import clock
from app.core.actor import SYSTEM
from app.rental.bookings.rules import BookingState
from app.rental.vehicles import services as vehicles
from tests.factories.rental import HOURS, make_booking, make_fleet, make_location, make_vehicle

AHEAD = 30


def day(booking, name="pickup"):
    return f"{getattr(booking, f'{name}_local'):%Y-%m-%d}"


def sections(manifest):
    return [(item["section"], item.get("reference", "")) for item in manifest["items"]]


class TestManifest:
    async def test_what_goes_out_and_what_comes_back(self, client_for, session):
        car, _ = await make_fleet(session)
        booked = await make_booking(session, vehicle_id=car.id)
        waiting = await make_booking(session)
        clerk = await client_for("fleet_clerk", markets=["EE"])
        out = (await clerk.get(f"/api/v1/manifest?branch=TLL&day={day(booked)}")).json()
        assert sorted(sections(out)) == sorted([("out", booked.reference), ("out", waiting.reference)])
        assert (out["unassigned"], out["time_zone"]) == (1, "Europe/Tallinn")
        back = (await clerk.get(f"/api/v1/manifest?branch=TLL&day={day(booked, 'return')}")).json()
        assert {section for section, _ in sections(back)} == {"in"}
        page = (await clerk.get(f"/manifest?branch=TLL&day={day(booked)}")).text
        for words in (
            booked.reference,
            "AAA 0",
            "No vehicle yet",
            "2 out, 0 in",
            "1 without a vehicle",
            "Nothing is late.",
        ):
            assert words in page
        assert "Tallinn" in (await clerk.get("/manifest")).text or "TLL Airport" in (await clerk.get("/manifest")).text

    async def test_what_is_late_until_it_is_back(self, client_for, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        booking.state, booking.return_at = BookingState.ON_HIRE, clock.now() - timedelta(hours=3)
        await session.flush()
        clerk = await client_for("fleet_clerk")
        assert ("late", booking.reference) in sections((await clerk.get("/api/v1/manifest?branch=TLL")).json())
        tomorrow = clock.today() - timedelta(days=2)
        assert "late" not in str(sections((await clerk.get(f"/api/v1/manifest?branch=TLL&day={tomorrow}")).json()))

    async def test_transfers_of_both_branches(self, client_for, session):
        await make_fleet(session)
        await make_location(session, "TLL-P", opening_hours=HOURS)
        car = await make_vehicle(session, plate="BBB 1", acriss="IWMD", location="TLL")
        starts_at = clock.now() + timedelta(days=AHEAD)
        fields = {"reason": "Needed there", "starts_at": starts_at, "ends_at": starts_at + timedelta(days=2)}
        await vehicles.move_vehicle(session, car.id, "transfer", fields=fields | {"to_location": "TLL-P"}, actor=SYSTEM)
        clerk = await client_for("fleet_clerk")
        for branch, moment in (("TLL", starts_at), ("TLL-P", fields["ends_at"])):
            found = (
                await clerk.get(f"/api/v1/manifest?branch={branch}&day={moment + timedelta(hours=2):%Y-%m-%d}")
            ).json()
            assert [(one["section"], one["plate"], one["to_location"]) for one in found["items"]] == [
                ("move", "BBB 1", "TLL-P")
            ]

    async def test_files_hold_the_same_lines(self, client_for, session):
        car, _ = await make_fleet(session)
        booked = await make_booking(session, vehicle_id=car.id)
        clerk = await client_for("fleet_manager")
        address = f"/manifest/file?branch=TLL&day={day(booked)}"
        text = (await clerk.get(f"{address}&format=csv")).text
        assert booked.reference in text
        assert text.count("\r\n") == 2
        book = await clerk.get(f"{address}&format=xlsx")
        assert f'filename="manifest-TLL-{day(booked)}.xlsx"' in book.headers["content-disposition"]
        rows = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
        assert rows[1][2] == booked.reference

    async def test_of_other_branches_nothing(self, client_for, session):
        await make_fleet(session)
        await make_location(session, "RIX", market="LV", country="LV", opening_hours=HOURS)
        clerk = await client_for("fleet_clerk", markets=["EE"])
        assert (await clerk.get("/manifest?branch=RIX")).status_code == 404
        for query in ("branch=RIX", "branch=TLL&day=soon", "branch=TLL&day=1066-10-14"):
            assert (await clerk.get(f"/api/v1/manifest?{query}")).status_code == 422, query
        assert (await (await client_for("credit_clerk")).get("/manifest")).status_code == 403

    async def test_a_return_of_another_branchs_hire_without_its_driver(self, client_for, session):
        car, _ = await make_fleet(session)
        booking = await make_booking(session, vehicle_id=car.id)
        booking.market = "LV"
        await session.flush()
        clerk = await client_for("fleet_clerk", markets=["EE"])
        found = (await clerk.get(f"/api/v1/manifest?branch=TLL&day={day(booking, 'return')}")).json()
        assert [(one["plate"], one.get("driver_name")) for one in found["items"]] == [("AAA 0", None)]

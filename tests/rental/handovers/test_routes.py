"""The page of a check-out and a check-in, step by step, and the same through the API."""

from datetime import timedelta

from app.rental.bookings.rules import BookingState
from app.rental.handovers.rules import Direction

PARTIAL = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "div#handover"}
PAPERS = {"licence_number": "EE1234567", "licence_country": "ee", "licence_expires_on": "2030-01-01"}
MARK = {"zone": "front_bumper", "kind": "scratch", "words": "10 cm", "x": "42", "y": "200"}


class TestCheckOut:
    async def test_from_the_booking_to_the_road(self, client_for, counter):
        booking = await counter.book()
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get(f"/bookings/{booking.id}")).text
        assert f'action="/bookings/{booking.id}/check-out"' in page
        begun = await clerk.post(f"/bookings/{booking.id}/check-out")
        address = begun.headers["location"]
        page = (await clerk.get(address)).text
        for words in ("Still missing: driver, condition, deposit, agreement.", "Hold 300.00 EUR", "Front bumper"):
            assert words in page
        refused = await clerk.post(f"{address}/completion", data={})
        assert (refused.status_code, "Something is still missing" in refused.text) == (409, True)
        saved = await clerk.post(f"{address}/driver", data=PAPERS)
        assert (saved.status_code, saved.headers["location"]) == (303, f"{address}#driver")
        saved = await clerk.post(f"{address}/condition", data={"odometer_km": "42010", "fuel": "8"}, headers=PARTIAL)
        assert (saved.status_code, saved.text.lstrip()[:24]) == (200, '<div id="handover" class')
        assert (await clerk.post(f"{address}/marks", data=MARK)).status_code == 303
        held = await clerk.post(f"{address}/deposit", data={"payment_token": "tok_good", "with_hire": "true"})
        assert held.status_code == 303
        assert "the provider is asked" in (await clerk.get(address)).text
        await counter.settle()
        agreed = {"signed_name": "Liis Tamm", "is_accepted": "true", "signature": "[[[1,1],[9,9]]]"}
        assert (await clerk.post(f"{address}/agreement", data=agreed)).status_code == 303
        page = (await clerk.get(address)).text
        for words in ('d="M1 1 L9 9"', "Front bumper: scratch, 10 cm", "Kept as", "Agreed by Liis Tamm"):
            assert words in page
        assert "EE1234567" not in page
        done = await clerk.post(f"{address}/completion", data={})
        assert done.headers["location"] == f"/bookings/{booking.id}"
        page = (await clerk.get(f"/bookings/{booking.id}")).text
        for words in ("On hire", "Check-in", "42,010 km, full tank (8/8)"):
            assert words in page
        assert (await clerk.post(f"{address}/driver", data=PAPERS)).status_code == 409

    async def test_says_what_is_wrong_beside_the_field_and_keeps_what_was_typed(self, client_for, counter):
        await counter.book()
        made = await counter.begin()
        await counter.session.commit()
        clerk = await client_for("fleet_clerk")
        address = f"/handovers/{made.id}"
        typed = PAPERS | {"licence_expires_on": "2020-01-01", "document_number": "K123"}
        refused = await clerk.post(f"{address}/driver", data=typed, headers=PARTIAL)
        assert (refused.status_code, "The licence is over" in refused.text) == (422, True)
        assert 'value="K123"' in refused.text
        refused = await clerk.post(f"{address}/condition", data={"odometer_km": "5", "fuel": ""})
        assert "Not below the 42,000 km" in refused.text
        assert "Choose how much is in it" in refused.text
        refused = await clerk.post(f"{address}/agreement", data={"signed_name": ""})
        assert "The customer agrees to what is shown" in refused.text

    async def test_two_at_once_are_told_of_each_other(self, client_for, counter):
        await counter.book()
        made = await counter.begin()
        await counter.session.commit()
        clerk = await client_for("fleet_clerk")
        data = {"odometer_km": "42010", "fuel": "8", "version": str(made.version)}
        assert (await clerk.post(f"/handovers/{made.id}/condition", data=data)).status_code == 303
        late = await clerk.post(
            f"/handovers/{made.id}/condition", data=data | {"odometer_km": "42011"}, headers=PARTIAL
        )
        assert late.status_code == 409
        assert "has saved a step meanwhile" in late.text
        assert 'value="42011"' in late.text

    async def test_only_managers_see_a_licence_number_and_nobody_sees_other_markets(self, client_for, counter):
        await counter.book()
        made = await counter.begin()
        await counter.session.commit()
        clerk, manager = await client_for("fleet_clerk"), await client_for("fleet_manager")
        await clerk.post(f"/handovers/{made.id}/driver", data=PAPERS)
        assert (await clerk.post(f"/handovers/{made.id}/licence/reveal")).status_code == 403
        assert "EE1234567" in (await manager.post(f"/handovers/{made.id}/licence/reveal")).text
        other = await client_for("fleet_clerk", markets=["LV"])
        assert (await other.get(f"/handovers/{made.id}")).status_code == 404


class TestCheckIn:
    async def test_shows_out_and_back_side_by_side_and_settles(self, client_for, counter):
        booking = await counter.book()
        await counter.hand_over()
        await counter.session.commit()
        counter.clock.move_to(booking.return_at + timedelta(hours=2))
        manager = await client_for("fleet_manager")
        begun = await manager.post(f"/bookings/{booking.id}/check-in")
        address = begun.headers["location"]
        back = {"odometer_km": "42500", "fuel": "6", "location": "TLL"}
        assert (await manager.post(f"{address}/condition", data=back)).status_code == 303
        assert (await manager.post(f"{address}/marks", data=MARK | {"kind": "dent"})).status_code == 303
        page = (await manager.get(address)).text
        for words in (
            "42,010 km",
            "42,500 km",
            "490 km",
            "2/8 of a tank missing",
            "120 minutes late",
            "1 new",
            "Fuel: ",
        ):
            assert words in page
        agreed = {"signed_name": "Liis Tamm", "is_accepted": "true"}
        await manager.post(f"{address}/agreement", data=agreed)
        done = await manager.post(f"{address}/completion", data={})
        assert done.status_code == 303
        page = (await manager.get(f"/bookings/{booking.id}")).text
        for words in ("Returned", "Front bumper: dent", "Late return", "Damage cases"):
            assert words in page
        assert "Settle with the deposit" in (await manager.get(address)).text
        assert (await manager.post(f"{address}/settlement")).status_code == 303
        await counter.settle()
        assert "Settle with the deposit" not in (await manager.get(address)).text

    async def test_a_case_is_listed_estimated_and_charged(self, client_for, counter):
        booking = await counter.book()
        await counter.hand_over()
        counter.clock.move_to(booking.return_at)
        made = await counter.begin(Direction.IN)
        await counter.session.commit()
        clerk = await client_for("fleet_clerk")
        await clerk.post(f"/handovers/{made.id}/marks", data=MARK)
        await counter.kept()
        await counter.fill()
        await counter.complete()
        await counter.session.commit()
        every = "vehicle,booking,words,party,estimate,state,branch,updated,market"
        page = (await clerk.get(f"/damage-cases?columns={every}&state=open")).text
        assert booking.reference in page
        case = page.split('href="/damage-cases/')[1].split('"')[0]
        address = f"/damage-cases/{case}"
        assert 'commandfor="dialog-estimate"' in (await clerk.get(address)).text
        refused = await clerk.post(f"{address}/estimate", data={}, headers=PARTIAL)
        assert (refused.status_code, refused.text.lstrip().startswith('<form id="move-estimate"')) == (422, True)
        estimate = {"amount.amount": "180", "amount.currency": "EUR", "party": "customer"}
        assert (await clerk.post(f"{address}/estimate", data=estimate)).status_code == 303
        assert "Charge the customer" in (await clerk.get(address)).text
        assert (await clerk.post(f"{address}/charge")).status_code == 303
        refused = await clerk.post(f"{address}/closing", data={}, headers=PARTIAL)
        assert (refused.status_code, refused.text.lstrip().startswith('<form id="move-end"')) == (422, True)
        assert (await clerk.post(f"{address}/closing", data={"reason": "Paid"})).status_code == 303
        assert "Damage, 180.00 EUR" in (await clerk.get(f"/bookings/{booking.id}")).text


class TestApi:
    async def test_a_counter_app_hands_over_and_takes_back(self, api_for, counter):
        booking = await counter.book()
        clerk = await api_for("fleet_clerk")
        address = f"/bookings/{booking.id}/check-out"
        assert (await clerk.get(address)).status_code == 404
        made = await clerk.post(address)
        assert (made.status_code, made.json()["missing"][0]) == (201, "driver")
        assert (await clerk.patch(address, json={"odometer_km": 42_010})).status_code == 428
        body = PAPERS | {"odometer_km": 42_010, "fuel_percent": 100}
        saved = await clerk.patch(address, json=body, headers={"if-match": made.headers["etag"]})
        assert (saved.status_code, saved.json()["missing"]) == (200, ["deposit", "agreement"])
        assert "EE1234567" not in saved.text
        stale = await clerk.patch(address, json=body, headers={"if-match": made.headers["etag"]})
        assert stale.status_code == 412
        marked = await clerk.post(f"{address}/marks", json={"zone": "roof", "kind": "dent"})
        (mark,) = marked.json()["marks"]
        assert (mark["zone_words"], mark["x"], mark["y"]) == ("Roof", 341, 210)
        assert (await clerk.delete(f"{address}/marks/{mark['id']}")).json()["marks"] == []
        assert (await clerk.post(f"{address}/deposit", json={"payment_token": "tok_good"})).status_code == 201
        await counter.settle()
        assert (await clerk.post(f"{address}/agreement", json={"signed_name": "Liis Tamm"})).status_code == 201
        done = await clerk.post(f"{address}/completion")
        assert (done.status_code, done.json()["state"]) == (201, "done")
        counter.clock.move_to(booking.return_at)
        back = f"/bookings/{booking.id}/check-in"
        made = await clerk.post(back)
        reading = {"odometer_km": 42_300, "fuel_percent": 100}
        await clerk.patch(back, json=reading, headers={"if-match": made.headers["etag"]})
        await clerk.post(f"{back}/agreement", json={"signed_name": "Liis Tamm", "signature": [[[1, 1], [4, 4]]]})
        done = await clerk.post(f"{back}/completion")
        assert done.json()["agreed"]["driven_km"] == 290
        assert (await clerk.post(f"{back}/settlement")).status_code == 201
        assert (await counter.hire()).state is BookingState.RETURNED

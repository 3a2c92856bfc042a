"""The way of many records through the pages: selected, asked, foreseen, started, worked on, looked at."""

import re
from html import unescape

import pytest
from sqlalchemy import select, text

from app.core.audit import AuditEntry
from app.desk.bulk.models import BulkRow
from app.desk.notifications.models import Notification
from app.rental.vehicles.services import move_vehicle
from tests.desk.bulk.steps import choose, prepared, run_of, started, states
from tests.factories.credit import make_in_state
from tests.factories.rental import make_vehicle

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}


class TestSelect:
    async def test_the_list_offers_what_the_role_may_do(self, client_for, fleet):
        clerk, officer = await client_for("fleet_clerk"), await client_for("credit_officer")
        page = (await clerk.get("/vehicles")).text
        assert 'value="block"' in page
        assert f'value="{fleet[0].id}"' in page
        assert 'value="block"' not in (await officer.get("/vehicles")).text

    async def test_nothing_selected_is_told(self, client_for, fleet):
        clerk = await client_for("fleet_clerk")
        answer = await clerk.post("/bulk", data={"kind": "vehicle", "action": "block"})
        assert answer.status_code == 422
        assert "Select at least one row" in answer.text

    @pytest.mark.parametrize("given", [{"id": "x"}, {"id": [str(n) for n in range(201)]}])
    async def test_what_is_no_selection_is_refused(self, client_for, fleet, given):
        clerk = await client_for("fleet_clerk")
        answer = await clerk.post("/bulk", data={"kind": "vehicle", "action": "block"} | given)
        assert answer.status_code == 400

    async def test_filters_that_the_list_does_not_know_are_refused(self, client_for, fleet):
        clerk = await client_for("fleet_clerk")
        answer = await clerk.post(
            "/bulk", data={"kind": "vehicle", "action": "block", "query": "colours=red", "all": "true"}
        )
        assert answer.status_code == 400

    @pytest.mark.parametrize(("role", "status"), [("credit_officer", 403), ("auditor", 403), ("fleet_clerk", 303)])
    async def test_only_those_who_may_do_it_one_by_one(self, client_for, fleet, role, status):
        somebody = await client_for(role)
        answer = await somebody.post("/bulk", data={"kind": "vehicle", "action": "block", "id": str(fleet[0].id)})
        assert answer.status_code == status


class TestForesee:
    async def test_tells_the_first_rows_and_why_some_would_be_refused(self, client_for, session, fleet):
        clerk = await client_for("fleet_clerk")
        await move_vehicle(session, fleet[1].id, "block", fields={"reason": "Glass"}, actor=clerk.actor)
        await session.commit()
        address, count = await prepared(clerk, "block", {"reason": "Winter tyres"}, query="make=Škoda", all_rows=True)
        page = unescape((await clerk.get(address)).text)
        assert count == 3
        assert "Block: 3 vehicles" in page
        assert re.search(r">1</span>\s*The state is blocked", page)
        assert "AAA 2 Škoda Octavia Combi" in page
        assert await states(session, fleet) == ["in_service", "blocked", "in_service"]

    async def test_prices_before_and_after(self, client_for, fleet):
        clerk = await client_for("fleet_clerk")
        address, _ = await prepared(clerk, "reprice", {"percent": "5,5"}, ids=[fleet[0].id])
        page = unescape((await clerk.get(address)).text)
        assert "78.00 EUR" in page
        assert "82.29 EUR" in page

    @pytest.mark.parametrize(
        ("percent", "words"),
        [("", "is missing"), ("much", "Enter a number"), ("0", "changes nothing"), ("-95", "Between -90 and 500")],
    )
    async def test_what_is_wrong_with_the_answers_is_told_beside_them(self, client_for, fleet, percent, words):
        clerk = await client_for("fleet_clerk")
        address = await choose(clerk, "reprice", ids=[fleet[0].id])
        answer = await clerk.post(f"{address}/fields", data={"percent": percent}, headers=PARTIAL)
        assert answer.status_code == 422
        assert answer.text.lstrip().startswith('<form id="bulk-form"')
        assert words in answer.text
        assert f'value="{percent}"' in answer.text

    async def test_a_destination_out_of_scope_is_refused(self, client_for, fleet):
        clerk = await client_for("fleet_clerk", branches=["TLL"])
        address = await choose(clerk, "transfer", ids=[fleet[0].id])
        answer = await clerk.post(f"{address}/fields", data={"to_location": "TAY", "reason": "Fair"})
        assert answer.status_code == 422
        assert "Choose one of the list" in answer.text


class TestStart:
    async def test_somebody_who_saw_another_number_is_told_before_anything_happens(self, client_for, session, fleet):
        clerk = await client_for("fleet_clerk")
        address, count = await prepared(clerk, "block", {"reason": "Recall"}, query="make=Škoda", all_rows=True)
        await make_vehicle(session, plate="AAA 4", location="TLL")
        await session.commit()
        answer = await clerk.post(f"{address}/start", data={"count": count}, headers=PARTIAL)
        assert answer.status_code == 409
        page = unescape(answer.text)
        assert "It was 3 and is 4 now." in page
        assert 'name="count" value="4"' in page
        assert (await run_of(session, address)).state == "draft"
        assert (await clerk.post(f"{address}/start", data={"count": 4})).status_code == 303

    async def test_a_number_that_changes_while_they_are_written_down_stops_the_start(
        self, client_for, session, fleet, work
    ):
        clerk = await client_for("fleet_clerk")
        address = await started(clerk, "block", {"reason": "Recall"}, query="make=Škoda", all_rows=True)
        await make_vehicle(session, plate="AAA 4", location="TLL")
        await session.commit()
        await work()
        assert (await run_of(session, address)).state == "draft"
        assert "It was 3 when you started it and 4 a moment later" in (await clerk.get(address)).text
        assert set(await states(session, fleet)) == {"in_service"}

    async def test_is_not_started_twice_nor_by_others(self, client_for, fleet):
        clerk, other = await client_for("fleet_clerk"), await client_for("fleet_manager")
        address, count = await prepared(clerk, "block", {"reason": "Recall"}, ids=[fleet[0].id])
        assert (await other.get(address)).status_code == 404
        assert (await other.post(f"{address}/start", data={"count": count})).status_code == 404
        assert (await clerk.post(f"{address}/start", data={"count": count})).status_code == 303
        assert (await clerk.post(f"{address}/start", data={"count": count})).status_code == 409


class TestWork:
    async def test_each_record_through_its_service_with_its_result(self, client_for, session, fleet, work):
        clerk = await client_for("fleet_clerk")
        address, count = await prepared(clerk, "block", {"reason": "Recall"}, query="make=Škoda", all_rows=True)
        await move_vehicle(session, fleet[1].id, "block", fields={"reason": "Glass"}, actor=clerk.actor)
        await session.commit()
        await clerk.post(f"{address}/start", data={"count": count})
        running = (await clerk.get(address)).text
        assert 'data-poll="1000"' in running
        assert await work() == [(1, 3), (2, 3), (3, 3)]
        assert await states(session, fleet) == ["blocked"] * 3
        run = await run_of(session, address)
        assert (run.state, run.done_count, run.refused_count, run.failed_count) == ("done", 2, 1, 0)
        page = unescape((await clerk.get(f"{address}?result=refused")).text)
        assert "The vehicle is blocked." in page
        assert "AAA 2" in page
        assert "AAA 1" not in page
        told = (await session.execute(select(Notification).where(Notification.kind == "bulk.finished"))).scalar_one()
        assert (told.recipient_id, told.title, told.body) == (
            clerk.staff.id,
            "Done: Block: vehicles",
            "2 done, 1 refused",
        )
        assert told.href == address
        entry = (
            await session.execute(
                select(AuditEntry).where(AuditEntry.subject_id == fleet[0].id, AuditEntry.action == "vehicle.blocked")
            )
        ).scalar_one()
        assert (entry.why, entry.request_id, entry.actor_id) == ("Recall", f"bulk:{run.id}", clerk.staff.id)

    async def test_the_refused_are_tried_again_alone(self, client_for, session, fleet, work):
        clerk = await client_for("fleet_clerk")
        await move_vehicle(session, fleet[1].id, "block", fields={"reason": "Glass"}, actor=clerk.actor)
        await session.commit()
        address = await started(clerk, "block", {"reason": "Recall"}, query="make=Škoda", all_rows=True)
        await work()
        await move_vehicle(session, fleet[1].id, "block_removal", fields={}, actor=clerk.actor)
        await session.commit()
        assert "Try the refused again (1)" in (await clerk.get(address)).text
        assert (await clerk.post(f"{address}/retry", data={"result": "refused"})).status_code == 303
        assert await work() == [(3, 3)]
        run = await run_of(session, address)
        assert (run.state, run.done_count, run.refused_count) == ("done", 3, 0)
        assert (await clerk.post(f"{address}/retry", data={"result": "refused"})).status_code == 409
        assert (await clerk.post(f"{address}/retry", data={"result": "done"})).status_code == 409

    async def test_stops_after_the_present_record_and_goes_on_with_the_rest(self, client_for, session, fleet, work):
        clerk = await client_for("fleet_clerk")
        address = await started(clerk, "block", {"reason": "Recall"}, query="make=Škoda&sort=plate", all_rows=True)

        async def stop():
            assert (await clerk.post(f"{address}/cancellation")).status_code == 303

        await work(after=1, then=stop)
        assert await states(session, fleet) == ["blocked", "in_service", "in_service"]
        assert "1 done stays done; 2 were not reached." in (await clerk.get(address)).text
        await clerk.post(f"{address}/retry", data={"result": "waiting"})
        await work()
        assert await states(session, fleet) == ["blocked"] * 3

    async def test_rights_are_those_of_the_moment(self, client_for, session, fleet, work):
        clerk = await client_for("fleet_clerk")
        address = await started(clerk, "block", {"reason": "Recall"}, query="make=Škoda&sort=plate", all_rows=True)

        async def take_away():
            await session.execute(
                text("UPDATE staff SET roles = :roles WHERE id = :id"),
                {"roles": '["credit_officer"]', "id": clerk.staff.id.hex},
            )
            await session.commit()

        await work(after=1, then=take_away)
        assert await states(session, fleet) == ["blocked", "in_service", "in_service"]
        run = await run_of(session, address)
        assert (run.done_count, run.refused_count) == (1, 2)

    async def test_a_disabled_account_stops_its_runs(self, client_for, session, fleet, work):
        clerk, manager = await client_for("fleet_clerk"), await client_for("fleet_manager")
        address = await started(clerk, "block", {"reason": "Recall"}, ids=[fleet[0].id])
        await session.execute(text("UPDATE staff SET is_disabled = TRUE WHERE id = :id"), {"id": clerk.staff.id.hex})
        await session.commit()
        await work()
        assert await states(session, fleet[:1]) == ["in_service"]
        assert "has been disabled" in (await manager.get(address)).text

    async def test_a_vehicle_that_left_the_scope_is_refused(self, client_for, session, fleet, work):
        clerk = await client_for("fleet_clerk", branches=["TLL"])
        address = await started(clerk, "block", {"reason": "Recall"}, query="sort=plate", all_rows=True)

        async def leave():
            await session.execute(
                text("UPDATE vehicle SET location_code = 'TAY' WHERE id = :id"), {"id": fleet[1].id.hex}
            )
            await session.commit()

        await work(after=1, then=leave)
        assert await states(session, fleet) == ["blocked", "in_service", "blocked"]
        assert "no longer in your scope" in (await clerk.get(f"{address}?result=refused")).text

    async def test_a_fault_fails_its_row_only_and_says_nothing_of_the_driver(self, client_for, session, fleet, work):
        clerk = await client_for("fleet_clerk")
        address = await started(clerk, "reprice", {"percent": "5"}, query="make=Škoda&sort=plate", all_rows=True)

        async def price(currency):
            await session.execute(
                text("UPDATE vehicle SET day_price_currency = :currency WHERE id = :id"),
                {"currency": currency, "id": fleet[1].id.hex},
            )
            await session.commit()

        await work(after=1, then=lambda: price("QQQ"))
        run = await run_of(session, address)
        assert (run.state, run.done_count, run.failed_count) == ("done", 2, 1)
        page = (await clerk.get(address)).text
        assert "nothing was changed. Try it again." in page
        assert "QQQ" not in page
        await price("EUR")
        await clerk.post(f"{address}/retry", data={"result": "failed"})
        await work()
        assert (await run_of(session, address)).done_count == 3

    async def test_applications_are_asked_for_information(self, client_for, session, work):
        one = await make_in_state(session, "in_review")
        other = await make_in_state(session, "draft")
        await session.commit()
        officer = await client_for("credit_officer")
        address = await started(
            officer,
            "information_request",
            {"items": "Payslips of three months\nProof of address", "due_on": ""},
            kind="application",
            ids=[one.id, other.id],
        )
        await work()
        run = await run_of(session, address)
        assert (run.done_count, run.refused_count) == (1, 1)
        await session.refresh(one)
        assert one.information_items == ["Payslips of three months", "Proof of address"]


class TestResults:
    async def test_the_file_is_safe_and_whole(self, client_for, session, fleet, work):
        clerk = await client_for("fleet_clerk")
        address = await started(clerk, "reprice", {"percent": "10"}, query="make=Škoda&sort=plate", all_rows=True)
        await work()
        await session.execute(text("UPDATE bulk_row SET label = '=cmd|calc' WHERE number = 2"))
        await session.commit()
        answer = await clerk.get(f"{address}/results")
        assert answer.headers["content-disposition"].startswith("attachment")
        lines = answer.text.split("\r\n")
        assert lines[0] == "Row,Record,Result,What happened,At (UTC)"
        assert lines[1].startswith("1,AAA 1 Škoda Octavia Combi,Done,78.00 EUR → 85.80 EUR,")
        assert lines[2].startswith("2,'=cmd|calc,")
        assert len(lines) == 5

    async def test_polls_get_the_state_and_the_rows(self, client_for, fleet):
        clerk = await client_for("fleet_clerk")
        address = await started(clerk, "block", {"reason": "Recall"}, ids=[fleet[0].id])
        answer = await clerk.get(address, headers=PARTIAL | {"hx-target": "section#bulk-state"})
        assert answer.text.lstrip().startswith('<section id="bulk-state"')
        assert '<hx-partial hx-target="#list-results"' in answer.text

    async def test_others_see_runs_of_records_that_they_see(self, client_for, session, fleet, work):
        clerk = await client_for("fleet_clerk")
        address = await started(clerk, "block", {"reason": "Recall"}, ids=[fleet[0].id])
        await work()
        for role, scope, status in (
            ("fleet_manager", {}, 200),
            ("fleet_manager", {"markets": ["EE"]}, 404),
            ("credit_officer", {}, 403),
        ):
            somebody = await client_for(role, **scope)
            sees = (await somebody.get("/bulk")).text.count("Block: vehicles")
            if role == "credit_officer":
                continue
            assert (await somebody.get(address)).status_code == status
            assert bool(sees) is (status == 200)
        rows = (await session.execute(select(BulkRow))).scalars().all()
        assert [row.result for row in rows] == ["done"]

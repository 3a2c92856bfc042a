"""Approvals through the JSON API: who sees what, and who decides."""

import pytest

from app.kit.money import Money
from tests.desk.approvals.test_routes import ask
from tests.factories.rental import make_location


@pytest.fixture
async def maker(api_for):
    return await api_for("fleet_clerk")


@pytest.fixture
async def boss(api_for):
    return await api_for("fleet_manager")


async def listed(client, **query) -> list[str]:
    answer = await client.get("/approvals", params=query)
    assert answer.status_code == 200, answer.text
    return [item["reference"] for item in answer.json()["items"]]


class TestList:
    async def test_queues_are_ones_own(self, session, maker, boss, api_for):
        _, mine = await ask(session, maker)
        _, his = await ask(session, boss)
        _, done = await ask(session, maker)
        await boss.post(f"/approvals/{done.id}/rejection", json={"reason": "No"})
        assert await listed(boss) == [done.reference, his.reference, mine.reference]
        assert await listed(boss, queue="waiting") == [mine.reference]
        assert await listed(boss, queue="waiting", sort="expires_at") == [mine.reference]
        assert await listed(boss, queue="mine") == [his.reference]
        assert await listed(maker, queue="waiting") == []
        assert await listed(maker, queue="mine") == [done.reference, mine.reference]
        assert await listed(boss, queue="decided") == [done.reference]
        assert await listed(await api_for("auditor"), state="pending") == [his.reference, mine.reference]

    async def test_pages_by_cursor_and_counts_on_request(self, session, maker, boss):
        asked = [(await ask(session, maker))[1].reference for _ in range(3)]
        first = (await boss.get("/approvals", params={"queue": "waiting", "limit": 2, "total": "true"})).json()
        assert [item["reference"] for item in first["items"]] == asked[:0:-1]
        assert first["total"] == 3
        assert await listed(boss, queue="waiting", limit=2, cursor=first["next_cursor"]) == asked[:1]

    async def test_nothing_is_told_beyond_scope_and_permission(self, session, maker, api_for):
        await make_location(session, "RIX", market="LV", country="LV")
        _, there = await ask(session, maker, location="RIX", market="LV")
        _, here = await ask(session, maker)
        latvian = await api_for("fleet_manager", markets=["LV"])
        assert await listed(latvian) == [there.reference]
        for path in (f"/approvals/{here.id}", f"/approvals/{here.id}/approval"):
            answer = await latvian.request("GET" if path.endswith(str(here.id)) else "POST", path)
            assert answer.status_code == 404
        assert (await (await api_for("credit_officer")).get("/approvals")).status_code == 403

    async def test_what_it_does_not_know_is_refused(self, boss):
        for query, status in (
            ({"queue": "everybodys"}, 422),
            ({"state": "done"}, 422),
            ({"colour": "red"}, 400),
            ({"sort": "note"}, 422),
        ):
            assert (await boss.get("/approvals", params=query)).status_code == status, query


class TestShow:
    async def test_says_exactly_what_will_happen(self, session, maker, boss):
        vehicle, approval = await ask(session, maker, plate="123 ABC")
        answer = await boss.get(f"/approvals/{approval.id}")
        item = answer.json()
        assert answer.headers["etag"] == '"1"'
        assert item["changes"] == [{"field": "day_price", "before": "78.00 EUR", "after": "110.00 EUR"}]
        assert (item["amount"], item["digest"]) == ({"amount": "110.00", "currency": "EUR"}, approval.digest)
        assert (item["subject_kind"], item["subject_id"]) == ("vehicle", str(vehicle.id))
        assert (item["subject_title"], item["maker_name"]) == ("Škoda Octavia Combi 123 ABC", "Mari Kask")
        assert not {"payload", "live_key", "seen_with", "approver_id"} & item.keys()
        again = await boss.get(f"/approvals/{approval.id}", headers={"if-none-match": '"1"'})
        assert again.status_code == 304


class TestDecide:
    async def test_agreeing_does_it_and_is_answered_the_same_again(self, session, maker, boss):
        vehicle, approval = await ask(session, maker)
        key = {"idempotency-key": "approve-once"}
        first = await boss.post(f"/approvals/{approval.id}/approval", json={"comment": "Fine"}, headers=key)
        item = first.json()
        assert (first.status_code, item["state"], item["note"], item["version"]) == (201, "executed", "Fine", 3)
        assert first.headers["etag"] == '"3"'
        again = await boss.post(f"/approvals/{approval.id}/approval", json={"comment": "Fine"}, headers=key)
        assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
        await session.refresh(vehicle)
        assert vehicle.day_price == Money(11_000, "EUR")

    async def test_a_refusal_needs_its_reason(self, session, maker, boss):
        _, approval = await ask(session, maker)
        path = f"/approvals/{approval.id}/rejection"
        assert (await boss.post(path, json={})).status_code in (400, 422)
        blank = await boss.post(path, json={"reason": "  "})
        assert (blank.status_code, blank.json()["errors"][0]["pointer"]) == (422, "/reason")
        long = await boss.post(path, json={"reason": "x" * 1_001})
        assert (long.status_code, long.json()["errors"][0]["code"]) == (422, "too_long")
        assert (await boss.post(path, json={"reason": "No", "by": "me"})).status_code in (400, 422)
        assert (await boss.post(path, json={"reason": "Too much"})).json()["state"] == "rejected"

    @pytest.mark.parametrize(("move", "body"), [("approval", {}), ("rejection", {"reason": "No"})])
    async def test_ones_own_request_is_for_others(self, session, api_for, move, body):
        owner = await api_for("admin")
        vehicle, approval = await ask(session, owner)
        answer = await owner.post(f"/approvals/{approval.id}/{move}", json=body)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["reason"]) == (403, "may_not_decide", "own_request")
        assert problem["detail"] == "You asked for it yourself; somebody else decides."
        await session.refresh(vehicle)
        assert vehicle.day_price == Money(7_800, "EUR")

    @pytest.mark.parametrize(
        ("role", "minor", "status"),
        [
            ("fleet_clerk", 11_000, 403),
            ("auditor", 11_000, 403),
            ("fleet_manager", 25_000, 201),
            ("fleet_manager", 25_001, 403),
            ("admin", 90_000, 201),
        ],
    )
    async def test_each_role_up_to_its_limit(self, session, maker, api_for, role, minor, status):
        _, approval = await ask(session, maker, minor=minor)
        answer = await (await api_for(role)).post(f"/approvals/{approval.id}/approval")
        assert answer.status_code == status, answer.text

    async def test_the_version_that_was_read_may_be_named(self, session, maker, boss):
        _, approval = await ask(session, maker)
        path = f"/approvals/{approval.id}/approval"
        assert (await boss.post(path, headers={"if-match": '"9"'})).status_code == 412
        assert (await boss.post(path, headers={"if-match": '"1"'})).status_code == 201

    async def test_what_was_decided_is_told_with_its_state(self, session, maker, boss, api_for):
        _, approval = await ask(session, maker)
        withdrawn = await maker.post(f"/approvals/{approval.id}/withdrawal", json={"comment": "Wrong car"})
        assert (withdrawn.status_code, withdrawn.json()["state"]) == (201, "withdrawn")
        late = await boss.post(f"/approvals/{approval.id}/approval")
        assert (late.status_code, late.json()["code"], late.json()["state"]) == (409, "illegal_state", "withdrawn")

    async def test_only_who_asked_takes_it_back(self, session, maker, boss):
        _, approval = await ask(session, maker)
        answer = await boss.post(f"/approvals/{approval.id}/withdrawal")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_request")

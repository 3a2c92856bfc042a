"""Pages and API of suppliers: lists, the mapping console, searching, and stops that two people make."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.desk.approvals.models import Approval
from app.rental.suppliers import queries
from app.rental.suppliers.models import Supplier, SupplierBranch
from app.rental.suppliers.rules import Operation, ReservationState
from app.rental.suppliers.services import branches
from app.rental.suppliers.services.settling import settle
from tests.factories.rental import make_location
from tests.factories.suppliers import make_reservation, make_supplier

HTMX = {"hx-request": "true"}
PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}


@pytest.fixture
async def supplier(session, settings_here, beside_sandbox, companies):
    await make_location(session, "TLL", latitude="59.4133", longitude="24.8328")
    return await make_supplier(session, settings_here, "baltic", {"TLLA01": ""})


def asked(wanted) -> dict[str, object]:
    places = {
        name: {"location": "TLL", "local": local.isoformat(timespec="minutes")}
        for name, local in (("pickup", wanted.pickup_local), ("return", wanted.return_local))
    }
    return {**places, "driver_age": 35}


class TestPages:
    async def test_lists_and_shows_what_is_not_mapped(self, client_for, supplier):
        client = await client_for("fleet_manager")
        listed = (await client.get("/suppliers")).text
        assert "Baltic Wheels" in listed
        assert f'href="/suppliers/{supplier.id}/branches"' in listed
        shown = (await client.get(f"/suppliers/{supplier.id}")).text
        assert "Branches that are not mapped are not sold: 1 of 1." in shown
        assert "baltic-sandbox-password" not in shown

    async def test_maps_a_branch_by_the_likeliest_candidate(self, client_for, supplier, session):
        client = await client_for("fleet_manager")
        address = f"/suppliers/{supplier.id}/branches"
        page = (await client.get(address)).text
        assert "Tallinn" in page
        (branch,) = await queries.list_branches(session, supplier.id)
        answer = await client.post(f"{address}/{branch.id}/location", data={"location": "TLL"})
        assert answer.status_code == 303
        assert (await session.get(SupplierBranch, branch.id, populate_existing=True)).location_code == "TLL"
        refused = await client.post(f"{address}/{branch.id}/location", data={"location": "XXX"})
        assert refused.status_code == 422
        clerk = await client_for("fleet_clerk")
        assert (await clerk.post(f"{address}/{branch.id}/location", data={"location": "TLL"})).status_code == 403

    async def test_searches_and_says_why_not(self, client_for, supplier, session, wanted):
        client = await client_for("fleet_clerk")
        query = {
            "pickup": "TLL", "pickup_local": wanted.pickup_local.isoformat(timespec="minutes"),
            "return_local": wanted.return_local.isoformat(timespec="minutes"), "driver_age": "35",
        }  # fmt: skip
        assert "Who offers nothing, and why" not in (await client.get("/suppliers/search")).text
        page = (await client.get("/suppliers/search", params=query)).text
        assert "Not mapped" in page
        (branch,) = await queries.list_branches(session, supplier.id)
        branch.location_code = "TLL"
        await session.commit()
        page = (await client.get("/suppliers/search", params=query)).text
        assert "VW Polo or similar" in page
        assert "900 km" in page
        wrong = await client.get("/suppliers/search", params=query | {"return_local": query["pickup_local"]})
        assert wrong.status_code == 422
        assert "The return has to be after the pick-up" in wrong.text


class TestStop:
    async def test_one_asks_and_another_agrees(self, client_for, supplier, session):
        maker, boss = await client_for("fleet_clerk"), await client_for("fleet_manager")
        fields = {"market": "*", "stop": "all", "reason": "It books cars that it does not have"}
        answer = await maker.post(f"/suppliers/{supplier.id}/stop", data=fields)
        assert answer.status_code == 303
        (approval,) = (await session.execute(select(Approval))).scalars()
        assert (approval.kind, approval.payload["stop"]) == ("supplier.stop", "all")
        assert (await session.get(Supplier, supplier.id, populate_existing=True)).stops == {}
        fields = {"confirmation": approval.reference, "version": approval.version}
        decided = await boss.post(f"/approvals/{approval.id}/approval", data=fields)
        assert decided.status_code == 303
        assert (await session.get(Supplier, supplier.id, populate_existing=True)).stops == {"*": "all"}
        assert "Everywhere: Switched off" in (await boss.get(f"/suppliers/{supplier.id}")).text

    async def test_says_what_is_missing(self, client_for, supplier):
        maker = await client_for("fleet_clerk", markets=["EE"])
        assert 'commandfor="dialog-stop"' in (await maker.get(f"/suppliers/{supplier.id}")).text
        fields = {"market": "LV", "stop": "sale"}
        refused = await maker.post(f"/suppliers/{supplier.id}/stop", data=fields, headers=PARTIAL)
        assert refused.status_code == 422
        assert refused.text.lstrip().startswith('<form id="move-stop"')
        assert "Not one of your markets" in refused.text
        assert "Enter a reason" in refused.text


class TestApi:
    async def test_lists_reads_and_searches(self, api_for, supplier, session, wanted):
        api = await api_for("fleet_clerk")
        (item,) = (await api.get("/suppliers")).json()["items"]
        assert (item["code"], item["branches"], item["unmapped_branches"]) == ("baltic", 1, 1)
        assert (await api.get(f"/suppliers/{item['id']}")).json() == item
        answer = (await api.post("/supplier-searches", json=asked(wanted))).json()
        assert (answer["items"], answer["absent"][0]["reason"]) == ([], "not_mapped")
        (branch,) = await queries.list_branches(session, supplier.id)
        branch.location_code = "TLL"
        await session.commit()
        answer = (await api.post("/supplier-searches", json=asked(wanted))).json()
        assert answer["absent"] == []
        first = answer["items"][0]
        assert (first["supplier"], first["included_km"], first["is_on_request"]) == ("baltic", 900, False)
        assert first["lines"][0]["amount"] == first["total"]

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"pickup": {"location": "XXX", "local": "2028-03-01T10:00"}}, "/pickup/location"),
            ({"return": {"location": "TLL", "local": "2020-03-01T10:00"}}, "/return/local"),
            ({"pickup": {"location": "TLL", "local": "2028-03-26T03:30"}}, "/pickup/local"),
        ],
    )
    async def test_names_what_is_wrong(self, api_for, supplier, wanted, changes, pointer):
        answer = await (await api_for("fleet_clerk")).post("/supplier-searches", json=asked(wanted) | changes)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == pointer

    async def test_is_not_for_everybody(self, api_for, supplier):
        assert (await (await api_for("credit_officer")).get("/suppliers")).status_code == 403


class TestReservations:
    @pytest.fixture
    async def offer(self, api_for, supplier, session, wanted):
        (branch,) = await queries.list_branches(session, supplier.id)
        branch.location_code = "TLL"
        await session.commit()
        api = await api_for("fleet_clerk")
        found = (await api.post("/supplier-searches", json=asked(wanted))).json()["items"][0]
        return api, asked(wanted) | {
            "supplier": "baltic", "key": found["key"], "expected": found["total"], "surname": "Kask",
        }  # fmt: skip

    async def test_is_kept_once_and_settled_by_the_worker(
        self, offer, session, database, partners, settings_here, companies
    ):
        api, body = offer
        key = {"idempotency-key": "shop-1"}
        made = await api.post("/supplier-reservations", json=body, headers=key)
        again = await api.post("/supplier-reservations", json=body, headers=key)
        assert (made.status_code, again.json()) == (201, made.json())
        assert made.json()["state"] == "submitting"
        reference = made.json()["reference"]
        assert companies["baltic"].reservations(reference) == []
        await settle(database, partners, settings_here, made.json()["id"])
        read = (await api.get(f"/supplier-reservations/{made.json()['id']}")).json()
        assert (read["state"], read["supplier_number"]) == (
            "confirmed", companies["baltic"].reservations(reference)[0]["number"],
        )  # fmt: skip
        assert [item["reference"] for item in (await api.get("/supplier-reservations")).json()["items"]] == [reference]
        address = f"/supplier-reservations/{read['id']}/cancellation"
        cancelled = await api.post(address, json={"reason": "Flight cancelled"})
        assert cancelled.json()["state"] == "cancel_pending"
        assert (await api.post(address, json={"reason": "Again"})).status_code == 409

    async def test_a_price_that_moved_is_told(self, offer, companies):
        api, body = offer
        companies["baltic"].switch_on("drift", "recheck", percent=5)
        answer = await api.post("/supplier-reservations", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "price_moved")
        assert answer.json()["total"]["amount"] > body["expected"]["amount"]

    async def test_what_the_supplier_refuses_is_told(self, offer, companies):
        api, body = offer
        answer = await api.post("/supplier-reservations", json=body | {"key": "gone"})
        assert (answer.status_code, answer.json()["code"], answer.json()["kind"]) == (
            409,
            "supplier_refused",
            "expired",
        )
        answer = await api.post("/supplier-reservations", json=body | {"supplier": "nobody"})
        assert answer.json()["errors"][0]["pointer"] == "/supplier"

    async def test_the_page_shows_what_was_said_and_takes_what_people_learned(
        self, offer, client_for, session, database, partners, settings_here, companies
    ):
        api, body = offer
        companies["baltic"].switch_on("lost", "book", times=1)
        made = (await api.post("/supplier-reservations", json=body)).json()
        assert await settle(database, partners, settings_here, made["id"]) is ReservationState.UNKNOWN
        client = await client_for("fleet_clerk")
        address = f"/supplier-reservations/{made['id']}"
        page = (await client.get(address)).text
        assert "Not known" in page
        assert "the connection broke" in page
        assert made["reference"] in (await client.get("/supplier-reservations?state=unknown")).text
        told = {"outcome": "confirmed", "reason": "By telephone", "spoke_with": "Liis", "said_at": "2026-06-01T10:00"}
        for missing, words in (("spoke_with", "Enter who said it"), ("said_at", "Enter when it was said")):
            refused = await client.post(f"{address}/outcome", data=told | {missing: ""})
            assert refused.status_code == 422
            assert words in refused.text
        for move in ("outcome", "cancellation"):
            assert page.count(f'commandfor="dialog-{move}"') == 1
            refused = await client.post(f"{address}/{move}", data={}, headers=PARTIAL)
            assert refused.status_code == 422
            assert refused.text.lstrip().startswith(f'<form id="move-{move}"')
        for wrong, words in (({}, "Enter the supplier"), ({"said_at": "2099-01-01T10:00"}, "Not before it is said")):
            refused = await client.post(f"{address}/outcome", data=told | wrong)
            assert refused.status_code == 422
            assert words in refused.text
        assert (await client.post(f"{address}/outcome", data=told | {"number": "BA1"})).status_code == 303
        assert "Liis said on 1 Jun at 10:00 (Europe/Tallinn): By telephone" in (await client.get(address)).text
        refused = await client.post(f"{address}/cancellation", data={})
        assert refused.status_code == 422
        assert refused.text.partition('id="dialog-cancellation"')[2].partition(">")[0].endswith(" open")
        foreign = await client_for("fleet_clerk", markets=["LV"])
        assert (await foreign.get(address)).status_code == 404


@pytest.mark.parametrize(
    ("state", "number", "lacks", "words"),
    [
        (ReservationState.CANCEL_PENDING, "SU1", Operation.CANCEL, "Please cancel reservation SU1, Mari Kask"),
        (ReservationState.UNKNOWN, None, Operation.RETRIEVE_BY_OURS, "Do you have the reservation with our reference"),
        (ReservationState.ON_REQUEST, "SU1", Operation.RETRIEVE, "Do you have reservation SU1"),
        (ReservationState.SUBMITTING, None, Operation.BOOK, "Please book EDMR for Mari Kask"),
        (ReservationState.AMEND_PENDING, "SU1", Operation.AMEND, "to 2026-06-29 10:00 TLL to 2026-07-04 10:00 TLL"),
    ],
)
async def test_the_page_tells_what_to_say_where_no_machine_does_it(
    session, settings, client_for, state, number, lacks, words
):
    supplier = await make_supplier(session, settings, "sunway", phone="+370 5 200 0118")
    wanted = {
        f"{end}_{name}": value
        for end, local in (("pickup", "2026-06-29T10:00:00"), ("return", "2026-07-04T10:00:00"))
        for name, value in (("location", "TLL"), ("branch", "TLL-1"), ("local", local))
    }
    made = await make_reservation(
        session, supplier, state, pickup_at=clock.now() + timedelta(days=9), supplier_number=number, given_name="Mari",
        amendment=wanted if state is ReservationState.AMEND_PENDING else None,
    )  # fmt: skip
    client = await client_for("fleet_clerk")
    address = f"/supplier-reservations/{made.id}"
    supplier.capabilities = list(Operation)
    await session.flush()
    assert "By hand" not in (await client.get(address)).text
    supplier.capabilities = [each.value for each in Operation if each is not lacks]
    await session.flush()
    page = (await client.get(address)).text
    assert words in page
    assert 'href="tel:+37052000118"' in page
    assert made.reference in page


class TestDesks:
    async def test_two_brands_at_one_desk_are_one_location(self, session, settings, client_for):
        for code, branch in (("baltic", "TLLA01"), ("aurora", "TLL")):
            await make_supplier(session, settings, code, {branch: "TLL"})
        page = (await (await client_for("fleet_clerk")).get("/suppliers/branches")).text
        assert [page.index(name) for name in ("Aurora Rent", "Baltic Wheels")] == sorted(
            page.index(name) for name in ("Aurora Rent", "Baltic Wheels")
        )
        assert page.count(">TLL</span>") == 2
        assert page.count('class="faint">TLL</span>') == 1

    async def test_orphans_and_what_is_gone_are_told(self, session, settings, client_for):
        await make_supplier(session, settings, "aurora", {"TLL": "TLL"}, is_active=False)
        baltic = await make_supplier(session, settings, "baltic", {"TLLA01": "TLL", "TLLC02": ""})
        client = await client_for("fleet_clerk")
        page = (await client.get("/suppliers/branches?view=unsold")).text
        assert "Orphan: the supplier is not active" in page
        assert "Baltic Wheels" not in page
        await branches.take_branches(session, baltic.id, [])
        page = (await client.get("/suppliers/branches?view=unsold")).text
        assert "Gone: the supplier no longer names it" in page
        orphans = (await session.execute(select(Supplier).where(Supplier.code == "aurora"))).scalar_one()
        assert "are orphans" in (await client.get(f"/suppliers/{orphans.id}/branches")).text

    async def test_what_nobody_mapped(self, session, settings, client_for):
        await make_supplier(session, settings, "baltic", {"TLLA01": "TLL", "TLLC02": ""})
        page = (await (await client_for("fleet_clerk")).get("/suppliers/branches?view=unmapped")).text
        assert "TLLC02" in page
        assert "TLLA01" not in page

"""Applications in the JSON API."""

from itertools import product

import pytest

from app.credit.applications import rules
from app.credit.applications.rules import ApplicationState
from tests.factories.credit import make_application, make_complete, make_in_state
from tests.factories.desk import make_customer

BODY = {
    "market": "EE", "product": "personal_loan", "amount": {"amount": "15000.00", "currency": "EUR"}, "term_months": 60,
}  # fmt: skip
FACTS = {
    "purpose": "Kitchen",
    "household": {"housing": "rent", "housing_cost": {"amount": "450.00", "currency": "EUR"}, "dependants": 1},
    "employment": {"kind": "permanent", "net_income_per_month": {"amount": "2100.00", "currency": "EUR"}},
    "debts": [{"lender": "Bank", "balance": {"amount": "6000.00", "currency": "EUR"}, "to_be_settled": True}],
    "consents": [
        {"purpose": "credit_check", "text_version": "ee-3", "given_at": "2026-06-01T12:30:00+03:00", "channel": "app"}
    ],
    "tags": ["vip"],
}
MOVES = {
    "submission": ("submission", None),
    "screening": ("screening", None),
    "review": ("review", None),
    "information_request": ("information-request", {"items": ["Payslips"]}),
    "information": ("information", {"note": "came"}),
    "rejection": ("rejection", {"reason": "Too much debt"}),
    "withdrawal": ("withdrawal", {"reason": "Changed her mind"}),
}


async def move(client, application_id, name, **options):
    path, body = MOVES[name]
    return await client.post(f"/applications/{application_id}/{path}", json=body, **options)


class TestCreateApplication:
    async def test_answers_the_draft_with_what_it_lacks(self, api_for, session):
        customer = await make_customer(session)
        officer = await api_for("credit_officer")
        answer = await officer.post("/applications", json=BODY | FACTS | {"customer_id": str(customer.id)})
        assert answer.status_code == 201
        item = answer.json()
        assert (item["state"], item["state_words"], item["applicant"]["name"]) == ("draft", "Draft", "Liis Tamm")
        assert item["affordability"] == {"debt_to_income": "0.5952", "payment_to_income": "0.3661"}
        assert {one["field"] for one in item["missing"]} == {
            "applicant.born_on", "applicant.identity_number", "applicant.email",
        }  # fmt: skip
        assert item["consents"][0]["given_at"] == "2026-06-01T09:30:00.000000Z"
        assert item["debts"] == [
            {"lender": "Bank", "balance": BODY["amount"] | {"amount": "6000.00"}, "to_be_settled": True}
        ]
        assert answer.headers["location"] == f"/api/v1/applications/{item['id']}"
        assert (await officer.get(f"/applications/{item['id']}")).json() == item

    @pytest.mark.parametrize(
        ("changes", "pointers"),
        [
            ({"amount": {"amount": "1.005", "currency": "EUR"}}, {"/amount/amount"}),
            ({"household": {"housing_cost": {"amount": "1", "currency": "XXX"}}}, {"/household/housing_cost/currency"}),
            ({"product": "yacht", "term_months": 0}, {"/product", "/term_months"}),
            ({"debts": [{"lender": ""}]}, {"/debts/0/lender"}),
            ({"state": "accepted"}, {"/state"}),
            ({"customer_id": "00000000-0000-7000-8000-000000000000"}, {"/customer_id"}),
        ],
    )
    async def test_names_what_is_wrong(self, api_for, changes, pointers):
        officer = await api_for("credit_officer")
        answer = await officer.post("/applications", json=BODY | changes)
        assert answer.status_code == 422
        assert {error["pointer"] for error in answer.json()["errors"]} == pointers

    async def test_roles_without_the_permission(self, api_for, session):
        application = await make_application(session)
        for role, read, written in (("fleet_clerk", 403, 403), ("engineer", 403, 403), ("auditor", 200, 403)):
            person = await api_for(role)
            assert (await person.get(f"/applications/{application.id}")).status_code == read
            assert (await person.post("/applications", json=BODY)).status_code == written
            assert (await move(person, application.id, "withdrawal")).status_code == 403


class TestUpdateApplication:
    async def test_merges_and_needs_the_present_version(self, api_for, session):
        application = await make_complete(session)
        officer, path = await api_for("credit_officer"), f"/applications/{application.id}"
        body = {"term_months": 48, "purpose": None, "household": {"housing": "own"}}
        assert (await officer.patch(path, json=body)).status_code == 428
        answer = await officer.patch(
            path, json=body, headers={"if-match": '"1"', "content-type": "application/merge-patch+json"}
        )
        assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
        item = answer.json()
        assert (item["term_months"], item["household"]) == (48, {"housing": "own"})
        assert "purpose" not in item
        assert (await officer.patch(path, json=body, headers={"if-match": '"1"'})).status_code == 412

    async def test_a_decided_one_stays(self, api_for, session):
        application = await make_in_state(session, ApplicationState.REJECTED)
        await session.commit()
        officer = await api_for("credit_officer")
        answer = await officer.patch(
            f"/applications/{application.id}", json={"term_months": 1}, headers={"if-match": application.etag}
        )
        assert (answer.status_code, answer.json()["state"]) == (409, "rejected")


class TestMoves:
    async def test_the_whole_way(self, api_for, session):
        application = await make_complete(session)
        officer, version = await api_for("credit_officer"), 1
        for name in ("submission", "screening", "review", "information_request", "information", "rejection"):
            answer = await move(officer, application.id, name, headers={"if-match": f'"{version}"'})
            version += 1
            assert (answer.status_code, answer.headers["etag"]) == (200, f'"{version}"'), answer.text
            assert answer.json()["state"] == rules.MOVES[name].to_state
        assert answer.json()["decided_reason"] == "Too much debt"

    async def test_submission_lists_what_is_missing(self, api_for, session):
        application = await make_application(session)
        officer = await api_for("credit_officer")
        answer = await move(officer, application.id, "submission")
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "incomplete")
        assert {"field": "customer_id", "detail": "The applicant"} in problem["missing"]
        assert "/customer_id" in {error["pointer"] for error in problem["errors"]}

    @pytest.mark.parametrize(
        ("name", "state"), [pair for pair in product(MOVES, ApplicationState) if rules.can_move(*pair)]
    )
    async def test_every_other_move_is_a_conflict_with_the_state(self, api_for, session, name, state):
        application = await make_in_state(session, state)
        officer = await api_for("credit_officer")
        answer = await move(officer, application.id, name)
        assert answer.status_code == 409
        assert (answer.json()["code"], answer.json()["state"]) == ("illegal_state", state)

    async def test_an_old_version_is_refused(self, api_for, session):
        application = await make_in_state(session, ApplicationState.IN_REVIEW)
        officer = await api_for("credit_officer")
        assert (await move(officer, application.id, "rejection", headers={"if-match": '"1"'})).status_code == 412

    async def test_the_same_key_moves_once(self, api_for, session):
        application = await make_complete(session)
        officer, headers = await api_for("credit_officer"), {"idempotency-key": "submit-once"}
        first = await move(officer, application.id, "submission", headers=headers)
        again = await move(officer, application.id, "submission", headers=headers)
        assert (again.status_code, again.json()) == (200, first.json())


class TestListApplications:
    async def test_filters_and_pages(self, api_for, session):
        for months in (12, 24, 36):
            await make_application(session, term_months=months, channel="paper")
        officer = await api_for("credit_officer")
        query = "channel=paper&sort=-term_months&limit=2&fields=term_months"
        first = (await officer.get(f"/applications?{query}")).json()
        assert first["items"] == [{"term_months": 36}, {"term_months": 24}]
        rest = (await officer.get(f"/applications?{query}&cursor={first['next_cursor']}")).json()
        assert rest["items"] == [{"term_months": 12}]
        assert (await officer.get("/applications?channel=paper&term_max=24&total=true")).json()["total"] == 2

    async def test_scope_and_unknown_parameters(self, api_for, session):
        await make_application(session)
        latvian = await api_for("credit_officer", markets=["LV"])
        assert (await latvian.get("/applications")).json()["items"] == []
        assert (await latvian.get("/applications?colour=red")).status_code == 400
        assert (await latvian.get("/applications?sort=colour")).status_code == 422

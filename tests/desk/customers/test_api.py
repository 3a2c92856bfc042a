"""Customers in the JSON API."""

from uuid import uuid4

import pytest

from app.desk.customers.services import CustomerKeys
from tests.factories.desk import make_customer

NUMBER = "38001085718"
BODY = {"market": "EE", "given_name": "Liis", "family_name": "Tamm"}


@pytest.fixture
def keys(settings):
    return CustomerKeys.of(settings)


class TestCreateCustomer:
    async def test_answers_the_masked_customer(self, api_for):
        officer, key = await api_for("credit_officer"), str(uuid4())
        body = BODY | {
            "id": key, "identity_number": NUMBER, "iban": "EE382200221020145685", "born_on": "1980-01-08",
            "address": {"city": "Tallinn"},
        }  # fmt: skip
        answer = await officer.post("/customers", json=body)
        assert answer.status_code == 201
        item = answer.json()
        assert NUMBER not in answer.text
        assert "382200221020145685" not in answer.text
        assert (item["id"], item["name"], item["kind"]) == (key, "Liis Tamm", "person")
        assert (item["identity_number_masked"], item["iban_masked"]) == ("••••5718", "••••5685")
        assert (item["duplicates"], item["address"], item["born_on"]) == ([], {"city": "Tallinn"}, "1980-01-08")
        assert "email" not in item
        assert (answer.headers["etag"], answer.headers["location"]) == ('"1"', f"/api/v1/customers/{key}")
        read = (await officer.get(f"/customers/{key}")).json()
        assert read == {name: value for name, value in item.items() if name != "duplicates"}

    async def test_tells_who_is_alike(self, api_for, session):
        known = await make_customer(session, email="liis@example.test")
        officer = await api_for("credit_officer")
        answer = await officer.post("/customers", json=BODY | {"email": "Liis@example.test"})
        assert answer.status_code == 201
        assert answer.json()["duplicates"] == [{"id": str(known.id), "reason": "email"}]

    async def test_a_known_number_is_refused_until_confirmed(self, api_for, session, keys):
        known = await make_customer(session, keys=keys, identity_number=NUMBER)
        officer = await api_for("credit_officer")
        refused = await officer.post("/customers", json=BODY | {"identity_number": NUMBER})
        assert refused.status_code == 409
        assert refused.json()["code"] == "duplicate_customer"
        assert refused.json()["duplicates"] == [{"id": str(known.id), "reason": "identity_number"}]
        taken = await officer.post("/customers", json=BODY | {"identity_number": NUMBER, "confirm_duplicate": True})
        assert taken.status_code == 201

    async def test_names_what_is_wrong_without_repeating_secrets(self, api_for):
        officer = await api_for("credit_officer")
        answer = await officer.post(
            "/customers", json=BODY | {"identity_number": "38001085719", "language": "Estonian"}
        )
        assert answer.status_code == 422
        assert {error["pointer"] for error in answer.json()["errors"]} == {"/identity_number", "/language"}
        assert "38001085719" not in answer.text

    @pytest.mark.parametrize("body", [{}, {"market": "EE", "name": "x"}, {"market": 3}])
    async def test_refuses_other_shapes(self, api_for, body):
        officer = await api_for("credit_officer")
        assert (await officer.post("/customers", json=body)).status_code == 422

    async def test_the_same_key_makes_one_customer(self, api_for):
        officer, headers = await api_for("credit_officer"), {"idempotency-key": "a-key-of-mine"}
        first = await officer.post("/customers", json=BODY, headers=headers)
        again = await officer.post("/customers", json=BODY, headers=headers)
        assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
        assert again.headers["idempotency-replayed"] == "true"

    async def test_roles_without_the_permission(self, api_for):
        for role, status in (("engineer", 403), ("auditor", 403), ("fleet_clerk", 201)):
            person = await api_for(role)
            assert (await person.post("/customers", json=BODY)).status_code == status


class TestUpdateCustomer:
    async def test_needs_the_present_version(self, api_for, session):
        customer = await make_customer(session, email="liis@example.test")
        officer, path = await api_for("credit_officer"), f"/customers/{customer.id}"
        assert (await officer.patch(path, json={"language": "et"})).status_code == 428
        changed = await officer.patch(path, json={"language": "et", "email": None}, headers={"if-match": '"1"'})
        assert changed.status_code == 200
        assert changed.headers["etag"] == '"2"'
        assert changed.json()["language"] == "et"
        assert "email" not in changed.json()
        stale = await officer.patch(path, json={"language": "ru"}, headers={"if-match": '"1"'})
        assert stale.status_code == 412

    async def test_an_unchanged_one_is_not_sent_again(self, api_for, session):
        customer = await make_customer(session)
        officer = await api_for("credit_officer")
        answer = await officer.get(f"/customers/{customer.id}", headers={"if-none-match": '"1"'})
        assert (answer.status_code, answer.content) == (304, b"")

    async def test_of_another_market_is_not_there(self, api_for, session):
        customer = await make_customer(session)
        latvian = await api_for("credit_officer", markets=["LV"])
        assert (await latvian.get(f"/customers/{customer.id}")).status_code == 404
        headers = {"if-match": '"1"'}
        assert (await latvian.patch(f"/customers/{customer.id}", json={}, headers=headers)).status_code == 404


class TestListCustomers:
    async def test_pages_filters_and_chosen_fields(self, api_for, session):
        for name in ("Aas", "Berg", "Cirulis"):
            await make_customer(session, family_name=name, language="xx")
        officer = await api_for("credit_officer")
        first = (await officer.get("/customers?language=xx&sort=name&limit=2&fields=id,name")).json()
        assert [item["name"] for item in first["items"]] == ["Liis Aas", "Liis Berg"]
        assert set(first["items"][0]) == {"id", "name"}
        rest = (await officer.get(f"/customers?language=xx&sort=name&limit=2&cursor={first['next_cursor']}")).json()
        assert [item["name"] for item in rest["items"]] == ["Liis Cirulis"]
        assert rest["next_cursor"] is None

    async def test_refuses_what_it_does_not_know(self, api_for):
        officer = await api_for("credit_officer")
        assert (await officer.get("/customers?colour=red")).status_code == 400
        assert (await officer.get("/customers?kind=robot")).status_code == 422

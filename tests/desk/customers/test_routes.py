"""Customer pages: whole, as a fragment, and without permission."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.core.audit import AuditEntry
from app.desk.customers.models import Customer
from app.desk.customers.services import CustomerKeys
from app.desk.tags import services as tags
from tests.factories.desk import make_customer

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}
NUMBER = "38001085718"


@pytest.fixture
def keys(settings):
    return CustomerKeys.of(settings)


def hidden(page, name):
    return unescape(re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page).group(1))


class TestList:
    async def test_shows_the_markets_of_a_clerk_whatever_the_branches(self, client_for, session):
        await make_customer(session, email="liis@example.test")
        await make_customer(session, market="LV", family_name="Kalniņa")
        clerk = await client_for("fleet_clerk", markets=["EE"], branches=["TLL"])
        page = (await clerk.get("/customers")).text
        assert "liis@example.test" in page
        assert "Kalniņa" not in page
        assert 'href="/customers/new"' in page

    async def test_answers_the_results_alone_to_htmx(self, client_for, session):
        await make_customer(session)
        officer = await client_for("credit_officer")
        answer = await officer.get(
            "/customers?kind=person&market=", headers=PARTIAL | {"hx-target": "section#list-results"}
        )
        assert answer.text.lstrip().startswith('<section id="list-results"')
        assert answer.headers["hx-push-url"] == "/customers?kind=person"

    async def test_finds_by_name_without_the_search_engine(self, client_for, session):
        await make_customer(session)
        await make_customer(session, given_name="Jaan", family_name="Kask")
        officer = await client_for("credit_officer")
        page = (await officer.get("/customers?q=tam")).text
        assert "Liis Tamm" in page
        assert "Jaan Kask" not in page

    async def test_says_why_it_is_empty(self, client_for):
        officer = await client_for("credit_officer", markets=["MX"])
        assert "No customers yet" in (await officer.get("/customers")).text
        assert "No customer matches" in (await officer.get("/customers?kind=company")).text

    async def test_an_auditor_reads_only_and_an_engineer_nothing(self, client_for, session):
        customer = await make_customer(session)
        auditor, engineer = await client_for("auditor"), await client_for("engineer")
        assert "New customer" not in (await auditor.get("/customers")).text
        assert (await auditor.post("/customers", data={"market": "EE"})).status_code == 403
        assert (await auditor.get(f"/customers/{customer.id}/edit")).status_code == 403
        assert (await engineer.get("/customers")).status_code == 403


class TestIdentityNumber:
    async def test_is_shown_masked_and_revealed_on_demand(self, client_for, session, keys):
        customer = await make_customer(session, keys=keys, identity_number=NUMBER)
        officer = await client_for("credit_officer")
        page = (await officer.get(f"/customers/{customer.id}")).text
        assert "••••5718" in page
        assert NUMBER not in page
        shown = await officer.post(
            f"/customers/{customer.id}/identity-number/reveal", headers=PARTIAL | {"hx-target": "span#identity-number"}
        )
        assert shown.status_code == 200
        assert shown.text.lstrip().startswith('<span id="identity-number">')
        assert NUMBER in shown.text
        assert shown.headers["cache-control"] == "no-store"
        entry = (
            await session.execute(select(AuditEntry).where(AuditEntry.action == "customer.identity_number_revealed"))
        ).scalar_one()
        assert (entry.subject_id, entry.actor_id) == (customer.id, officer.staff.id)

    async def test_works_as_a_plain_form(self, client_for, session, keys):
        customer = await make_customer(session, keys=keys, identity_number=NUMBER)
        officer = await client_for("credit_manager")
        answer = await officer.post(f"/customers/{customer.id}/identity-number/reveal")
        assert "<html" in answer.text
        assert NUMBER in answer.text

    @pytest.mark.parametrize("role", ["fleet_clerk", "fleet_manager", "auditor"])
    async def test_is_not_revealed_to_others(self, client_for, session, keys, role):
        customer = await make_customer(session, keys=keys, identity_number=NUMBER)
        person = await client_for(role)
        assert "identity-number/reveal" not in (await person.get(f"/customers/{customer.id}")).text
        answer = await person.post(f"/customers/{customer.id}/identity-number/reveal")
        assert answer.status_code == 403
        assert NUMBER not in answer.text


class TestNew:
    async def test_adds_and_goes_there(self, client_for, session):
        officer = await client_for("credit_officer")
        answer = await officer.post(
            "/customers",
            data={
                "kind": "person",
                "market": "EE",
                "family_name": "Mägi",
                "address.city": "Tartu",
                "born_on": "1990-04-01",
            },
        )
        assert answer.status_code == 303
        customer = (await session.execute(select(Customer).where(Customer.family_name == "Mägi"))).scalar_one()
        assert answer.headers["location"] == f"/customers/{customer.id}"
        assert customer.address == {"city": "Tartu"}

    async def test_keeps_what_was_typed_and_names_what_is_wrong(self, client_for):
        officer = await client_for("credit_officer")
        answer = await officer.post(
            "/customers",
            data={"kind": "person", "market": "EE", "family_name": "Mägi", "email": "not-mail", "born_on": "soon"},
            headers=PARTIAL | {"hx-target": "form#customer-form"},
        )
        assert answer.status_code == 422
        assert answer.text.lstrip().startswith('<form id="customer-form"')
        assert "Enter a date" in answer.text
        assert 'value="not-mail"' in answer.text

    async def test_somebody_alike_is_shown_and_nothing_saved_until_confirmed(self, client_for, session, keys):
        known = await make_customer(session, keys=keys, identity_number=NUMBER, email="liis@example.test")
        officer = await client_for("credit_officer")
        typed = {"kind": "person", "market": "EE", "family_name": "Kask", "identity_number": NUMBER}
        asked = await officer.post("/customers", data=typed)
        assert asked.status_code == 422
        assert f"/customers/{known.id}" in asked.text
        assert "the same identity number" in asked.text
        assert "It is another person" in asked.text
        assert (await officer.post("/customers", data=typed | {"confirm_duplicate": "true"})).status_code == 303

    async def test_of_another_market_nobody_is_shown(self, client_for, session):
        await make_customer(session, email="liis@example.test")
        latvian = await client_for("credit_officer", markets=["LV"])
        answer = await latvian.post(
            "/customers", data={"kind": "person", "market": "LV", "family_name": "X", "email": "liis@example.test"}
        )
        assert answer.status_code == 303


class TestEdit:
    async def test_secrets_stay_when_nothing_is_typed(self, client_for, session, keys):
        customer = await make_customer(session, keys=keys, identity_number=NUMBER, language="et")
        officer = await client_for("credit_officer")
        page = (await officer.get(f"/customers/{customer.id}/edit")).text
        assert NUMBER not in page
        data = {
            "version": "1", "_base": hidden(page, "_base"), "kind": "person", "market": "EE", "language": "",
            "given_name": "Liis", "family_name": "Mägi",
        }  # fmt: skip
        assert (await officer.post(f"/customers/{customer.id}/edit", data=data)).status_code == 303
        await session.refresh(customer)
        assert (customer.name, customer.language, customer.identity_number_masked) == ("Liis Mägi", None, "••••5718")

    async def test_two_people_at_once_choose_field_by_field(self, client_for, session):
        customer = await make_customer(session, email="liis@example.test")
        officer = await client_for("credit_officer")
        page = (await officer.get(f"/customers/{customer.id}/edit")).text
        shown = {"version": "1", "_base": hidden(page, "_base"), "kind": "person", "market": "EE", "given_name": "Liis"}
        other = shown | {"family_name": "Mägi", "email": "liis@example.test"}
        assert (await officer.post(f"/customers/{customer.id}/edit", data=other)).status_code == 303
        mine = shown | {"family_name": "Saar", "email": "new@example.test"}
        conflict = await officer.post(f"/customers/{customer.id}/edit", data=mine)
        assert conflict.status_code == 409
        assert 'name="take.family_name"' in conflict.text
        assert 'name="take.email"' not in conflict.text
        chosen = mine | {"version": "2", "_base": hidden(conflict.text, "_base"), "take.family_name": "theirs"}
        assert (await officer.post(f"/customers/{customer.id}/edit", data=chosen)).status_code == 303
        await session.refresh(customer)
        assert (customer.name, customer.email) == ("Liis Mägi", "new@example.test")

    async def test_a_tag_put_on_meanwhile_is_nothing_to_choose_from(self, client_for, session):
        customer = await make_customer(session, email="liis@example.test")
        officer = await client_for("credit_officer")
        page = (await officer.get(f"/customers/{customer.id}/edit")).text
        await tags.add_tag(session, customer, "vip", actor=SYSTEM)
        await session.commit()
        data = {"version": "1", "_base": hidden(page, "_base"), "kind": "person", "email": "new@example.test"}
        assert (await officer.post(f"/customers/{customer.id}/edit", data=data)).status_code == 303
        await session.refresh(customer)
        assert (customer.email, customer.tags) == ("new@example.test", ["vip"])

    async def test_a_customer_of_another_market_is_not_there(self, client_for, session):
        customer = await make_customer(session)
        latvian = await client_for("credit_officer", markets=["LV"])
        for address in ("", "/edit"):
            assert (await latvian.get(f"/customers/{customer.id}{address}")).status_code == 404

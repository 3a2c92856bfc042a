"""Application pages: whole, as a fragment, and without permission."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM
from app.credit.applications.models import Application
from app.credit.applications.rules import ApplicationState
from app.credit.applications.services import assign_application
from app.desk.tags import services as tags
from app.kit.money import Money
from tests.factories.credit import make_application, make_complete, make_in_state
from tests.factories.desk import make_customer

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}
NEW = {
    "market": "EE",
    "product": "personal_loan",
    "amount.amount": "15,000.00",
    "amount.currency": "EUR",
    "term_months": "60",
}


def hidden(page, name):
    return unescape(re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page).group(1))


class TestPermissions:
    @pytest.mark.parametrize("role", ["fleet_clerk", "fleet_manager", "engineer"])
    async def test_the_fleet_sees_nothing(self, client_for, session, role):
        application = await make_application(session)
        person = await client_for(role)
        for address in ("", f"/{application.id}", f"/{application.id}/review", "/new"):
            assert (await person.get(f"/applications{address}")).status_code == 403
        assert 'href="/applications"' not in (await person.get("/")).text

    async def test_an_auditor_reads_only(self, client_for, session):
        application = await make_application(session)
        auditor = await client_for("auditor")
        page = (await auditor.get(f"/applications/{application.id}/review")).text
        assert "Another role may submit, withdraw." in page
        assert f"/applications/{application.id}/submission" not in page
        for address in ("submission", "withdrawal", "rejection", "edit"):
            assert (await auditor.post(f"/applications/{application.id}/{address}")).status_code == 403

    async def test_of_another_market_it_is_not_there(self, client_for, session):
        application = await make_application(session)
        latvian = await client_for("credit_officer", markets=["LV"])
        for address in ("", "/review", "/edit", "/fields/amount/edit"):
            assert (await latvian.get(f"/applications/{application.id}{address}")).status_code == 404
        assert (await latvian.post(f"/applications/{application.id}/submission")).status_code == 404


class TestList:
    async def test_shows_who_what_and_how_far(self, client_for, session):
        await make_complete(session)
        await make_application(session, market="LV")
        officer = await client_for("credit_officer", markets=["EE"])
        page = (await officer.get("/applications")).text
        assert "1-1 of 1" in page
        for text in ("Liis Tamm", "Personal loan", "15,000.00"):
            assert text in page

    async def test_answers_the_results_alone_to_htmx(self, client_for, session):
        await make_application(session)
        officer = await client_for("credit_officer")
        answer = await officer.get(
            "/applications?state=draft&product=", headers=PARTIAL | {"hx-target": "section#list-results"}
        )
        assert answer.text.lstrip().startswith('<section id="list-results"')
        assert answer.headers["hx-push-url"] == "/applications?state=draft"

    @pytest.mark.parametrize(
        ("asked", "shown"),
        [("amount_from=15.000,50", 0), ("amount_from=15,000", 1), ("amount_to=15000", 1), ("amount_to=14 999.99", 0)],
    )
    async def test_amounts_are_asked_as_people_type_them(self, client_for, session, asked, shown):
        await make_application(session)
        page = (await (await client_for("credit_officer")).get(f"/applications?{asked}")).text
        assert page.count('<tr id="application-') == shown

    async def test_the_tab_of_ones_own(self, client_for, session):
        officer = await client_for("credit_officer")
        theirs, _ = await make_application(session), await make_application(session)
        await assign_application(session, theirs.id, assignee_id=officer.staff.id, actor=SYSTEM)
        mine = (await officer.get(f"/applications?assignee={officer.staff.id}")).text
        assert re.findall(r'<tr id="application-([^"]+)"', mine) == [str(theirs.id)]
        assert re.search(r'assignee=[^"]+" aria-current="page">Mine', mine)
        page = (await officer.get("/applications?unassigned=yes")).text
        assert page.count('<tr id="application-') == 1
        assert str(theirs.id) not in page

    @pytest.mark.parametrize("sort", ["-submitted_at", "amount", "-updated_at"])
    async def test_sorts_by_its_heads(self, client_for, session, sort):
        await make_application(session)
        officer = await client_for("credit_officer")
        answer = await officer.get(f"/applications?sort={sort}")
        assert answer.status_code == 200
        assert "aria-sort" in answer.text


class TestNew:
    async def test_begins_a_draft_with_everything(self, client_for, session):
        customer = await make_customer(session)
        officer = await client_for("credit_officer")
        page = (await officer.get(f"/applications/new?customer_id={customer.id}")).text
        assert "Liis Tamm" in page
        data = NEW | {
            "customer_id": str(customer.id), "household.housing": "rent", "household.housing_cost.amount": "450",
            "household.housing_cost.currency": "EUR", "employment.kind": "permanent",
            "employment.since_on": "2020-02-01",
            "debts.0.lender": "", "debts.0.balance.currency": "EUR", "debts.1.lender": "Bank",
            "debts.1.balance.amount": "2 000", "debts.1.balance.currency": "EUR", "debts.1.to_be_settled": "true",
            "consent_purposes": ["credit_check", "lender_forwarding"], "consent_text_version": "ee-3",
            "consent_given_at": "2026-06-01T12:30", "consent_channel": "web", "tags": "VIP, second try",
        }  # fmt: skip
        answer = await officer.post("/applications", data=data)
        assert answer.status_code == 303
        application = (await session.execute(select(Application))).scalar_one()
        assert answer.headers["location"] == f"/applications/{application.id}"
        assert application.household == {"housing": "rent", "housing_cost": {"amount": "450.00", "currency": "EUR"}}
        assert application.debts == [
            {"lender": "Bank", "balance": {"amount": "2000.00", "currency": "EUR"}, "to_be_settled": True}
        ]
        assert [consent["purpose"] for consent in application.consents] == ["credit_check", "lender_forwarding"]
        assert application.consents[0]["given_at"] == "2026-06-01T09:30:00.000000Z"
        assert application.tags == ["vip", "second_try"]
        assert application.created_by == officer.staff.id

    async def test_keeps_what_was_typed_and_names_what_is_wrong(self, client_for):
        officer = await client_for("credit_officer")
        data = NEW | {"term_months": "five", "debts.0.balance.amount": "12.345", "debts.0.balance.currency": "EUR"}
        answer = await officer.post(
            "/applications", data=data, headers=PARTIAL | {"hx-target": "form#application-form"}
        )
        assert answer.status_code == 422
        assert answer.text.lstrip().startswith('<form id="application-form"')
        assert "Enter a whole number" in answer.text
        assert 'value="five"' in answer.text
        assert 'value="12.345"' in answer.text

    async def test_without_a_script_the_typed_name_finds_the_applicant(self, client_for, session):
        customer = await make_customer(session)
        officer = await client_for("credit_officer")
        assert (await officer.post("/applications", data=NEW | {"applicant": "liis t"})).status_code == 303
        application = (await session.execute(select(Application))).scalar_one()
        assert application.customer_id == customer.id
        await make_customer(session, family_name="Tamme")
        asked = await officer.post("/applications", data=NEW | {"applicant": "liis t"})
        assert asked.status_code == 422
        assert "Applicant: choose one of those found" in asked.text
        assert asked.text.count('name="customer_id"') == 3

    async def test_finds_applicants_of_ones_markets_while_typing(self, client_for, session):
        await make_customer(session, email="liis@example.test")
        await make_customer(session, market="LV", email="liis@example.lv")
        officer = await client_for("credit_officer", markets=["EE"])
        answer = await officer.get(
            "/applications/applicants?applicant=liis", headers=PARTIAL | {"hx-target": "div#matches-applicant"}
        )
        assert answer.text.lstrip().startswith('<div id="matches-applicant"')
        assert "liis@example.test" in answer.text
        assert "liis@example.lv" not in answer.text

    async def test_a_new_try_takes_over_what_was_said(self, client_for, session):
        rejected = await make_complete(session)
        rejected.state = ApplicationState.REJECTED
        await session.commit()
        officer = await client_for("credit_officer")
        assert (
            f"/applications/new?previous_id={rejected.id}" in (await officer.get(f"/applications/{rejected.id}")).text
        )
        page = (await officer.get(f"/applications/new?previous_id={rejected.id}")).text
        assert hidden(page, "previous_id") == str(rejected.id)
        assert 'value="Harbour AS"' in page


class TestEdit:
    async def form(self, officer, application):
        page = (await officer.get(f"/applications/{application.id}/edit")).text
        return {"version": hidden(page, "version"), "_base": hidden(page, "_base")}

    async def test_changes_what_was_changed_and_adds_consents(self, client_for, session):
        application = await make_complete(session, debts=[{"lender": "Bank"}, {"lender": "Shop"}])
        officer = await client_for("credit_officer")
        form = await self.form(officer, application)
        data = form | {
            "household.dependants": "3", "debts.0.lender": "", "debts.1.lender": "Shop", "debts.2.lender": "",
            "consent_purposes": "marketing", "consent_text_version": "1",
        }  # fmt: skip
        answer = await officer.post(f"/applications/{application.id}/edit", data=data)
        assert answer.status_code == 303
        await session.refresh(application)
        assert (application.household["dependants"], application.household["housing"]) == (3, "rent")
        assert [debt["lender"] for debt in application.debts] == ["Shop"]
        assert [consent["purpose"] for consent in application.consents] == ["credit_check", "marketing"]
        assert application.consents[0]["given_at"] == "2026-06-01T09:30:00.000000Z"

    async def test_a_debt_is_refused_in_the_row_where_it_was_typed(self, client_for):
        officer = await client_for("credit_officer")
        debts = {"debts.0.lender": "", "debts.1.balance.amount": "5", "debts.1.balance.currency": "EUR"}
        answer = await officer.post("/applications", data=NEW | debts)
        assert answer.status_code == 422
        assert 'href="#field-debts-1-lender"' in answer.text

    async def test_names_what_a_consent_lacks(self, client_for):
        officer = await client_for("credit_officer")
        answer = await officer.post("/applications", data=NEW | {"consent_purposes": "credit_check"})
        assert answer.status_code == 422
        assert 'href="#field-consent_text_version">Say which version' in answer.text

    async def test_saving_without_a_change_changes_nothing(self, client_for, session):
        application = await make_complete(session, debts=[{"lender": "Bank", "balance": Money(100, "EUR")}])
        officer = await client_for("credit_officer")
        form = await self.form(officer, application)
        assert (await officer.post(f"/applications/{application.id}/edit", data=form)).status_code == 303
        await session.refresh(application)
        assert application.version == 1

    async def test_two_people_at_once_choose_field_by_field(self, client_for, session):
        application = await make_application(session)
        officer = await client_for("credit_officer")
        form = await self.form(officer, application)
        theirs = form | {"term_months": "48", "amount.amount": "14000.00", "amount.currency": "EUR"}
        assert (await officer.post(f"/applications/{application.id}/edit", data=theirs)).status_code == 303
        mine = form | {"term_months": "36", "purpose": "Boat"}
        conflict = await officer.post(f"/applications/{application.id}/edit", data=mine)
        assert conflict.status_code == 409
        assert 'name="take.term_months"' in conflict.text
        assert 'name="take.purpose"' not in conflict.text
        chosen = mine | {"version": "2", "_base": hidden(conflict.text, "_base"), "take.term_months": "theirs"}
        assert (await officer.post(f"/applications/{application.id}/edit", data=chosen)).status_code == 303
        await session.refresh(application)
        assert (application.term_months, application.purpose, application.amount_minor) == (48, "Boat", 1_400_000)

    async def test_a_tag_put_on_meanwhile_is_nothing_to_choose_from(self, client_for, session):
        application = await make_application(session)
        officer = await client_for("credit_officer")
        form = await self.form(officer, application)
        await tags.add_tag(session, application, "urgent", actor=SYSTEM)
        await session.commit()
        saved = await officer.post(f"/applications/{application.id}/edit", data=form | {"purpose": "Boat"})
        assert saved.status_code == 303
        await session.refresh(application)
        assert (application.purpose, application.tags) == ("Boat", ["urgent"])

    async def test_amount_and_term_in_place(self, client_for, session):
        application = await make_application(session)
        officer = await client_for("credit_officer")
        where = f"/applications/{application.id}/fields/amount"
        headers = PARTIAL | {"hx-target": "dd#field-amount"}
        form = (await officer.get(f"{where}/edit", headers=headers)).text
        assert form.lstrip().startswith('<form class="in-place"')
        data = {"version": "1", "amount.amount": "16,500", "amount.currency": "EUR"}
        shown = await officer.post(where, data=data, headers=headers)
        assert "16,500.00 EUR" in shown.text
        stale = await officer.post(where, data=data | {"amount.amount": "17000"}, headers=headers)
        assert (stale.status_code, stale.headers["hx-reswap"]) == (409, "outerHTML")
        wrong = await officer.post(
            f"/applications/{application.id}/fields/term_months",
            data={"version": "2", "term_months": "0"},
            headers=headers,
        )
        assert wrong.status_code == 422


class TestReview:
    async def test_shows_facts_ratios_what_is_missing_and_earlier_ones(self, client_for, session):
        earlier = await make_complete(session)
        application = await make_in_state(
            session, ApplicationState.IN_REVIEW, customer_id=earlier.customer_id,
            household={"housing_cost": Money(45000, "EUR")},
            employment={"net_income_per_month": Money(210000, "EUR")},
            debts=[{"lender": "Bank", "balance": Money(600000, "EUR"), "monthly_payment": Money(10000, "EUR")}],
        )  # fmt: skip
        officer = await client_for("credit_officer")
        page = unescape((await officer.get(f"/applications/{application.id}/review")).text)
        assert earlier.reference in page
        assert "41.4 %" in page
        assert "(15,000.00 + 6,000.00) / (12 x 2,100.00)" in page
        assert "(318.71 + 450.00 + 100.00) / 2,100.00" in page
        assert "The applicant's consent to a credit check" in page
        for move in ("information-request", "rejection", "withdrawal"):
            assert f'action="/applications/{application.id}/{move}"' in page
        assert "Payslips of the last three months" in page

    async def test_asks_for_information_and_takes_it_in(self, client_for, session):
        application = await make_in_state(session, ApplicationState.IN_REVIEW)
        officer = await client_for("credit_officer")
        where = f"/applications/{application.id}"
        referer = {"referer": f"http://127.0.0.1:8000{where}/review"}
        refused = await officer.post(
            f"{where}/information-request", headers=referer | PARTIAL | {"hx-target": "form#move-information_request"}
        )
        assert refused.status_code == 422
        assert refused.text.lstrip().startswith('<form id="move-information_request"')
        asked = await officer.post(
            f"{where}/information-request", headers=referer, data={"items": ["Payslips"], "other": "Lease\n\nWill\n"}
        )
        assert asked.headers["location"] == f"{where}/review"
        await session.refresh(application)
        assert application.information_items == ["Payslips", "Lease", "Will"]
        page = (await officer.get(f"{where}/review")).text
        assert "What came in" in page
        await officer.post(f"{where}/information", data={"received": ["Payslips", "Will"], "note": "The lease follows"})
        page = (await officer.get(f"{where}/review")).text
        assert "Received: Payslips; Will. The lease follows" in page
        await session.refresh(application)
        assert application.state is ApplicationState.IN_REVIEW

    async def test_submitting_what_is_not_complete_says_what_is_missing(self, client_for, session):
        application = await make_application(session)
        officer = await client_for("credit_officer")
        answer = await officer.post(f"/applications/{application.id}/submission")
        assert answer.status_code == 303
        page = (await officer.get(answer.headers["location"])).text
        assert "Something is missing: The applicant; What the money is for" in page

    async def test_a_move_that_came_too_late_is_a_conflict(self, client_for, session):
        application = await make_in_state(session, ApplicationState.REJECTED)
        officer = await client_for("credit_officer")
        answer = await officer.post(f"/applications/{application.id}/rejection", data={"reason": "x"})
        assert answer.status_code == 409
        assert "The application is rejected." in answer.text

from datetime import UTC, date, datetime
from itertools import product
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.core.actor import SYSTEM, Actor
from app.core.audit import AuditEntry
from app.core.errors import Conflict, Forbidden, IllegalState, InvalidFields, NotFound, StaleVersion
from app.credit.applications import queries, rules, services
from app.credit.applications.rules import MOVES, ApplicationState
from app.kit.ids import is_reference
from app.kit.money import Money
from tests.factories.credit import COMPLETE, make_application, make_complete, make_in_state
from tests.factories.desk import make_customer

NOW = datetime(2026, 6, 29, 12, tzinfo=UTC)
OFFICER = Actor(
    id=uuid4(), kind="staff", name="Kati", permissions=frozenset({"tags.create"}), markets=frozenset({"EE"}),
    branches=frozenset(),
)  # fmt: skip
FIELDS = {
    "information_request": {"items": ["Payslips", " Bank statement "], "due_on": date(2026, 7, 10)},
    "information": {"note": "Payslips came"},
    "rejection": {"reason": "Too much debt"},
    "withdrawal": {"reason": "Changed her mind"},
}


async def entries(session, application):
    rows = await session.execute(
        select(AuditEntry).where(AuditEntry.subject_id == application.id).order_by(AuditEntry.id)
    )
    return list(rows.scalars())


async def move(session, application, name, actor=OFFICER, **fields):
    return await services.move_application(
        session, application.id, name, fields=FIELDS.get(name, {}) | fields, actor=actor
    )


class TestCreateApplication:
    async def test_a_draft_may_lack_the_applicant(self, session):
        application = await make_application(session)
        assert is_reference(application.reference, "AP")
        assert (application.state, application.amount) == (ApplicationState.DRAFT, Money(1_500_000, "EUR"))
        [entry] = await entries(session, application)
        assert entry.changes["amount_minor"] == [None, {"amount": "15000.00", "currency": "EUR"}]
        lacking = {one.field for one in await services.list_missing(session, application)}
        assert {"customer_id", "purpose", "household.housing", "consents"} <= lacking

    async def test_keeps_nested_facts_as_json(self, session):
        application = await make_complete(
            session,
            debts=[{"lender": "Bank", "balance": Money(200000, "EUR"), "monthly_payment": None, "to_be_settled": True}],
        )
        await session.refresh(application)
        assert application.household["housing_cost"] == {"amount": "450.00", "currency": "EUR"}
        assert application.employment["since_on"] == "2020-02-01"
        assert application.debts == [
            {"lender": "Bank", "balance": {"amount": "2000.00", "currency": "EUR"}, "to_be_settled": True}
        ]
        assert application.consents[0]["given_at"] == "2026-06-01T09:30:00.000000Z"
        assert await services.list_missing(session, application) == []

    async def test_the_trail_names_the_applicant(self, session):
        first = await make_complete(session)
        again = await make_application(session, customer_id=first.customer_id, previous_id=first.id)
        [entry] = await entries(session, again)
        assert entry.changes["customer_id"] == [None, "Liis Tamm"]
        assert entry.changes["previous_id"] == [None, first.reference]

    async def test_names_what_is_wrong(self, session):
        with pytest.raises(InvalidFields) as refused:
            await make_application(session, term_months=0, household={"housing": "tent"}, debts=[{"lender": ""}])
        assert {one.field for one in refused.value.problems} == {"term_months", "household.housing", "debts.0.lender"}

    async def test_the_applicant_is_a_customer_of_the_market(self, session):
        latvian = await make_customer(session, market="LV")
        for customer_id, code in ((latvian.id, "other_market"), (uuid4(), "unknown")):
            with pytest.raises(InvalidFields) as refused:
                await make_application(session, customer_id=customer_id)
            assert [(one.field, one.code) for one in refused.value.problems] == [("customer_id", code)]

    async def test_refuses_other_markets_and_taken_ids(self, session):
        application = await make_application(session)
        fields = {"market": "LV", "product": "business", "amount": Money(1, "EUR"), "term_months": 1}
        with pytest.raises(Forbidden):
            await services.create_application(session, fields=fields, actor=OFFICER)
        with pytest.raises(Conflict):
            await services.create_application(session, fields=fields, actor=SYSTEM, application_id=application.id)


class TestUpdateApplication:
    async def test_changes_tell_before_and_after(self, session):
        application = await make_application(session)
        changed = await services.update_application(
            session, application.id, actor=OFFICER, version=1,
            fields={"amount": Money(1_200_000, "EUR"), "term_months": 48, "tags": ["vip"]},
        )  # fmt: skip
        assert changed.version == 2
        entry = (await entries(session, application))[-1]
        assert entry.changes == {
            "amount_minor": [{"amount": "15000.00", "currency": "EUR"}, {"amount": "12000.00", "currency": "EUR"}],
            "tags": [[], ["vip"]],
            "term_months": [60, 48],
        }

    async def test_the_same_again_changes_nothing(self, session):
        application = await make_complete(session)
        same = await services.update_application(session, application.id, fields=COMPLETE, actor=SYSTEM)
        assert same.version == 1

    async def test_refuses_an_old_version(self, session):
        application = await make_application(session)
        await services.update_application(session, application.id, fields={"term_months": 36}, actor=SYSTEM)
        with pytest.raises(StaleVersion):
            await services.update_application(
                session, application.id, fields={"term_months": 24}, actor=SYSTEM, version=1
            )

    async def test_a_refused_link_changes_nothing(self, session):
        application = await make_application(session)
        with pytest.raises(InvalidFields):
            await services.update_application(
                session, application.id, fields={"term_months": 12, "previous_id": application.id}, actor=SYSTEM
            )
        assert application.term_months == 60
        assert not session.dirty

    async def test_the_market_cannot_leave_the_applicant_behind(self, session):
        application = await make_complete(session)
        with pytest.raises(InvalidFields) as refused:
            await services.update_application(session, application.id, fields={"market": "LV"}, actor=SYSTEM)
        assert [one.code for one in refused.value.problems] == ["other_market"]

    @pytest.mark.parametrize("state", [state for state in ApplicationState if rules.can_edit(state)])
    async def test_refuses_once_it_is_decided_or_with_lenders(self, session, state):
        application = await make_in_state(session, state)
        with pytest.raises(IllegalState) as refused:
            await services.update_application(session, application.id, fields={"term_months": 12}, actor=SYSTEM)
        assert refused.value.extra == {"state": state}


class TestMoves:
    async def test_the_whole_way_to_a_rejection(self, session, time_machine_at):
        application = await make_complete(session)
        with time_machine_at(NOW):
            await move(session, application, "submission")
            assert application.submitted_at == NOW
            await move(session, application, "screening")
            await move(session, application, "review")
            await move(session, application, "information_request")
            assert application.information_items == ["Payslips", "Bank statement"]
            assert application.information_due_on == date(2026, 7, 10)
            await move(session, application, "information")
            assert (application.state, application.information_due_on) == (ApplicationState.IN_REVIEW, None)
            await move(session, application, "rejection")
        assert (application.decided_at, application.decided_reason) == (NOW, "Too much debt")
        told = await entries(session, application)
        assert [entry.action.partition(".")[2] for entry in told[1:]] == [
            "submitted", "screening_begun", "review_begun", "information_requested", "information_received", "rejected",
        ]  # fmt: skip
        assert told[-1].why == "Too much debt"
        assert told[-2].why == "Payslips came"
        assert told[-1].changes["state"] == ["in_review", "rejected"]

    @pytest.mark.parametrize(
        ("name", "state"), [pair for pair in product(MOVES, ApplicationState) if rules.can_move(*pair)]
    )
    async def test_every_other_move_is_refused_with_the_state(self, session, name, state):
        application = await make_in_state(session, state)
        with pytest.raises(IllegalState) as refused:
            await move(session, application, name)
        assert (refused.value.status, refused.value.extra) == (409, {"state": state})
        assert application.state is state

    async def test_submission_lists_what_is_missing(self, session):
        application = await make_application(session, **(COMPLETE | {"consents": []}))
        with pytest.raises(services.NotComplete) as refused:
            await move(session, application, "submission")
        assert [one["field"] for one in refused.value.extra["missing"]] == ["customer_id", "consents"]
        assert application.state is ApplicationState.DRAFT

    async def test_without_a_date_the_applicant_has_two_weeks(self, session, time_machine_at):
        application = await make_in_state(session, ApplicationState.IN_REVIEW)
        with time_machine_at(NOW):
            await move(session, application, "information_request", due_on=None)
        assert application.information_due_on == date(2026, 7, 13)

    @pytest.mark.parametrize(
        ("name", "state", "fields", "field"),
        [
            ("rejection", "screening", {"reason": " "}, "reason"),
            ("withdrawal", "draft", {"reason": "x" * 501}, "reason"),
            ("information_request", "in_review", {"items": []}, "items"),
            ("information_request", "in_review", {"due_on": date(2020, 1, 1)}, "due_on"),
        ],
    )
    async def test_names_what_a_move_lacks(self, session, time_machine_at, name, state, fields, field):
        application = await make_in_state(session, ApplicationState(state))
        with time_machine_at(NOW), pytest.raises(InvalidFields) as refused:
            await move(session, application, name, **fields)
        assert {one.field for one in refused.value.problems} == {field}
        assert application.state == state

    async def test_is_not_there_for_other_markets(self, session):
        application = await make_application(session, market="LV")
        with pytest.raises(NotFound):
            await move(session, application, "withdrawal")


class TestExpireApplication:
    async def test_only_what_is_overdue(self, session, time_machine_at):
        state = ApplicationState.INFO_REQUESTED
        late, due, answered = [await make_in_state(session, state) for _ in range(3)]
        late.information_due_on, due.information_due_on = date(2026, 6, 28), date(2026, 6, 29)
        answered.state, answered.information_due_on = ApplicationState.IN_REVIEW, date(2026, 6, 1)
        await session.flush()
        with time_machine_at(NOW):
            found = await queries.list_overdue(session, NOW.date(), 10)
            assert found == [late.id]
            for application in (late, due, answered):
                await services.expire_application(session, application.id)
        assert [one.state for one in (late, due, answered)] == ["expired", "info_requested", "in_review"]
        entry = (await entries(session, late))[-1]
        assert (entry.action, entry.actor_name) == ("application.expired", "Forecourt")

"""Applications from files, and the real file of 1,000 credits."""

from collections import Counter

import pytest
from sqlalchemy import func, select, text

from app.core.actor import Actor
from app.core.events import OutboxEvent
from app.core.importing import Import
from app.credit.applications import services
from app.credit.applications.importers import APPLICATIONS
from app.credit.applications.models import Application
from app.desk.imports import adapters
from app.desk.imports.rules import parse_mapping
from app.desk.imports.services import rows
from app.kit.money import Money
from app.settings import ROOT

GERMAN_CREDIT = ROOT.parent / "shared/data/credit/germancredit.csv"
ACTOR = Actor(None, "system", "pytest", markets=None, branches=None)
MAPPING = """
kind = "applications"
row_key = "id"
[fields]
amount = "amount.amount"
months = "term_months"
housing = "household.housing"
income = "employment.net_income_per_month.amount"
[constants]
market = "EE"
product = "personal_loan"
"amount.currency" = "EUR"
"employment.net_income_per_month.currency" = "EUR"
"""


@pytest.fixture
def imported(database, tmp_path):
    """Import a text by the mapping above and more of it."""

    async def run(content, more=""):
        path = tmp_path / "credits.csv"
        path.write_text(content)
        work = Import(database, APPLICATIONS, "test", path.name, ACTOR)
        mapping = parse_mapping(MAPPING + more, "credits.toml")
        return await rows.import_file(work, mapping, path, is_rehearsal=False, heard=lambda done: None)

    return run


def counts(report):
    """Created, updated, unchanged and refused."""
    return tuple(count for result, count in report.counts.items() if result != "waiting")


class TestImport:
    async def test_what_staff_added_to_a_group_stays(self, imported, session):
        content = "id,amount,months,housing,income\n1,5000,24,own,2000\n"
        assert counts(await imported(content)) == (1, 0, 0, 0)
        application = (await session.execute(select(Application).where(Application.source == "test"))).scalar_one()
        more = {"household": {"housing": "own", "dependants": 2, "housing_cost": Money(40000, "EUR")}}
        await services.update_application(session, application.id, fields=more, actor=ACTOR)
        await session.commit()
        assert counts(await imported(content)) == (0, 0, 1, 0)
        assert counts(await imported(content.replace("own", "rent"))) == (0, 1, 0, 0)
        await session.refresh(application)
        assert application.household == {
            "housing": "rent",
            "dependants": 2,
            "housing_cost": {"amount": "400.00", "currency": "EUR"},
        }

    async def test_is_submitted_by_the_move_which_asks_for_what_is_missing(self, imported):
        report = await imported("id,amount,months,housing,income\n1,5000,24,own,2000\n", 'state = "submitted"')
        assert counts(report) == (0, 0, 0, 1)
        assert "The applicant" in [refusal.reason for refusal in report.refused[0].refusals]

    async def test_refuses_by_the_rules_with_their_column(self, imported):
        report = await imported("id,amount,months,housing,income\n1,0,600,castle,much\n")
        assert {(one.column, one.reason) for one in report.refused[0].refusals} == {
            ("amount", "Between 0.01 and 100000000.00 EUR (the cell says 0)"),
            ("months", "Between 1 and 480 (the cell says 600)"),
            ("housing", "Not one of own, mortgage, rent, cooperative, with_parents, free (the cell says castle)"),
            ("income", "Not a number: much"),
        }


@pytest.mark.skipif(not GERMAN_CREDIT.exists(), reason=f"{GERMAN_CREDIT} is not on this machine")
class TestGermanCredit:
    async def test_all_rows_are_drafts_and_what_may_not_be_known_is_not(self, database, session):
        headers = adapters.open_sheet(GERMAN_CREDIT).headers
        where, mapping = rows.choose_mapping(APPLICATIONS, headers, None)
        assert where == "german-credit.toml"
        work = Import(database, APPLICATIONS, mapping.source, GERMAN_CREDIT.name, ACTOR)
        report = await rows.import_file(work, mapping, GERMAN_CREDIT, is_rehearsal=False, heard=lambda done: None)
        assert counts(report) == (1000, 0, 0, 0)
        found = (
            (await session.execute(select(Application).where(Application.source == "german-credit"))).scalars().all()
        )
        assert Counter(one.product for one in found) == {"personal_loan": 566, "car_finance": 337, "business": 97}
        assert {one.state for one in found} == {"draft"}
        first = next(one for one in found if one.source_key == "2")
        assert (first.amount, first.term_months, first.purpose) == (Money(116900, "EUR"), 6, "radio/television")
        assert (first.household, first.employment) == ({"housing": "own", "dependants": 1}, {})
        assert first.source_fields["creditability"] == "good"
        assert first.source_fields["age_in_years"] == "67"
        assert first.source_fields["present_employment_since"] == "... >= 7 years"
        secret = "male : |female : |foreign_worker|personal_status"
        for table, column in (
            ("application", "source_fields"),
            ("audit_entry", "changes"),
            ("outbox_event", "payload"),
        ):
            hits = await session.execute(text(f"SELECT COUNT(*) FROM {table} WHERE `{column}` REGEXP '{secret}'"))
            assert hits.scalar_one() == 0, table
        events = (await session.execute(select(func.count()).select_from(OutboxEvent))).scalar_one()
        again = await rows.import_file(work, mapping, GERMAN_CREDIT, is_rehearsal=False, heard=lambda done: None)
        assert counts(again) == (0, 0, 1000, 0)
        assert (await session.execute(select(func.count()).select_from(OutboxEvent))).scalar_one() == events

"""The record page and the review page of an application."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.filters import amount, day, money
from app.credit.applications import rules
from app.credit.applications.models import Application
from app.credit.applications.pages.assignment import Assignment
from app.credit.applications.pages.edits import Cell
from app.credit.applications.pages.lists import Row, percent
from app.credit.applications.pages.moves import OfferedMove
from app.credit.applications.rules import ApplicationState, Missing
from app.credit.applications.schemas import (
    EMPLOYMENT_WORDS,
    HOUSING_WORDS,
)
from app.desk.customers.models import Customer
from app.desk.records.services import Beside
from app.kit.money import Money

DEBT_LIMIT, PAYMENT_LIMIT = Decimal(5), Decimal("0.5")
"""Where the meters end to be comfortable: five yearly incomes of debt (Norway's rule), half the income in payments."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One measure of affordability: the figure, the sum behind it in words and numbers, and where a meter stands."""

    label: str
    figure: str
    formula: str
    sum: str
    value: str
    limit: str
    limit_words: str
    tone: str


@dataclass(frozen=True, slots=True)
class DebtRow:
    """A loan that the applicant has, as text."""

    lender: str
    balance: str
    payment: str
    fate: str


@dataclass(frozen=True, slots=True)
class ApplicationDetail:
    """The record page and the review page."""

    application: Application
    applicant: Customer | None
    co_applicant: Customer | None
    state: str
    product: str
    market: str
    is_on: bool
    due: tuple[str, str]
    household: list[tuple[str, str]]
    employment: list[tuple[str, str]]
    debts: list[DebtRow]
    consents: list[tuple[str, str, str, str]]
    missing: list[Missing]
    ratios: list[Ratio]
    instalment: str
    earlier: list[Row]
    beside: Beside
    assignment: Assignment
    moves: list[OfferedMove]
    withheld: str
    items: list[str]
    timeline: Sequence[Any]
    can_edit: bool
    can_try_again: bool
    can_see_customer: bool
    cells: dict[str, Cell]
    source_fields: list[tuple[str, str]]


def due_in_words(application: Application, today: date) -> tuple[str, str]:
    """When the information is due, and how urgent that is."""
    due_on = application.information_due_on
    if application.state is not ApplicationState.INFO_REQUESTED or due_on is None:
        return "", ""
    return f"information due {day(due_on)}", "act" if due_on < today else "soon"


def ratios_of(application: Application) -> list[Ratio]:
    """Both measures with their sums; empty figures while the income is not known."""
    found = rules.affordability_of(
        application.household, application.employment, application.debts, application.amount, application.term_months
    )
    income = rules.stored_money(application.employment.get("net_income_per_month"))
    debts = [rules.stored_debt(debt) for debt in application.debts]
    staying = [debt for debt in debts if not debt.to_be_settled]
    housing = rules.stored_money(application.household.get("housing_cost"))
    paid = rules.instalment(application.amount, application.term_months, rules.REFERENCE_RATE)
    owed = [application.amount, *(debt.balance for debt in staying if debt.balance)]
    costs = [paid, *([housing] if housing else []), *(debt.monthly_payment for debt in staying if debt.monthly_payment)]
    return [
        _ratio(
            "Debt to income", found.debt_to_income, "This credit and the debts that stay, over twelve net incomes",
            f"{_added(owed)} / (12 x {amount(income)})" if income else "", DEBT_LIMIT, "5 yearly incomes",
        ),
        _ratio(
            "Payments to income", found.payment_to_income,
            "Instalment, housing and payments of debts that stay, over the net income",
            f"{_added(costs)} / {amount(income)}" if income else "", PAYMENT_LIMIT, "50 % of the income",
        ),
    ]  # fmt: skip


def instalment_in_words(application: Application) -> str:
    """The instalment that the sums use, and how it is reckoned."""
    paid = rules.instalment(application.amount, application.term_months, rules.REFERENCE_RATE)
    return f"{money(paid)} a month, reckoned at {rules.REFERENCE_RATE:.0%} a year until a lender names a rate"


def _ratio(label: str, ratio: Decimal | None, formula: str, total: str, limit: Decimal, limit_words: str) -> Ratio:
    is_over = ratio is not None and ratio > limit
    figure = "" if ratio is None else (f"{ratio:.2f}" if limit > 1 else percent(ratio))
    shown = "" if ratio is None else str(min(ratio, limit * 2))
    return Ratio(label, figure, formula, total, shown, str(limit * 2), limit_words, "act" if is_over else "")


def _added(amounts: list[Money]) -> str:
    texts = [amount(one) for one in amounts]
    return texts[0] if len(texts) == 1 else f"({' + '.join(texts)})"


def household_rows(application: Application) -> list[tuple[str, str]]:
    """How the applicant lives."""
    stored = application.household
    dependants = stored.get("dependants")
    return [
        ("Housing", HOUSING_WORDS.get(stored.get("housing", ""), "")),
        ("Housing cost a month", money(rules.stored_money(stored.get("housing_cost")))),
        ("Dependants", "" if dependants is None else str(dependants)),
    ]


def employment_rows(application: Application) -> list[tuple[str, str]]:
    """How the applicant earns."""
    stored = application.employment
    return [
        ("Employment", EMPLOYMENT_WORDS.get(stored.get("kind", ""), "")),
        ("Employer", stored.get("employer", "")),
        ("Since", day(stored.get("since_on"))),
        ("Net income a month", money(rules.stored_money(stored.get("net_income_per_month")))),
    ]


def debt_rows(application: Application) -> list[DebtRow]:
    """The loans that the applicant has."""
    return [
        DebtRow(
            debt.get("lender", ""),
            money(rules.stored_money(debt.get("balance"))),
            money(rules.stored_money(debt.get("monthly_payment"))),
            "to be settled" if debt.get("to_be_settled") else "stays",
        )
        for debt in application.debts
    ]


def source_rows(application: Application) -> list[tuple[str, str]]:
    """Columns of the imported file that have no field of their own."""
    return [(name.replace("_", " ").capitalize(), str(value)) for name, value in application.source_fields.items()]

"""What may be done with a credit application, what it still lacks, and what the applicant can afford."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, cast

from app.kit.checks import Checks
from app.kit.money import Money
from app.kit.problems import Problem

MAX_TERM_MONTHS = 480
MAX_AMOUNT_MINOR = 10_000_000_000
MAX_DEBTS = 50
MAX_CONSENTS = 50
MAX_TAGS = 20
MAX_ITEMS = 20
INFORMATION_REQUEST_DAYS = 14
"""How long an applicant has to answer when no date is given."""
LONGEST_INFORMATION_REQUEST_DAYS = 90
REFERENCE_RATE = Decimal("0.10")
"""Nominal rate a year at which the instalment is reckoned before a lender has named one."""

_EARLIEST_DAY = date(1940, 1, 1)


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    SCREENING = "screening"
    IN_REVIEW = "in_review"
    INFO_REQUESTED = "info_requested"
    ROUTED = "routed"
    OFFERS_OPEN = "offers_open"
    ACCEPTED = "accepted"
    SIGNED = "signed"
    DISBURSED = "disbursed"
    CLOSED = "closed"
    NO_OFFER = "no_offer"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Product(StrEnum):
    PERSONAL_LOAN = "personal_loan"
    CAR_FINANCE = "car_finance"
    REFINANCING = "refinancing"
    CREDIT_LINE = "credit_line"
    BUSINESS = "business"


class Housing(StrEnum):
    OWN = "own"
    MORTGAGE = "mortgage"
    RENT = "rent"
    COOPERATIVE = "cooperative"
    WITH_PARENTS = "with_parents"
    FREE = "free"


class EmploymentKind(StrEnum):
    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    SELF_EMPLOYED = "self_employed"
    BUSINESS_OWNER = "business_owner"
    RETIRED = "retired"
    STUDENT = "student"
    UNEMPLOYED = "unemployed"
    OTHER = "other"


class ConsentPurpose(StrEnum):
    CREDIT_CHECK = "credit_check"
    PERSONAL_DATA = "personal_data"
    LENDER_FORWARDING = "lender_forwarding"
    MARKETING = "marketing"


def _following() -> dict[ApplicationState, frozenset[ApplicationState]]:
    state = ApplicationState
    table: dict[ApplicationState, set[ApplicationState]] = {
        state.DRAFT: {state.SUBMITTED},
        state.SUBMITTED: {state.SCREENING},
        state.SCREENING: {state.IN_REVIEW, state.ROUTED, state.REJECTED},
        state.IN_REVIEW: {state.ROUTED, state.INFO_REQUESTED, state.REJECTED},
        state.INFO_REQUESTED: {state.IN_REVIEW, state.EXPIRED},
        state.ROUTED: {state.OFFERS_OPEN, state.NO_OFFER, state.EXPIRED},
        state.OFFERS_OPEN: {state.ACCEPTED, state.NO_OFFER, state.EXPIRED},
        state.ACCEPTED: {state.SIGNED},
    }
    for open_state in table.values():
        open_state.add(state.WITHDRAWN)
    table |= {state.SIGNED: {state.DISBURSED}, state.DISBURSED: {state.CLOSED}}
    return {one: frozenset(table.get(one, ())) for one in state}


FOLLOWING = _following()
"""The whole life of an application: each state and the states that may follow it."""
TERMINAL = frozenset(state for state, following in FOLLOWING.items() if not following)


@dataclass(frozen=True, slots=True)
class Move:
    name: str
    from_states: frozenset[ApplicationState]
    to_state: ApplicationState
    is_by_staff: bool = True


def _moves() -> dict[str, Move]:
    state = ApplicationState
    reviewing = frozenset({state.SCREENING, state.IN_REVIEW})
    before_routing = frozenset({state.DRAFT, state.SUBMITTED, state.INFO_REQUESTED}) | reviewing
    moves = (
        Move("submission", frozenset({state.DRAFT}), state.SUBMITTED),
        Move("screening", frozenset({state.SUBMITTED}), state.SCREENING),
        Move("review", frozenset({state.SCREENING}), state.IN_REVIEW),
        Move("information_request", frozenset({state.IN_REVIEW}), state.INFO_REQUESTED),
        Move("information", frozenset({state.INFO_REQUESTED}), state.IN_REVIEW),
        Move("rejection", reviewing, state.REJECTED),
        Move("withdrawal", before_routing, state.WITHDRAWN),
        Move("expiry", frozenset({state.INFO_REQUESTED}), state.EXPIRED, is_by_staff=False),
    )
    return {move.name: move for move in moves}


MOVES: dict[str, Move] = _moves()


class Refusal(StrEnum):
    ILLEGAL_STATE = "illegal_state"
    HELD = "held"


def can_move(move: str, state: ApplicationState) -> Refusal | None:
    """Why the move is refused in this state, or None; KeyError for a move that does not exist."""
    return None if state in MOVES[move].from_states else Refusal.ILLEGAL_STATE


def allowed_moves(state: ApplicationState) -> list[Move]:
    """The moves that staff can make in this state; expiry is the worker's."""
    return [move for move in MOVES.values() if move.is_by_staff and state in move.from_states]


def can_edit(state: ApplicationState) -> Refusal | None:
    """Facts may change until the application goes to lenders."""
    return None if state in MOVES["withdrawal"].from_states else Refusal.ILLEGAL_STATE


def can_assign(state: ApplicationState, *, is_others: bool, leads: bool) -> Refusal | None:
    """Until it has ended; what somebody else has is taken from them only by those who lead."""
    if state in TERMINAL:
        return Refusal.ILLEGAL_STATE
    return Refusal.HELD if is_others and not leads else None


def is_overdue(due_on: date | None, today: date) -> bool:
    """Whether an information request has expired: the applicant has the whole of the last day."""
    return due_on is not None and due_on < today


@dataclass(frozen=True, slots=True)
class Missing:
    """A field without which the application cannot be submitted."""

    field: str
    detail: str


_COMMON = {
    "customer_id": "The applicant",
    "amount": "The amount",
    "term_months": "The term",
    "purpose": "What the money is for",
}
_PRIVATE = {
    "household.housing": "How the applicant lives",
    "employment.kind": "How the applicant earns",
    "employment.net_income_per_month": "The net income per month",
}
_NORDIC = {
    "household.housing_cost": "The monthly cost of housing",
    "household.dependants": "How many depend on the applicant",
}
_GERMAN = {"employment.employer": "The employer", "employment.since_on": "Employed since when"}
_BY_MARKET = {"NO": _NORDIC, "SE": _NORDIC, "FI": _NORDIC, "DK": _NORDIC, "DE": _GERMAN, "AT": _GERMAN, "CH": _GERMAN}
_WITH_IDENTITY_NUMBER = frozenset({"EE", "LV", "LT", "FI", "SE", "NO", "DK"})
_EMPLOYED = frozenset({EmploymentKind.PERMANENT, EmploymentKind.FIXED_TERM})


def missing(fields: Mapping[str, Any], market: str, *, applicant: Mapping[str, Any] | None = None) -> list[Missing]:
    """What has to be there to submit in the market; `applicant` is the customer, by the customer's field names.

    Of the applicant's identity number only its presence is looked at: the masked form will do.
    """
    is_company = applicant is not None and applicant.get("kind") == "company"
    is_private = fields.get("product") != Product.BUSINESS and not is_company
    needed = dict(_COMMON)
    if is_private:
        needed |= _PRIVATE | _BY_MARKET.get(market, {})
        if _at(fields, "employment.kind") not in _EMPLOYED:
            needed = {name: words for name, words in needed.items() if name not in _GERMAN}
    found = [Missing(name, words) for name, words in needed.items() if _is_absent(_at(fields, name))]
    if fields.get("product") == Product.REFINANCING and not any(
        debt.get("to_be_settled") for debt in fields.get("debts") or ()
    ):
        found.append(Missing("debts", "A loan that is to be settled"))
    if not _has_consent(fields.get("consents") or (), ConsentPurpose.CREDIT_CHECK):
        found.append(Missing("consents", "The applicant's consent to a credit check"))
    return found if applicant is None else found + _missing_of_applicant(applicant, market)


def _missing_of_applicant(applicant: Mapping[str, Any], market: str) -> list[Missing]:
    found: list[Missing] = []
    is_person = applicant.get("kind") != "company"
    if is_person and _is_absent(applicant.get("born_on")):
        found.append(Missing("applicant.born_on", "The applicant's date of birth"))
    number = applicant.get("identity_number") or applicant.get("identity_number_masked")
    if is_person and market in _WITH_IDENTITY_NUMBER and _is_absent(number):
        found.append(Missing("applicant.identity_number", "The applicant's identity number"))
    if _is_absent(applicant.get("email")) and _is_absent(applicant.get("phone")):
        found.append(Missing("applicant.email", "An e-mail address or a phone number of the applicant"))
    return found


def _has_consent(consents: Iterable[Mapping[str, Any]], purpose: str) -> bool:
    return any(consent.get("purpose") == purpose and not consent.get("withdrawn_at") for consent in consents)


def _at(fields: Mapping[str, Any], path: str) -> Any:
    value: Any = fields
    for name in path.split("."):
        value = cast("Mapping[str, Any]", value).get(name) if isinstance(value, Mapping) else None
    return value


def _is_absent(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


@dataclass(frozen=True, slots=True)
class Debt:
    balance: Money | None = None
    monthly_payment: Money | None = None
    to_be_settled: bool = False


def stored_money(value: Mapping[str, Any] | None) -> Money | None:
    """Money from its JSON, which `check_application` found right."""
    return Money.parse(value["amount"], value["currency"]) if value else None


def stored_debt(value: Mapping[str, Any]) -> Debt:
    """A debt from its JSON."""
    return Debt(
        stored_money(value.get("balance")),
        stored_money(value.get("monthly_payment")),
        to_be_settled=bool(value.get("to_be_settled")),
    )


def affordability_of(
    household: Mapping[str, Any],
    employment: Mapping[str, Any],
    debts: Iterable[Mapping[str, Any]],
    amount: Money,
    term_months: int,
) -> Affordability:
    """`affordability` of facts as they are stored."""
    return affordability(
        stored_money(employment.get("net_income_per_month")),
        stored_money(household.get("housing_cost")),
        [stored_debt(debt) for debt in debts],
        amount,
        term_months,
    )


@dataclass(frozen=True, slots=True)
class Affordability:
    """Ratios to net income with 4 places; None where the income is missing or nothing, or currencies differ."""

    debt_to_income: Decimal | None
    payment_to_income: Decimal | None


def affordability(
    net_income_per_month: Money | None,
    housing_cost: Money | None,
    debts: Sequence[Debt],
    amount: Money,
    term_months: int,
    *,
    rate: Decimal = REFERENCE_RATE,
) -> Affordability:
    """What the applicant would owe and pay, against the net income, with this credit.

    debt_to_income = (amount + balances of debts that stay) / (12 x net income per month)
    payment_to_income = (instalment + housing cost + payments of debts that stay) / net income per month
    Debts to be settled are replaced by the credit, so they do not count; what is not stated counts as nothing. The
    instalment is the annuity of `instalment`. Both ratios are rounded half up to 4 places.
    """
    staying = [debt for debt in debts if not debt.to_be_settled]
    balances = [debt.balance for debt in staying if debt.balance is not None]
    payments = [debt.monthly_payment for debt in staying if debt.monthly_payment is not None]
    costs = [*payments, *([housing_cost] if housing_cost is not None else [])]
    if net_income_per_month is None or net_income_per_month.minor <= 0:
        return Affordability(None, None)
    if any(money.currency != amount.currency for money in (net_income_per_month, *balances, *costs)):
        return Affordability(None, None)
    income = Decimal(net_income_per_month.minor)
    owed = Decimal(amount.minor + sum(balance.minor for balance in balances))
    paid = instalment(amount, term_months, rate).minor + sum(cost.minor for cost in costs)
    return Affordability(_ratio(owed / (12 * income)), _ratio(Decimal(paid) / income))


def instalment(amount: Money, term_months: int, rate: Decimal) -> Money:
    """Monthly annuity: amount x i x g / (g - 1), g = (1 + i)^term, i = rate / 12; amount / term at rate 0."""
    if rate == 0:
        return Money.round(amount.decimal / term_months, amount.currency)
    monthly = rate / 12
    growth = (1 + monthly) ** term_months
    return Money.round(amount.decimal * monthly * growth / (growth - 1), amount.currency)


def _ratio(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


def check_application(fields: Mapping[str, Any], *, is_new: bool, today: date) -> list[Problem]:
    """Problems of the given fields; a draft may lack everything but market, product, amount and term."""
    checks = Checks(fields)
    checks.required("market", "product", "amount", "term_months", is_new=is_new)
    checks.market()
    checks.choice("product", tuple(Product))
    checks.money("amount", least_minor=1, most_minor=MAX_AMOUNT_MINOR)
    checks.whole("term_months", 1, MAX_TERM_MONTHS)
    for name, longest in (("purpose", 200), ("channel", 60), ("campaign", 100)):
        checks.text(name, longest)
    co_applicant = checks.value("co_applicant_id")
    if co_applicant is not None and str(co_applicant) == str(checks.value("customer_id")):
        checks.refuse("co_applicant_id", "contradicts", "The applicant cannot be the co-applicant")
    checks.slugs("tags", MAX_TAGS)
    _check_circumstances(checks, today)
    for debt in checks.groups("debts", MAX_DEBTS):
        debt.required("lender")
        debt.text("lender", 120)
        debt.money("balance", least_minor=0, most_minor=MAX_AMOUNT_MINOR)
        debt.money("monthly_payment", least_minor=0, most_minor=MAX_AMOUNT_MINOR)
        debt.fact("to_be_settled")
    for consent in checks.groups("consents", MAX_CONSENTS):
        consent.required("purpose", "text_version", "given_at")
        consent.choice("purpose", tuple(ConsentPurpose))
        consent.text("text_version", 40)
        consent.text("channel", 60)
        _check_given_at(consent, today)
    return checks.problems


def _check_circumstances(checks: Checks, today: date) -> None:
    if household := checks.group("household"):
        household.whole("dependants", 0, 30)
        household.choice("housing", tuple(Housing))
        household.money("housing_cost", least_minor=0, most_minor=MAX_AMOUNT_MINOR)
    if employment := checks.group("employment"):
        employment.choice("kind", tuple(EmploymentKind))
        employment.text("employer", 120)
        employment.day("since_on", _EARLIEST_DAY, today)
        employment.money("net_income_per_month", least_minor=0, most_minor=MAX_AMOUNT_MINOR)


def _check_given_at(consent: Checks, today: date) -> None:
    given_at: datetime | None = consent.moment("given_at")
    if given_at is not None and given_at.date() > today + timedelta(days=1):
        consent.refuse("given_at", "out_of_range", "In the future")


def check_information_request(fields: Mapping[str, Any], *, today: date) -> list[Problem]:
    """Problems of `items` (what is asked for) and `due_on`."""
    checks = Checks(fields)
    items: Any = checks.value("items")
    if items is None:
        checks.refuse("items", "required", "Say what is asked for")
    elif not isinstance(items, list):
        checks.refuse("items", "wrong_type", "Not a list")
    elif not 1 <= len(cast("list[Any]", items)) <= MAX_ITEMS:
        checks.refuse("items", "out_of_range", f"1 to {MAX_ITEMS} items")
    else:
        for position, item in enumerate(cast("list[Any]", items)):
            if not isinstance(item, str) or not item.strip() or len(item) > 200:
                checks.refuse(f"items.{position}", "malformed", "Text of at most 200 characters")
    checks.day("due_on", today, today + timedelta(days=LONGEST_INFORMATION_REQUEST_DAYS))
    return checks.problems

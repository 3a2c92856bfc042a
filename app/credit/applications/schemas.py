"""Applications in the JSON API."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from app.core.values import UNSET, Day, Id, Maybe, MoneyValue, Timestamp, UnsetType, timestamp
from app.credit.applications import rules
from app.credit.applications.models import Application
from app.desk.customers.models import Customer
from app.desk.staff.models import Staff

STATE_WORDS = {
    "draft": "Draft",
    "submitted": "Submitted",
    "screening": "Screening",
    "in_review": "In review",
    "info_requested": "Information asked",
    "routed": "Routed",
    "offers_open": "Offers open",
    "accepted": "Accepted",
    "signed": "Signed",
    "disbursed": "Disbursed",
    "closed": "Closed",
    "no_offer": "No offer",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn",
    "expired": "Expired",
}
PRODUCT_WORDS = {
    "personal_loan": "Personal loan",
    "car_finance": "Car finance",
    "refinancing": "Refinancing",
    "credit_line": "Credit line",
    "business": "Business loan",
}

HOUSING_WORDS = {
    "own": "Own home", "mortgage": "Own home with a mortgage", "rent": "Rented", "cooperative": "Cooperative",
    "with_parents": "With parents", "free": "Free of charge",
}  # fmt: skip
EMPLOYMENT_WORDS = {
    "permanent": "Permanent", "fixed_term": "Fixed term", "self_employed": "Self-employed",
    "business_owner": "Business owner", "retired": "Retired", "student": "Student",
    "unemployed": "Unemployed", "other": "Other",
}  # fmt: skip
CONSENT_WORDS = {
    "credit_check": "Credit check", "personal_data": "Use of personal data",
    "lender_forwarding": "Forwarding to lenders", "marketing": "Marketing",
}  # fmt: skip

S = TypeVar("S")


class Applicant(msgspec.Struct, omit_defaults=True):
    """The customer who applies, as far as the application needs to know them."""

    name: str
    kind: str
    born_on: Maybe[Day] = UNSET
    identity_number_masked: Maybe[str] = UNSET
    email: Maybe[str] = UNSET
    phone: Maybe[str] = UNSET


class Household(msgspec.Struct, omit_defaults=True):
    """How the applicant lives; the cost is per month."""

    dependants: Maybe[int] = UNSET
    housing: Maybe[str] = UNSET
    housing_cost: Maybe[MoneyValue] = UNSET


class Employment(msgspec.Struct, omit_defaults=True):
    """How the applicant earns."""

    kind: Maybe[str] = UNSET
    employer: Maybe[str] = UNSET
    since_on: Maybe[Day] = UNSET
    net_income_per_month: Maybe[MoneyValue] = UNSET


class DebtItem(msgspec.Struct, omit_defaults=True):
    """A loan that the applicant has already."""

    lender: str
    balance: Maybe[MoneyValue] = UNSET
    monthly_payment: Maybe[MoneyValue] = UNSET
    to_be_settled: bool = False


class Consent(msgspec.Struct, omit_defaults=True):
    """What the applicant agreed to, in which version of the text, when and where."""

    purpose: str
    text_version: str
    given_at: Timestamp
    channel: Maybe[str] = UNSET


class MissingItem(msgspec.Struct, frozen=True):
    """A field without which the application cannot be submitted in its market."""

    field: str
    detail: str


class AffordabilityItem(msgspec.Struct, omit_defaults=True):
    """Ratios with four decimals as decimal strings; absent while the income is not known."""

    debt_to_income: Maybe[str] = UNSET
    payment_to_income: Maybe[str] = UNSET


class ApplicationItem(msgspec.Struct):
    """An application."""

    id: Id
    reference: str
    market: str
    product: str
    amount: MoneyValue
    term_months: int
    purpose: Maybe[str]
    customer_id: Maybe[Id]
    co_applicant_id: Maybe[Id]
    previous_id: Maybe[Id]
    applicant: Maybe[Applicant]
    household: Maybe[Household]
    employment: Maybe[Employment]
    debts: list[DebtItem]
    consents: list[Consent]
    channel: Maybe[str]
    campaign: Maybe[str]
    tags: list[str]
    assignee_id: Maybe[Id]
    assignee_name: Maybe[str]
    state: str
    submitted_at: Maybe[Timestamp]
    information_items: list[str]
    information_due_on: Maybe[Day]
    decided_at: Maybe[Timestamp]
    decided_reason: Maybe[str]
    version: int
    created_at: Timestamp
    updated_at: Timestamp
    state_words: str
    missing: list[MissingItem]
    affordability: AffordabilityItem

    def __post_init__(self) -> None:
        stored = {name: _decoded(getattr(self, name)) for name in ("household", "employment", "applicant")}
        fields: dict[str, Any] = {"debts": self.debts, "consents": self.consents, **stored} | {
            name: getattr(self, name) or None for name in ("product", "amount", "term_months", "purpose", "customer_id")
        }
        for name in ("customer_id", "co_applicant_id", "previous_id", "assignee_id"):
            value = getattr(self, name)
            setattr(self, name, value if value is UNSET else str(value))
        found = rules.missing(fields, self.market, applicant=stored["applicant"] or None)
        self.missing = [MissingItem(one.field, one.detail) for one in found]
        self.affordability = affordability_item(stored["household"], stored["employment"], fields["debts"], self)
        self.applicant = _struct(stored["applicant"], Applicant)
        self.household = _struct(stored["household"], Household)
        self.employment = _struct(stored["employment"], Employment)
        self.debts = msgspec.convert(self.debts, list[DebtItem])
        self.consents = msgspec.convert(self.consents, list[Consent])
        self.state_words = STATE_WORDS[self.state]
        if isinstance(self.information_due_on, date):
            self.information_due_on = self.information_due_on.isoformat()


def affordability_item(
    household: Mapping[str, Any], employment: Mapping[str, Any], debts: list[Any], item: ApplicationItem
) -> AffordabilityItem:
    """The ratios of stored facts."""
    found = rules.affordability_of(household, employment, debts, item.amount.to_money(), item.term_months)
    ratios = {"debt_to_income": found.debt_to_income, "payment_to_income": found.payment_to_income}
    return AffordabilityItem(**{name: str(ratio) for name, ratio in ratios.items() if ratio is not None})


class ApplicationPage(msgspec.Struct):
    """One page of applications."""

    items: list[ApplicationItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]
    notice: Maybe[str]


def application_item(
    application: Application, applicant: Customer | None, assignee: Staff | None = None
) -> ApplicationItem:
    """An application that was just written, as the API shows it."""
    values = {name: getattr(application, name, None) for name in ApplicationItem.__struct_fields__}
    for name in ("created_at", "updated_at", "submitted_at", "decided_at"):
        at: datetime | None = values[name]
        values[name] = timestamp(at) if at else None
    values |= {"id": str(application.id), "state": application.state.value, "product": application.product.value}
    values["amount"] = MoneyValue(application.amount.amount, application.amount_currency)
    values["assignee_name"] = assignee.name if assignee else None
    if applicant is not None:
        values["applicant"] = {name: getattr(applicant, name) for name in Applicant.__struct_fields__}
        values["applicant"]["born_on"] = applicant.born_on.isoformat() if applicant.born_on else None
    found: Any = {name: UNSET if value is None else value for name, value in values.items()}
    return ApplicationItem(**found)


def _decoded(value: Any) -> dict[str, Any]:
    return msgspec.json.decode(value) if isinstance(value, str) else (value or {})


def _struct(stored: Mapping[str, Any], kind: type[S]) -> S | UnsetType:
    kept = {name: value for name, value in stored.items() if value is not None}
    return msgspec.convert(kept, kind) if kept else UNSET


class HouseholdFields(msgspec.Struct, forbid_unknown_fields=True):
    """A household as it is sent; it replaces the one that was there."""

    dependants: int | None = None
    housing: str | None = None
    housing_cost: MoneyValue | None = None


class EmploymentFields(msgspec.Struct, forbid_unknown_fields=True):
    """An employment as it is sent; it replaces the one that was there."""

    kind: str | None = None
    employer: str | None = None
    since_on: date | None = None
    net_income_per_month: MoneyValue | None = None


class DebtFields(msgspec.Struct, forbid_unknown_fields=True):
    """A loan that the applicant has."""

    lender: str
    balance: MoneyValue | None = None
    monthly_payment: MoneyValue | None = None
    to_be_settled: bool = False


class ConsentFields(msgspec.Struct, forbid_unknown_fields=True):
    """What the applicant agreed to."""

    purpose: str
    text_version: str
    given_at: datetime
    channel: str | None = None


class ApplicationFields(msgspec.Struct, forbid_unknown_fields=True):
    """What a client may set. In a change, an absent field stays as it is and null clears it."""

    market: str | None | UnsetType = UNSET
    product: str | None | UnsetType = UNSET
    amount: MoneyValue | None | UnsetType = UNSET
    term_months: int | None | UnsetType = UNSET
    purpose: str | None | UnsetType = UNSET
    customer_id: UUID | None | UnsetType = UNSET
    co_applicant_id: UUID | None | UnsetType = UNSET
    previous_id: UUID | None | UnsetType = UNSET
    household: HouseholdFields | None | UnsetType = UNSET
    employment: EmploymentFields | None | UnsetType = UNSET
    debts: list[DebtFields] | None | UnsetType = UNSET
    channel: str | None | UnsetType = UNSET
    campaign: str | None | UnsetType = UNSET
    consents: list[ConsentFields] | None | UnsetType = UNSET
    tags: list[str] | None | UnsetType = UNSET


class NewApplication(ApplicationFields, forbid_unknown_fields=True, kw_only=True):
    """An application to be added as a draft; clients may choose its id."""

    market: str  # pyright: ignore - required here, unlike in a change
    product: str  # pyright: ignore
    amount: MoneyValue  # pyright: ignore
    term_months: int  # pyright: ignore
    id: UUID | UnsetType = UNSET


class AssignmentFields(msgspec.Struct, forbid_unknown_fields=True):
    """Whose work the application becomes, and a note for them."""

    assignee_id: UUID
    note: str | UnsetType = UNSET


class InformationRequestBody(msgspec.Struct, forbid_unknown_fields=True):
    """What the applicant is asked for, and until when (14 days when left out)."""

    items: list[str]
    due_on: date | None = None


class InformationBody(msgspec.Struct, forbid_unknown_fields=True):
    """What came in."""

    note: str | None = None


class DecisionBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why the application ends."""

    reason: str

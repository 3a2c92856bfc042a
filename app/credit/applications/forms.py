"""The forms of application pages."""

from datetime import UTC, date, datetime
from typing import Any, ClassVar, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from app.core import clock
from app.core.conflicts import BASE_FIELD, changed
from app.core.errors import InvalidFields
from app.core.forms import Form
from app.credit.applications.models import Application
from app.credit.applications.rules import MAX_DEBTS
from app.kit.markets import MARKETS
from app.kit.money import Money
from app.kit.problems import Problem

NOBODY = "nobody"
"""Chosen in menus to make an application nobody's."""
HOUSEHOLD = ("dependants", "housing", "housing_cost")
EMPLOYMENT = ("kind", "employer", "since_on", "net_income_per_month")
LINKS = ("customer_id", "co_applicant_id", "previous_id")
GROUPS = {"household": HOUSEHOLD, "employment": EMPLOYMENT}
DEBT_MONEY = ("balance", "monthly_payment")
DEBT_TYPED = ("lender", "balance.amount", "monthly_payment.amount")
PLAIN = ("version", "market", "product", "amount", "term_months", "purpose", *LINKS,
         "channel", "campaign")  # fmt: skip
REQUIRED = {
    "market": "Choose a market",
    "product": "Choose a product",
    "amount": "Enter the amount",
    "term_months": "Enter the term in months",
    "lender": "Name the lender",
    "text_version": "Say which version of the text was agreed to",
}
FACTS = (*PLAIN[1:], "tags")


class ApplicationForm(Form):
    """New and edit. Debts are rows, `debts.0.lender`; an emptied row is taken away. Consents are only added."""

    many: ClassVar[frozenset[str]] = frozenset({"consent_purposes"})
    money: ClassVar[frozenset[str]] = frozenset(
        {"amount", "household.housing_cost", "employment.net_income_per_month"}
        | {f"debts.{place}.{name}" for place in range(MAX_DEBTS) for name in DEBT_MONEY}
    )

    version: int | None = None
    market: str | None = None
    product: str | None = None
    amount: Money | None = None
    term_months: int | None = None
    purpose: str | None = None
    customer_id: UUID | None = None
    co_applicant_id: UUID | None = None
    previous_id: UUID | None = None
    channel: str | None = None
    campaign: str | None = None
    tags: list[str] | None = None
    household_dependants: int | None = Field(default=None, alias="household.dependants")
    household_housing: str | None = Field(default=None, alias="household.housing")
    household_housing_cost: Money | None = Field(default=None, alias="household.housing_cost")
    employment_kind: str | None = Field(default=None, alias="employment.kind")
    employment_employer: str | None = Field(default=None, alias="employment.employer")
    employment_since_on: date | None = Field(default=None, alias="employment.since_on")
    employment_net_income_per_month: Money | None = Field(default=None, alias="employment.net_income_per_month")
    consent_purposes: list[str] | None = None
    consent_text_version: str | None = None
    consent_given_at: datetime | None = None
    consent_channel: str | None = None

    @field_validator("tags", mode="before")
    @classmethod
    def split_tags(cls, value: Any) -> Any:
        """A comma-separated line as slugs."""
        if isinstance(value, str):
            return list(
                dict.fromkeys(part.strip().lower().replace(" ", "_") for part in value.split(",") if part.strip())
            )
        return value

    @classmethod
    def of_application(cls, application: Application) -> Self:
        """The form showing an application."""
        shown: dict[str, Any] = {name: getattr(application, name) for name in PLAIN}
        shown["tags"] = ", ".join(application.tags)
        shown |= {f"{name}.currency": application.amount_currency for name in _with_currency(len(application.debts))}
        for group, names in GROUPS.items():
            stored: dict[str, Any] = getattr(application, group)
            for name in names:
                shown |= _flat(f"{group}.{name}", stored.get(name))
        for place, debt in enumerate(application.debts):
            for name in ("lender", *DEBT_MONEY):
                shown |= _flat(f"debts.{place}.{name}", debt.get(name))
            shown[f"debts.{place}.to_be_settled"] = "true" if debt.get("to_be_settled") else ""
        return cls.of({name: str(value) if isinstance(value, UUID) else value for name, value in shown.items()})

    def over(self, application: Application) -> Self:
        """The application's present values with what the person changed."""
        present = self.of_application(application).raw
        return self.from_raw(present | changed(self.raw) | {BASE_FIELD: self.raw.get(BASE_FIELD, "")})

    def values(self) -> dict[str, Any]:
        given = super().values()
        kept = {name: given[name] for name in FACTS}
        for group, names in GROUPS.items():
            kept[group] = {name: value for name in names if (value := given[f"{group}_{name}"]) is not None} or None
        return kept | {"debts": self._debts(), "consents": self._consents(given) or None}

    def changes(self, application: Application) -> dict[str, Any]:
        """The values of what the person changed; new consents stand behind those that were given before."""
        typed = {name.partition(".")[0] for name in changed(self.raw)}
        values = {name: value for name, value in self.over(application).values().items() if name in typed}
        added = self._consents(super().values(), application.market) if "consent_purposes" in typed else []
        if added:
            given = [
                consent | {"given_at": datetime.fromisoformat(consent["given_at"])} for consent in application.consents
            ]
            values["consents"] = [*given, *added]
        return values

    def take(self, refused: InvalidFields) -> None:
        """As for every form; debts are told by the row they were typed in, consents by the fields that add them."""
        places = self._debt_places()
        for problem in refused.problems:
            group, _, rest = problem.field.partition(".")
            row, _, part = rest.partition(".")
            name = problem.field
            if group == "debts" and row.isdigit():
                name = f"debts.{places[int(row)]}.{part}"
            elif group == "consents" and row.isdigit():
                name = f"consent_{part}"
            asked = REQUIRED.get(part or group) if problem.code == "required" else None
            self.errors.setdefault(name, asked or problem.detail)

    @property
    def debt_rows(self) -> list[int]:
        """The places of debt rows to show: up to the last with something typed, and one more."""
        places = self._debt_places()
        return list(range(min(places[-1] + 2 if places else 1, MAX_DEBTS)))

    def _debt_places(self) -> list[int]:
        return [place for place in range(MAX_DEBTS) if any(self.text(f"debts.{place}.{part}") for part in DEBT_TYPED)]

    def _debts(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for place in self._debt_places():
            row: dict[str, Any] = {"lender": self.text(f"debts.{place}.lender") or None}
            for name in DEBT_MONEY:
                typed = self.text(f"debts.{place}.{name}.amount").replace(",", "").replace(" ", "")
                row[name] = Money.parse(typed, self.text(f"debts.{place}.{name}.currency")) if typed else None
            rows.append(row | {"to_be_settled": self.text(f"debts.{place}.to_be_settled") == "true"})
        return rows

    def _consents(self, given: dict[str, Any], market: str = "") -> list[dict[str, Any]]:
        at: datetime = given["consent_given_at"] or clock.now()
        if at.tzinfo is None:
            known = MARKETS.get(market or str(given["market"]))
            at = at.replace(tzinfo=ZoneInfo(known.zone) if known else UTC).astimezone(UTC)
        told = {"text_version": given["consent_text_version"], "given_at": at, "channel": given["consent_channel"]}
        return [{"purpose": purpose, **told} for purpose in given["consent_purposes"] or []]


class MoveForm(Form):
    """A move: why, or what came in."""

    many: ClassVar[frozenset[str]] = frozenset({"items", "received"})

    reason: str | None = None
    note: str | None = None
    items: list[str] | None = None
    other: str | None = None
    received: list[str] | None = None
    due_on: date | None = None

    def values(self) -> dict[str, Any]:
        given = super().values()
        lines = [line.strip() for line in (given["other"] or "").splitlines() if line.strip()]
        came = "; ".join(given["received"] or [])
        note = ". ".join(part for part in (f"Received: {came}" if came else "", given["note"] or "") if part)
        return {
            "reason": given["reason"],
            "note": note or None,
            "items": list(dict.fromkeys([*(given["items"] or []), *lines])) or None,
            "due_on": given["due_on"],
        }


class AssignmentForm(Form):
    """Whose work it becomes, or nobody's."""

    assignee_id: UUID | Literal["nobody"] | None = None
    note: str | None = None

    @property
    def wanted(self) -> UUID | None:
        """The person, or None for nobody. Raises InvalidFields when neither was chosen."""
        self.require_clean()
        if self.assignee_id is None:
            raise InvalidFields([Problem("assignee_id", "required", "Choose somebody")])
        return None if self.assignee_id == NOBODY else UUID(str(self.assignee_id))


def _with_currency(debts: int) -> list[str]:
    rows = [f"debts.{place}.{name}" for place in range(debts + 1) for name in DEBT_MONEY]
    return ["household.housing_cost", "employment.net_income_per_month", *rows]


def _flat(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {f"{name}.{part}": text for part, text in value.items()}  # pyright: ignore
    return {name: "" if value is None else value}

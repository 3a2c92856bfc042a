"""The forms of an application: new, edit, in place, and what two people changed at once."""

from dataclasses import dataclass, field

from app.core.conflicts import Conflict
from app.core.filters import money
from app.credit.applications.forms import ApplicationForm
from app.credit.applications.models import Application
from app.credit.applications.schemas import (
    CONSENT_WORDS,
    EMPLOYMENT_WORDS,
    HOUSING_WORDS,
    PRODUCT_WORDS,
)
from app.kit.markets import MARKETS

CELLS = {"amount": "Amount", "term_months": "Term"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One field that is edited in place, shown or being edited."""

    application: Application
    name: str
    label: str
    text: str
    form: ApplicationForm | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """Finding the applicant or the co-applicant: what was typed, who was found, who is chosen."""

    name: str
    label: str
    typed: str
    chosen: str
    found: list[tuple[str, str, str]]
    error: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationEdit:
    """New and edit: the form and its menus."""

    form: ApplicationForm
    application: Application | None
    action: str
    cancel_href: str
    lookups: list[Lookup]
    markets: list[tuple[str, str]]
    currencies: list[str]
    products: tuple[tuple[str, str], ...] = tuple(PRODUCT_WORDS.items())
    housings: tuple[tuple[str, str], ...] = tuple(HOUSING_WORDS.items())
    employments: tuple[tuple[str, str], ...] = tuple(EMPLOYMENT_WORDS.items())
    purposes: tuple[tuple[str, str], ...] = tuple(CONSENT_WORDS.items())
    given: list[tuple[str, str, str, str]] = field(default_factory=list[tuple[str, str, str, str]])


@dataclass(frozen=True, slots=True)
class ApplicationConflict:
    """Two people edited at once: choose field by field."""

    application: Application
    conflict: Conflict
    action: str


def consent_rows(application: Application) -> list[tuple[str, str, str, str]]:
    """Purpose, version of the text, when, where."""
    return [
        (
            CONSENT_WORDS.get(str(consent["purpose"]), "Other"),
            consent["text_version"],
            consent["given_at"],
            consent.get("channel", ""),
        )
        for consent in application.consents
    ]


def cell(application: Application, name: str, form: ApplicationForm | None = None) -> Cell:
    """One of the fields that are edited in place."""
    text = money(application.amount) if name == "amount" else f"{application.term_months} months"
    return Cell(application, name, CELLS[name], text, form)


def markets_for(scope: frozenset[str] | None) -> list[tuple[str, str]]:
    """The markets of an actor's scope, for a menu."""
    return [(code, market.name) for code, market in MARKETS.items() if scope is None or code in scope]


def currencies_for(scope: frozenset[str] | None) -> list[str]:
    """The currencies of those markets, the euro first."""
    found = {MARKETS[code].currency for code, _ in markets_for(scope)}
    return sorted(found, key=lambda currency: (currency != "EUR", currency))

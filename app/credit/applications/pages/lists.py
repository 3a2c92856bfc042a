"""The list of applications."""

from dataclasses import dataclass
from decimal import Decimal

from app.core.filters import amount
from app.core.lists import Frame
from app.credit.applications.rules import ApplicationState
from app.credit.applications.schemas import (
    PRODUCT_WORDS,
    ApplicationItem,
)

COLUMNS = (
    ("Reference", "", ""),
    ("Applicant", "", ""),
    ("Product", "", ""),
    ("Amount", "amount", "money"),
    ("Months", "term_months", "number"),
    ("Market", "", ""),
    ("State", "", ""),
    ("Payments", "", "number"),
    ("Submitted", "submitted_at", ""),
    ("Changed", "updated_at", ""),
)

ON = frozenset({ApplicationState.IN_REVIEW, ApplicationState.SCREENING})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list, as text."""

    id: str
    reference: str
    applicant: str
    product: str
    amount: str
    currency: str
    term: str
    market: str
    state: str
    tone: str
    is_on: bool
    lacks: str
    ratio: str
    submitted_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class ApplicationList:
    """The list page."""

    frame: Frame
    rows: list[Row]
    can_create: bool
    can_import: bool


def row(item: ApplicationItem) -> Row:
    """A line of the list."""
    ratio = item.affordability.payment_to_income
    lacks = len(item.missing)
    is_begun = item.state == "draft"
    return Row(
        id=item.id,
        reference=item.reference,
        applicant=item.applicant.name if item.applicant else "",
        product=PRODUCT_WORDS[item.product],
        amount=amount(item.amount),
        currency=item.amount.currency,
        term=str(item.term_months),
        market=item.market,
        state=item.state_words,
        tone="soon" if item.state == "info_requested" else "",
        is_on=item.state in ON,
        lacks=f"lacks {lacks}" if lacks and is_begun else "",
        ratio=percent(Decimal(ratio)) if ratio else "",
        submitted_at=item.submitted_at or "",
        updated_at=item.updated_at,
    )


def percent(ratio: Decimal) -> str:
    """`41.7 %`."""
    return f"{ratio * 100:,.1f} %"

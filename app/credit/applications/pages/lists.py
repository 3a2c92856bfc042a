"""The list of applications."""

from dataclasses import dataclass
from decimal import Decimal

from app.core.area import StateView
from app.core.columns import Column
from app.core.lists import Frame, RecordList
from app.credit.applications.queries import SPEC
from app.credit.applications.rules import ApplicationState
from app.credit.applications.schemas import (
    PRODUCT_WORDS,
    ApplicationItem,
)

LIST = RecordList(
    key="applications",
    title="Applications",
    path="/applications",
    spec=SPEC,
    columns=(
        Column("reference", "Reference", css="mono", is_fixed=True),
        Column("applicant", "Applicant"),
        Column("product", "Product"),
        Column("amount", "Amount", "amount", "money"),
        Column("market", "Market"),
        Column("assignee", "Assigned to"),
        Column("state", "State"),
        Column("submitted", "Submitted", "submitted_at"),
        Column("updated", "Changed", "updated_at", css="faint"),
        Column("term", "Months", "term_months", "number", is_default=False),
        Column("payments", "Payments", align="number", is_default=False),
        Column("debts", "Debt to income", align="number", is_default=False),
        Column("purpose", "Purpose", align="wide", is_default=False),
        Column("email", "E-mail", is_default=False),
        Column("phone", "Phone", css="mono", is_default=False),
        Column("channel", "Channel", is_default=False),
        Column("campaign", "Campaign", is_default=False),
        Column("due", "Information until", is_default=False),
        Column("decided", "Decided", is_default=False),
        Column("created", "Begun", "created_at", css="faint", is_default=False),
    ),
    cells="credit/applications/_cells.html",
    kind="application",
    hint="Reference, applicant, product, city, amount",
    is_selectable=True,
)
VIEWS = (
    ("All", {}),
    ("Submitted", {"state": "submitted"}),
    ("To review", {"state": "in_review"}),
    ("Waiting for information", {"state": "info_requested"}),
    ("Drafts", {"state": "draft"}),
    ("Unassigned", {"unassigned": "yes"}),
)

ON = frozenset({ApplicationState.IN_REVIEW, ApplicationState.SCREENING})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: the application, and what is said of it in words."""

    id: str
    name: str
    item: ApplicationItem
    product: str
    tone: str
    is_on: bool
    lacks: str
    payments: str
    debts: str


@dataclass(frozen=True, slots=True)
class ApplicationList:
    """The list page."""

    frame: Frame
    rows: list[Row]
    can_create: bool
    can_import: bool


def state_view(item: ApplicationItem) -> StateView:
    """The state as the list shows it."""
    return StateView(item.state_words, "soon" if item.state == "info_requested" else "", item.state in ON)


def row(item: ApplicationItem) -> Row:
    """A line of the list."""
    payments, debts = item.affordability.payment_to_income, item.affordability.debt_to_income
    lacks = len(item.missing)
    is_begun, state = item.state == "draft", state_view(item)
    return Row(
        id=item.id,
        name=item.reference,
        item=item,
        product=PRODUCT_WORDS[item.product],
        tone=state.tone,
        is_on=state.is_on,
        lacks=f"lacks {lacks}" if lacks and is_begun else "",
        payments=percent(Decimal(payments)) if payments else "",
        debts=percent(Decimal(debts)) if debts else "",
    )


def percent(ratio: Decimal) -> str:
    """`41.7 %`."""
    return f"{ratio * 100:,.1f} %"

"""Applications for credit as rows, complete by the rules of their market once they are no drafts any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

from app.cli.seeds.ids import SeededIds
from app.cli.seeds.loading import Table, table_of
from app.cli.seeds.models import Shares
from app.cli.seeds.people import company_name, names_of
from app.cli.seeds.tags import APPLICATION_TAGS
from app.cli.seeds.vehicles import RATES
from app.credit.applications.models import Application
from app.credit.applications.rules import ApplicationState, Product
from app.credit.applications.services import PREFIX
from app.kit.ids import reference_of
from app.kit.markets import MARKETS
from app.kit.money import Money

APPLICATION: Final[Table] = table_of(Application)
SERIALS_OF_A_SEED: Final = 211_000
FIRST_SERIAL: Final = 31_007

STATES: Final = Shares(
    [
        (ApplicationState.DRAFT, 8),
        (ApplicationState.SUBMITTED, 6),
        (ApplicationState.SCREENING, 5),
        (ApplicationState.IN_REVIEW, 9),
        (ApplicationState.INFO_REQUESTED, 7),
        (ApplicationState.REJECTED, 31),
        (ApplicationState.WITHDRAWN, 19),
        (ApplicationState.EXPIRED, 15),
    ]
)
PRODUCTS: Final = Shares(
    [(Product.PERSONAL_LOAN, 38), (Product.CAR_FINANCE, 27), (Product.REFINANCING, 19), (Product.CREDIT_LINE, 10)]
)
AMOUNTS_EURO: Final = {
    Product.PERSONAL_LOAN: (1_000, 15_000), Product.CAR_FINANCE: (4_000, 32_000), Product.REFINANCING: (3_000, 25_000),
    Product.CREDIT_LINE: (500, 6_000), Product.BUSINESS: (5_000, 80_000),
}  # fmt: skip
TERMS_MONTHS: Final = {
    Product.PERSONAL_LOAN: (12, 24, 36, 48, 60), Product.CAR_FINANCE: (36, 48, 60, 72), Product.REFINANCING: (36, 60,
    84),
    Product.CREDIT_LINE: (12, 24), Product.BUSINESS: (12, 24, 36, 60),
}  # fmt: skip
PURPOSES: Final = {
    Product.PERSONAL_LOAN: ("Home repairs", "Wedding", "Dental treatment", "Furniture", "Holiday", "Studies",
    "Heat pump"),
    Product.CAR_FINANCE: (
        "Used Škoda Octavia Combi", "Used Toyota Corolla", "Used Volvo V60", "New Dacia Duster", "Used Volkswagen Golf",
        "Used Kia Ceed Sportswagon", "New Renault Captur", "Used BMW X1",
    ),
    Product.REFINANCING: ("Bring three loans together", "Lower the monthly payment", "Credit card debt",
    "Instalment loans"),
    Product.CREDIT_LINE: ("Reserve for the unexpected", "Uneven income", "Moving house"),
    Product.BUSINESS: ("Working capital", "Delivery van", "Shop fittings", "Stock for the season",
    "Production machine"),
}  # fmt: skip
CHANNELS: Final = Shares([("web", 46), ("broker", 18), ("phone", 14), ("partner", 13), ("branch", 9)])
CAMPAIGNS: Final = Shares([(None, 55), ("search-brand", 18), ("newsletter", 9), ("autumn-cars", 11), ("friends", 7)])
LENDERS: Final = ("Nordbank", "Baltik Credit", "First Savings", "Hansa Finance", "Lumen Bank", "Kredito", "Union Card")
HOUSING: Final = Shares(
    [("own", 27), ("mortgage", 26), ("rent", 32), ("with_parents", 8), ("cooperative", 4), ("free", 3)]
)
EMPLOYMENT: Final = Shares([("permanent", 66), ("fixed_term", 9), ("self_employed", 9), ("business_owner", 5),
                            ("retired", 7), ("student", 3), ("unemployed", 1)])  # fmt: skip
INCOMES_EURO: Final = {"EE": 1_900, "LV": 1_600, "LT": 1_700, "PL": 1_700, "CZ": 1_700, "HR": 1_500, "ES": 1_900}
INCOME_ELSEWHERE_EURO: Final = 2_700
ITEMS: Final = (
    "Bank statement of the last six months", "Payslips of the last three months", "Copy of the employment contract",
    "Proof of address", "Annual report", "Statement of the loan to be settled", "Tax return",
    "Photo of the identity card",
)  # fmt: skip
REJECTIONS: Final = (
    "Payment remarks", "Income too low for the amount", "Debt to income above the limit",
    "Identity could not be confirmed",
    "Too short at the employer", "Earlier default with us", "Documents do not match the statement",
)  # fmt: skip
WITHDRAWALS: Final = (
    "Found another lender",
    "No longer needed",
    "Applicant cannot be reached",
    "Second application sent by mistake",
)
EXPIRY: Final = "The information that was asked for did not come in time."
REASONS: Final[Mapping[ApplicationState, tuple[str, ...]]] = {
    ApplicationState.REJECTED: REJECTIONS,
    ApplicationState.WITHDRAWN: WITHDRAWALS,
    ApplicationState.EXPIRED: (EXPIRY,),
}


@dataclass(frozen=True, slots=True)
class ApplicationNumbering:
    """What a seed decides for all its applications."""

    seed: str
    slot: int
    source: str | None
    ids: SeededIds = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", SeededIds(self.seed, "application"))

    def reference(self, number: int) -> str:
        return reference_of(PREFIX, FIRST_SERIAL + self.slot % 97 * SERIALS_OF_A_SEED + number)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Of a customer what an application needs."""

    id: str
    market: str
    is_company: bool
    name: str


def make_application(
    random: Random,
    numbering: ApplicationNumbering,
    number: int,
    now: datetime,
    applicant: Applicant,
    *,
    product: Product | None = None,
    state: ApplicationState | None = None,
    amount_euro: int | None = None,
) -> dict[str, Any]:
    """The application of this number by this applicant."""
    draw = random.random
    currency = MARKETS[applicant.market].currency
    product = product or (Product.BUSINESS if applicant.is_company else PRODUCTS.draw(draw()))
    state = state or STATES.draw(draw())
    least, most = AMOUNTS_EURO[product]
    euro = amount_euro or round((least + (most - least) * draw() ** 2.3) / 100) * 100
    amount = in_currency(euro, currency, 100)
    created_at, submitted_at, decided_at, updated_at = _times(random, state, now)
    is_asked = state in (ApplicationState.INFO_REQUESTED, ApplicationState.EXPIRED)
    is_bare = state is ApplicationState.DRAFT and draw() < 0.6
    reasons = REASONS.get(state)
    channel = CHANNELS.draw(draw())
    return {
        "id": numbering.ids.text(number),
        "version": 1,
        "created_at": created_at,
        "updated_at": updated_at,
        "reference": numbering.reference(number),
        "market": applicant.market,
        "product": product.value,
        "amount_minor": amount.minor,
        "amount_currency": currency,
        "term_months": _one(random, TERMS_MONTHS[product]),
        "purpose": _one(random, PURPOSES[product]),
        "customer_id": None if is_bare and draw() < 0.3 else applicant.id,
        "co_applicant_id": None,
        "previous_id": None,
        "household": {} if applicant.is_company else _household(random, currency),
        "employment": {}
        if applicant.is_company or is_bare
        else _employment(random, applicant.market, currency, now.date()),
        "debts": _debts(random, product, amount),
        "consents": "[]" if is_bare else _consents(created_at, channel, has_marketing=draw() < 0.4),
        "channel": channel,
        "campaign": CAMPAIGNS.draw(draw()) if channel == "web" else None,
        "tags": APPLICATION_TAGS.draw(draw()),
        "state": state.value,
        "submitted_at": submitted_at,
        "information_items": sorted({_one(random, ITEMS) for _ in range(2)}) if is_asked else "[]",
        "information_due_on": _due_on(random, state, updated_at, now.date()) if is_asked else None,
        "decided_at": decided_at,
        "decided_reason": _one(random, reasons) if reasons else None,
        "assignee_id": None,
        "created_by": None,
        "source": numbering.source,
        "source_key": str(number) if numbering.source else None,
        "source_fields": "{}",
    }


def in_currency(euro: float, currency: str, step: int) -> Money:
    """About as much in another currency, rounded to whole steps."""
    rate = RATES[currency][0]
    return Money.parse(str(max(1, round(euro * rate / step)) * step), currency)


def _times(
    random: Random, state: ApplicationState, now: datetime
) -> tuple[datetime, datetime | None, datetime | None, datetime]:
    """Created, submitted, decided and last touched; open ones are young, ended ones older."""
    draw = random.random
    is_over = state in REASONS
    age = timedelta(days=12 + draw() * 60 if is_over else 0.1 + draw() ** 2 * 16, seconds=draw() * 30_000)
    created_at = now - age
    if state is ApplicationState.DRAFT:
        return created_at, None, None, created_at + age * draw() * 0.5
    submitted_at = created_at + min(age * 0.1, timedelta(hours=draw() * 20))
    if not is_over:
        return created_at, submitted_at, None, submitted_at + (now - submitted_at) * (0.05 + draw() * 0.8)
    decided_at = submitted_at + (now - submitted_at) * (0.1 + draw() * 0.85)
    return created_at, submitted_at, decided_at, decided_at


def _due_on(random: Random, state: ApplicationState, updated_at: datetime, today: date) -> date:
    if state is ApplicationState.EXPIRED:
        return updated_at.date() - timedelta(days=1)
    return max(today, updated_at.date() + timedelta(days=2 + int(random.random() * 12)))


def _household(random: Random, currency: str) -> dict[str, Any]:
    draw = random.random
    housing = HOUSING.draw(draw())
    cost = 90 + int(draw() * 130) if housing in ("own", "with_parents", "free") else 320 + int(draw() * 620)
    return {
        "dependants": int(draw() ** 2 * 4),
        "housing": housing,
        "housing_cost": _stored(in_currency(cost, currency, 10)),
    }


def _employment(random: Random, market: str, currency: str, today: date) -> dict[str, Any]:
    draw = random.random
    kind = EMPLOYMENT.draw(draw())
    income = INCOMES_EURO.get(market, INCOME_ELSEWHERE_EURO) * (0.6 + draw() ** 1.6 * 1.3)
    facts: dict[str, Any] = {"kind": kind}
    if kind not in ("retired", "student", "unemployed"):
        families = names_of(market).family[0]
        facts["employer"] = company_name(market, families[int(draw() * len(families))], draw())
        facts["since_on"] = (today - timedelta(days=60 + int(draw() ** 2 * 6_000))).isoformat()
    facts["net_income_per_month"] = _stored(in_currency(income, currency, 10))
    return facts


def _debts(random: Random, product: Product, amount: Money) -> list[dict[str, Any]] | str:
    draw = random.random
    is_refinancing = product is Product.REFINANCING
    count = 1 + int(draw() * 3) if is_refinancing else int(draw() * 2.2) if product is not Product.BUSINESS else 0
    if not count:
        return "[]"
    found: list[dict[str, Any]] = []
    for place in range(count):
        balance = Money(max(100, int(amount.minor * (0.15 + draw() * 0.7) / count) // 100 * 100), amount.currency)
        found.append(
            {
                "lender": _one(random, LENDERS),
                "balance": _stored(balance),
                "monthly_payment": _stored(Money(max(100, balance.minor // 3_000 * 100), amount.currency)),
                "to_be_settled": is_refinancing and place < max(1, count - 1),
            }
        )
    return found


def _consents(created_at: datetime, channel: str, *, has_marketing: bool) -> list[dict[str, str]]:
    given_at = created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    purposes = ("credit_check", "personal_data", "lender_forwarding") + (("marketing",) if has_marketing else ())
    return [
        {"purpose": purpose, "text_version": "2026-03", "given_at": given_at, "channel": channel}
        for purpose in purposes
    ]


def _stored(money: Money) -> dict[str, str]:
    return {"amount": money.amount, "currency": money.currency}


def _one(random: Random, choices: Any) -> Any:
    return choices[int(random.random() * len(choices))]

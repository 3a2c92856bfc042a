"""Terms with suppliers in the JSON API, and their lines in words."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec

from app.core.values import UNSET, Day, Id, Maybe, MoneyValue, Timestamp, UnsetType
from app.kit.money import Money
from app.rental.supplier_terms.rules import Base, Margin, Model, TermsLine

PercentText = Annotated[str, msgspec.Meta(pattern=r"^\d{1,3}(\.\d{1,2})?$", examples=["12.50"])]
BASE_WORDS = {Base.TIME: "time", Base.TOTAL: "total without tax"}


class SupplierTermsLine(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What holds for classes of a pattern in a market, or in every market.

    `commission`: `commission_percent` of the `base`, which is the time charge or the total without tax. `net`: the
    price is ours; what the customer pays is that and `markup_percent` of it and `markup_per_hire`, at least
    `markup_least`, rounded up to a multiple of `step`.
    """

    EXAMPLE: ClassVar = {"pattern": "C***", "market": "EE", "model": "net", "markup_percent": "12.50", "step": "0.50"}

    pattern: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z*]{4}$", examples=["C***"])]
    model: Literal["commission", "net"]
    market: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", examples=["EE"])] | UnsetType = UNSET
    commission_percent: PercentText | UnsetType = UNSET
    base: Literal["time", "total"] | UnsetType = UNSET
    markup_percent: PercentText | UnsetType = UNSET
    markup_per_hire: MoneyValue | UnsetType = UNSET
    markup_least: MoneyValue | UnsetType = UNSET
    step: Literal["0.01", "0.50", "1.00"] | UnsetType = UNSET


class NewSupplierTerms(msgspec.Struct, forbid_unknown_fields=True):
    """What is agreed with a supplier for hires that are quoted from a day on. Clients may choose the `id`."""

    EXAMPLE: ClassVar = {
        "supplier": "nordrive",
        "valid_from": "2027-01-01",
        "lines": [{"pattern": "****", "model": "net", "markup_percent": "12.50", "step": "0.50"}],
    }

    supplier: Annotated[str, msgspec.Meta(min_length=1, max_length=32, examples=["nordrive"])]
    valid_from: date
    lines: Annotated[list[SupplierTermsLine], msgspec.Meta(min_length=1, max_length=60)]
    note: Annotated[str, msgspec.Meta(max_length=500)] | UnsetType = UNSET
    id: UUID | UnsetType = UNSET


class SupplierTermsItem(msgspec.Struct):
    """Terms with a supplier: they wait for somebody else's consent, are in force, or ended without it."""

    id: Id
    supplier: str
    supplier_name: str
    valid_from: Day
    currency: str
    state: str
    note: str
    lines: list[SupplierTermsLine]
    created_by_name: str
    agreed_by_name: str
    version: int
    created_at: Timestamp
    updated_at: Timestamp

    def __post_init__(self) -> None:
        stored: Any = self.lines
        kept = msgspec.json.decode(stored) if isinstance(stored, str) else stored
        if not any(isinstance(each, SupplierTermsLine) for each in kept):
            self.lines = [line_item(each, self.currency) for each in msgspec.convert(kept, list[TermsLine])]


class SupplierTermsAnswer(SupplierTermsItem):
    """Terms, and the approval that they wait for once they are entered."""

    approval_id: Maybe[Id] = UNSET


class SupplierTermsPage(msgspec.Struct):
    """A page of terms; `total` comes when it is asked for."""

    items: list[SupplierTermsItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]


class NewSupplierTermsTrial(msgspec.Struct, forbid_unknown_fields=True):
    """Lines to be tried on a price that a supplier asks for; `time` is the part of it that is its TIME line."""

    EXAMPLE: ClassVar = {
        "lines": [{"pattern": "****", "model": "net", "markup_percent": "12.50", "step": "0.50"}],
        "market": "EE", "class_code": "CDMR",
        "price": {"amount": "149.80", "currency": "EUR"}, "time": {"amount": "120.00", "currency": "EUR"},
    }  # fmt: skip

    lines: Annotated[list[SupplierTermsLine], msgspec.Meta(min_length=1, max_length=60)]
    market: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", examples=["EE"])]
    class_code: Annotated[str, msgspec.Meta(pattern="^[A-Za-z]{4}$", examples=["CDMR"])]
    price: MoneyValue
    time: MoneyValue | UnsetType = UNSET


class MarginItem(msgspec.Struct):
    """What a hire earns: `margin` is `retail` less `cost`, and `cost` is the supplier's `price` less `commission`.

    Without `line` no terms were in force: it is sold at the supplier's price and earns nothing.
    """

    EXAMPLE: ClassVar = {
        "price": {"amount": "149.80", "currency": "EUR"}, "retail": {"amount": "169.00", "currency": "EUR"},
        "cost": {"amount": "149.80", "currency": "EUR"}, "markup": {"amount": "19.20", "currency": "EUR"},
        "commission": {"amount": "0.00", "currency": "EUR"}, "margin": {"amount": "19.20", "currency": "EUR"},
        "line": {"pattern": "****", "model": "net", "markup_percent": "12.50", "step": "0.50"},
    }  # fmt: skip

    price: MoneyValue
    retail: MoneyValue
    cost: MoneyValue
    markup: MoneyValue
    commission: MoneyValue
    margin: MoneyValue
    terms_id: Maybe[Id] = UNSET
    line: Maybe[SupplierTermsLine] = UNSET


def margin_item(margin: Margin) -> MarginItem:
    """What a hire earns, as the API shows it."""

    def value(minor: int) -> MoneyValue:
        return MoneyValue(Money(minor, margin.currency).amount, margin.currency)

    return MarginItem(
        price=value(margin.price_minor),
        retail=value(margin.retail_minor),
        cost=value(margin.cost_minor),
        markup=value(margin.markup_minor),
        commission=value(margin.commission_minor),
        margin=value(margin.margin_minor),
        terms_id=margin.terms_id or UNSET,
        line=line_item(margin.line, margin.terms_currency) if margin.line else UNSET,
    )


def line_item(line: TermsLine, currency: str) -> SupplierTermsLine:
    """A line as the API shows it: what its model has, and nothing of the other."""
    values: dict[str, Any] = {"pattern": line.pattern, "model": line.model.value}
    values |= {"market": line.market} if line.market else {}
    if line.model is Model.COMMISSION:
        values |= {"commission_percent": plain(line.commission_percent), "base": line.base.value}
        return SupplierTermsLine(**values)
    values |= {"markup_percent": plain(line.markup_percent), "step": line.step}
    for name in ("markup_per_hire", "markup_least"):
        if minor := getattr(line, f"{name}_minor"):
            values[name] = MoneyValue(Money(minor, currency).amount, currency)
    return SupplierTermsLine(**values)


def in_words(line: TermsLine, currency: str) -> str:
    """`12.5 % commission of time`, or `net + 12.5 % + 5.00 EUR, at least 8.00 EUR, up to 0.50`."""
    if line.model is Model.COMMISSION:
        return f"{plain(line.commission_percent)} % commission of {BASE_WORDS[line.base]}"
    parts = ["net"]
    if line.markup_percent:
        parts.append(f"{plain(line.markup_percent)} %")
    if line.markup_per_hire_minor:
        parts.append(str(Money(line.markup_per_hire_minor, currency)))
    words = " + ".join(parts)
    if line.markup_least_minor:
        words += f", at least {Money(line.markup_least_minor, currency)}"
    return words if line.step == "0.01" else f"{words}, up to {line.step}"


def about(line: TermsLine) -> str:
    """`EE C***`; of every market, `C***`."""
    return f"{line.market} {line.pattern}".strip()


def plain(percent: Decimal) -> str:
    """`12.5` for 12.50, and never with an exponent."""
    return f"{percent.normalize():f}"

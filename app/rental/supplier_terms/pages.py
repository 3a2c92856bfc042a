"""Pages of terms with suppliers: what holds today, the sheets, one of them, and the editor with its trial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.core.actor import Actor
from app.core.filters import money
from app.core.values import UNSET, timestamp
from app.desk.records.services import Beside
from app.kit.markets import MARKETS
from app.rental.agreed_sheets.services import SheetHead, SheetLine, SheetWords, sheet_line
from app.rental.supplier_terms.approvals import differences
from app.rental.supplier_terms.forms import TermsForm
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.rules import ANY_CLASS, STEPS, Model, Sold, Terms
from app.rental.supplier_terms.schemas import BASE_WORDS, SupplierTermsAnswer, about, in_words, line_item
from app.rental.supplier_terms.services.selling import margin_in_words
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.rules import SEES_MARGINS as VIEW

__all__ = ["EDIT", "PATH", "VIEW"]
PATH = "/supplier-terms"
EDIT = "supplier_terms.edit"
WORDS = SheetWords(
    path=PATH,
    edit=EDIT,
    withdraw="Withdraw the terms",
    confirm="Withdraw these terms?",
    later="Nothing: a later version takes its place.",
)
TRIED = ("class_code", "price", "time")
MARKET_CHOICES = [(code, market.name) for code, market in MARKETS.items()]
MODEL_CHOICES = [(Model.NET.value, "Net, marked up"), (Model.COMMISSION.value, "Retail, commission")]
BASE_CHOICES = [(base.value, words.capitalize()) for base, words in BASE_WORDS.items()]
STEP_CHOICES = [(STEPS[0], "No rounding"), *((step, f"Up to {step}") for step in STEPS[1:])]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A supplier and what holds with it today."""

    supplier: Supplier
    sheet: SupplierTerms | None
    lines: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TermsIndex:
    """What holds today, and the latest sheets."""

    day: date
    rows: list[HeldRow]
    sheets: list[SheetLine]
    can_edit: bool
    of: Supplier | None = None


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line beside what it was before."""

    about: str
    words: str
    before: str
    has_moved: bool


@dataclass(frozen=True, slots=True)
class SheetPageView:
    """One sheet."""

    sheet: SupplierTerms
    supplier: Supplier
    head: SheetHead
    rows: list[LineRow]
    covers_all: bool
    can_edit: bool
    sees_supplier: bool
    beside: Beside
    timeline: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Effect:
    """What the lines make of the price that is tried."""

    retail: str = ""
    rows: Sequence[tuple[str, str]] = ()
    problems: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class EditLine:
    """A line of the editor: its number, and which fields it has."""

    number: int
    is_commission: bool


@dataclass(frozen=True, slots=True)
class EditPage:
    """The editor."""

    form: TermsForm
    supplier: Supplier
    lines: list[EditLine]
    effect: Effect

    markets = MARKET_CHOICES
    models = MODEL_CHOICES
    bases = BASE_CHOICES
    steps = STEP_CHOICES


def index_page(
    day: date,
    held: Sequence[tuple[Supplier, SupplierTerms | None]],
    sheets: Sequence[tuple[SupplierTerms, Supplier]],
    actor: Actor,
    of: Supplier | None = None,
) -> TermsIndex:
    """Those with terms first, by name."""
    rows = [HeldRow(supplier, sheet, lines_in_words(sheet.terms) if sheet else []) for supplier, sheet in held]
    return TermsIndex(
        day=day,
        rows=sorted(rows, key=lambda row: (row.sheet is None, row.supplier.name)),
        sheets=[sheet_line(sheet, WORDS, supplier.name) for sheet, supplier in sheets],
        can_edit=actor.may(EDIT),
        of=of,
    )


def lines_in_words(terms: Terms) -> list[tuple[str, str]]:
    """For which classes, and what."""
    return [(about(line), in_words(line, terms.currency)) for line in terms.lines]


def sheet_page(
    sheet: SupplierTerms,
    supplier: Supplier,
    before: Terms | None,
    head: SheetHead,
    actor: Actor,
    beside: Beside,
    timeline: Sequence[Any],
) -> SheetPageView:
    """One sheet beside the terms that held until it came."""
    terms = sheet.terms
    moved = differences(terms, before)
    rows = [
        LineRow(name, words, moved.get(name, (words,))[0] or "", name in moved) for name, words in lines_in_words(terms)
    ]
    rows += [LineRow(name, "", old or "", has_moved=True) for name, (old, new) in moved.items() if new is None]
    return SheetPageView(
        sheet=sheet,
        supplier=supplier,
        head=head,
        rows=rows,
        covers_all=any(line.pattern == ANY_CLASS and not line.market for line in terms.lines),
        can_edit=actor.may(EDIT),
        sees_supplier=actor.may("suppliers.view"),
        beside=beside,
        timeline=timeline,
    )


def again(supplier: Supplier) -> tuple[str, str]:
    """Where a new version with a supplier begins."""
    return "New version", f"{PATH}/new?supplier={supplier.code}"


def edit_page(form: TermsForm, supplier: Supplier, effect: Effect) -> EditPage:
    """The editor with the lines as they were typed."""
    lines = [EditLine(number, line["model"] == Model.COMMISSION) for number, line in enumerate(form.typed_lines)]
    return EditPage(form, supplier, lines, effect)


def field_of(name: str) -> str:
    """The field of the editor that a problem is about: those of the trial stand beside the lines."""
    return f"trial.{name}" if name in TRIED else name


def effect_of(sold: Sold) -> Effect:
    """What is left of a price that was tried."""
    return Effect(retail=money(sold.offer.total), rows=margin_in_words(sold.margin))


def terms_item(sheet: SupplierTerms, supplier: Supplier, approval_id: str = "") -> SupplierTermsAnswer:
    """Terms as the API shows them."""
    return SupplierTermsAnswer(
        id=str(sheet.id),
        supplier=supplier.code,
        supplier_name=supplier.name,
        valid_from=sheet.valid_from.isoformat(),
        currency=sheet.currency,
        state=sheet.state.value,
        note=sheet.note,
        lines=[line_item(line, sheet.currency) for line in sheet.terms.lines],
        created_by_name=sheet.created_by_name,
        agreed_by_name=sheet.agreed_by_name,
        version=sheet.version,
        created_at=timestamp(sheet.created_at),
        updated_at=timestamp(sheet.updated_at),
        approval_id=approval_id or UNSET,
    )

"""What the pages about invoices of suppliers show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.core.area import StateView
from app.core.columns import Column
from app.core.filters import money
from app.core.jobs.models import Job, JobState
from app.core.lists import Frame, RecordList
from app.core.values import UNSET, money_value, timestamp
from app.desk.audit_trail.services import TimelineEntry
from app.desk.records.services import Beside
from app.kit.money import Money
from app.rental.supplier_invoices.forms import DecisionForm
from app.rental.supplier_invoices.models import SupplierInvoice, SupplierInvoiceLine
from app.rental.supplier_invoices.queries import CAUSE_WORDS, LINES_SPEC, MATCH_WORDS, SPEC, STATE_WORDS, Sums
from app.rental.supplier_invoices.rules import DECIDABLE, Cause, LineState, needs_consent
from app.rental.supplier_invoices.schemas import InvoiceMatching, SupplierInvoiceItem, SupplierInvoiceLineItem
from app.rental.suppliers.models import Supplier

PATH, LINES_PATH = "/supplier-invoices", "/supplier-invoice-lines"
SHOWN_LINES = 200
FIRST_LINES = 50
"""Of an invoice on its page; all of them are in the list of lines."""
LIST = RecordList(
    key="supplier_invoices",
    title="Supplier invoices",
    path=PATH,
    spec=SPEC,
    columns=(
        Column("number", "Invoice", is_fixed=True),
        Column("supplier", "Supplier"),
        Column("market", "Market"),
        Column("issued", "Issued", "issued_on"),
        Column("lines", "Lines", align="number"),
        Column("open", "To decide", align="number"),
        Column("disputed", "Disputed", align="number"),
        Column("billed", "Billed", align="money"),
        Column("agreed", "Agreed", align="money"),
        Column("difference", "Difference", align="money"),
    ),
    cells="rental/supplier_invoices/_cells.html",
    kind="supplier_invoice",
)
LINES_LIST = RecordList(
    key="supplier_invoice_lines",
    title="Lines of supplier invoices",
    path=LINES_PATH,
    spec=LINES_SPEC,
    columns=(
        Column("line", "Line", is_fixed=True),
        Column("state", "State"),
        Column("cause", "Cause"),
        Column("billed", "Billed", align="money"),
        Column("agreed", "Agreed", align="money"),
        Column("difference", "Difference", align="money"),
        Column("reservation", "Reservation"),
        Column("matched", "Matched by"),
        Column("invoice", "Invoice"),
        Column("supplier", "Supplier"),
        Column("driver", "Driver", is_default=False),
        Column("reason", "Reason", align="wide", is_default=False),
    ),
    cells="rental/supplier_invoices/_line_cells.html",
    kind="supplier_invoice_line",
    is_selectable=True,
)
LINE_VIEWS = (
    ("All", {}),
    ("To decide", {"state": "open"}),
    ("Disputed", {"state": "disputed"}),
    ("Not explained", {"cause": "unexplained"}),
)
TONES = {LineState.OPEN: "act", LineState.DISPUTED: "soon"}
SENTENCES = {
    Cause.EXTRA_DAY: "charged for more days than agreed",
    Cause.ONE_WAY: "a one-way fee that was not agreed",
    Cause.YOUNG_DRIVER: "a fee for a young driver that was not agreed",
    Cause.TAX_BASE: "tax worked out on another base: the agreed price includes it",
    Cause.COMMISSION: "our commission is not taken off",
    Cause.CURRENCY_DATE: "exchanged at the rate of another day",
    Cause.DUPLICATE: "this reservation has been billed before",
    Cause.CANCELLED: "cancelled or never confirmed, and charged all the same",
    Cause.UNKNOWN_RESERVATION: "no reservation of ours fits",
    Cause.UNEXPLAINED: "no cause that we know makes this amount",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One invoice in the list."""

    id: str
    number: str
    supplier: str
    market: str
    issued_on: str | date
    lines: int
    open: int
    disputed: int
    billed: str
    agreed: str
    difference: str


@dataclass(frozen=True, slots=True)
class InvoiceList:
    """The list of invoices."""

    frame: Frame
    rows: list[Row]
    can_match: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line, in a list or on its invoice."""

    id: str
    name: str
    state: str
    tone: str
    is_on: bool
    cause: str
    words: str
    billed: str
    agreed: str
    difference: str
    reservation: str
    reservation_href: str
    matched: str
    invoice: str
    invoice_href: str
    supplier: str
    driver: str
    reason: str
    can_decide: bool
    needs_consent: bool


@dataclass(frozen=True, slots=True)
class LineList:
    """The list of lines, where many are decided on at once."""

    frame: Frame
    rows: list[LineRow]


@dataclass(frozen=True, slots=True)
class CauseRow:
    """What one cause makes of all differences of an invoice."""

    cause: str
    words: str
    lines: int
    total: Money
    href: str

    @property
    def amount(self) -> str:
        return money(self.total)


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    """One invoice: what is billed, what was agreed, and why they differ."""

    invoice: SupplierInvoice
    supplier: Supplier
    billed: str
    agreed: str
    difference: str
    open: int
    disputed: int
    causes: list[CauseRow]
    rows: list[LineRow]
    more: int
    can_match: bool
    job: Job | None
    """What looks at its lines again now."""
    beside: Beside
    timeline: list[TimelineEntry]


@dataclass(frozen=True, slots=True)
class MatchingPage:
    """How far the looking again is."""

    invoice: SupplierInvoice
    job: Job


@dataclass(frozen=True, slots=True)
class LineDetail:
    """One line, and what can be decided about it."""

    line: SupplierInvoiceLine
    invoice: SupplierInvoice
    supplier: Supplier
    row: LineRow
    parts: list[tuple[str, str, str]]
    """Cause, in a sentence, and what it makes of the difference."""
    can_accept: bool
    can_dispute: bool
    form: DecisionForm
    beside: Beside
    timeline: list[TimelineEntry]


@dataclass(frozen=True, slots=True)
class Letter:
    """What the supplier is told about the lines that are disputed."""

    invoice: SupplierInvoice
    supplier: Supplier
    rows: list[LineRow]
    total: str
    payable: str
    written_on: date
    lines: int
    """How many are disputed; a page holds some of them, the text all."""
    first: int = 1
    next_href: str = ""


def row(item: SupplierInvoiceItem) -> Row:
    """A line of the list of invoices."""
    billed, expected = Money(item.billed_minor, item.currency), Money(item.expected_minor, item.currency)
    return Row(
        id=item.id,
        number=item.number,
        supplier=item.supplier_name,
        market=item.market,
        issued_on=item.issued_on,
        lines=item.lines,
        open=item.open_lines,
        disputed=item.disputed_lines,
        billed=money(billed),
        agreed=money(expected),
        difference=money(Money(billed.minor - expected.minor, item.currency)),
    )


def matching_item(job: Job) -> InvoiceMatching:
    """How far a looking again is, as the API shows it."""
    return InvoiceMatching(
        id=str(job.id),
        state=job.state.value,
        done=job.progress_done,
        total=UNSET if job.progress_total is None else job.progress_total,
        changed=job.result["changed"] if job.result else UNSET,
        reason=job.last_error if job.state is JobState.DEAD and job.last_error else UNSET,
    )


def invoice_item(
    invoice: SupplierInvoice, supplier: Supplier, lines: Sequence[SupplierInvoiceLine]
) -> SupplierInvoiceItem:
    """An invoice as the list reads it."""
    return SupplierInvoiceItem(
        id=str(invoice.id),
        supplier=supplier.code,
        supplier_name=supplier.name,
        number=invoice.number,
        market=invoice.market,
        issued_on=invoice.issued_on.isoformat(),
        currency=invoice.currency,
        lines=len(lines),
        open_lines=sum(line.state is LineState.OPEN for line in lines),
        disputed_lines=sum(line.state is LineState.DISPUTED for line in lines),
        billed_minor=sum(line.amount_minor for line in lines),
        expected_minor=sum(line.expected_minor for line in lines),
        version=invoice.version,
        created_at=timestamp(invoice.created_at),
        updated_at=timestamp(invoice.updated_at),
    )


def state_view(state: str) -> StateView:
    """A state as lists show it."""
    known = LineState(state)
    return StateView(STATE_WORDS[state], TONES.get(known, ""), known in (LineState.AGREED, LineState.ACCEPTED))


def line_row(item: SupplierInvoiceLineItem, *, can_match: bool = False) -> LineRow:
    """A line as the list reads it."""
    state = state_view(item.state)
    cause = item.cause if isinstance(item.cause, str) else ""
    return LineRow(
        id=item.id,
        name=item.supplier_number or item.our_reference or item.driver,
        state=state.words,
        tone=state.tone,
        is_on=state.is_on,
        cause=CAUSE_WORDS[cause] if cause else "",
        words=SENTENCES[Cause(cause)] if cause else "",
        billed=money(item.amount),
        agreed=money(item.expected),
        difference=money(money_value(item.difference_minor, item.amount.currency)),
        reservation=item.reservation if isinstance(item.reservation, str) else "",
        reservation_href=_reservation(item.reservation_id),
        matched=MATCH_WORDS[item.matched_by],
        invoice=item.invoice_number,
        invoice_href=f"{PATH}/{item.invoice_id}",
        supplier=item.supplier,
        driver=item.driver,
        reason=item.reason,
        can_decide=can_match and LineState(item.state) in DECIDABLE,
        needs_consent=needs_consent(item.difference_minor, item.amount.currency),
    )


def _reservation(reservation_id: object) -> str:
    return f"/supplier-reservations/{reservation_id}" if isinstance(reservation_id, str) else ""


def causes_of(totals: Sequence[tuple[Cause, int, int]], invoice_id: object, currency: str) -> list[CauseRow]:
    """What each cause comes to; lines of other currencies are told by themselves on their pages."""
    return [
        CauseRow(
            cause.value,
            CAUSE_WORDS[cause.value],
            lines,
            Money(minor, currency),
            f"{LINES_PATH}?invoice={invoice_id}&cause={cause.value}",
        )
        for cause, lines, minor in totals
    ]


def parts_of(line: SupplierInvoiceLine) -> list[tuple[str, str, str]]:
    """The difference in words, cause by cause."""
    return [
        (CAUSE_WORDS[part.cause.value], SENTENCES[part.cause], money(Money(part.minor, line.currency)))
        for part in line.explained
    ]


def sum_of(sums: Mapping[LineState, Sums], *states: LineState) -> Sums:
    """Lines of some states together, of all without any."""
    chosen = [each for state, each in sums.items() if not states or state in states]
    return Sums(*(sum(values) for values in zip(*chosen, strict=True))) if chosen else Sums()


def letter(
    invoice: SupplierInvoice,
    supplier: Supplier,
    sums: Mapping[LineState, Sums],
    rows: list[LineRow],
    *,
    written_on: date,
) -> Letter:
    """The letter with some of its lines; what it comes to is of all of them."""
    disputed = sum_of(sums, LineState.DISPUTED)
    fine = sum_of(sums, LineState.ACCEPTED, LineState.AGREED)
    return Letter(
        invoice=invoice,
        supplier=supplier,
        rows=rows,
        total=money(Money(disputed.billed_minor - disputed.expected_minor, invoice.currency)),
        payable=money(Money(fine.billed_minor + disputed.expected_minor, invoice.currency)),
        written_on=written_on,
        lines=disputed.lines,
    )


def letter_text(letter: Letter) -> str:
    """The letter as plain text."""
    lines = [
        f"To {letter.supplier.name}",
        f"Your invoice {letter.invoice.number} of {letter.invoice.issued_on}",
        f"Written on {letter.written_on}",
        "",
        "We do not accept the following lines as billed:",
        "",
    ]
    for each in letter.rows:
        about = f" (our {each.reservation})" if each.reservation else ""
        lines.append(f"- {each.name}{about}: billed {each.billed}, agreed {each.agreed}, difference {each.difference}")
        lines.append(f"  {each.cause}: {each.words}. {each.reason}".rstrip())
    lines += ["", f"In dispute: {letter.total}. We shall pay {letter.payable}.", "Please send a corrected invoice."]
    return "\n".join(lines) + "\n"

"""Invoices for hires that were sold by terms: what we owe is the net price, or retail less our commission."""

import csv
import io
import tomllib
from decimal import Decimal

import pytest

from app.core.actor import SYSTEM
from app.core.importing import Import, ImportRow, Result
from app.kit.money import Money
from app.rental.bookings import services as bookings
from app.rental.bookings.rules import BookingState
from app.rental.supplier_invoices import queries, services
from app.rental.supplier_invoices.importers import LINES
from app.rental.supplier_invoices.rules import Cause, LineState, MatchedBy
from app.rental.supplier_terms.rules import Base, Model, TermsLine
from app.settings import ROOT
from tests.factories.rental import HOURS, make_location
from tests.rental.bookings.conftest import Counter

MAPPING = tomllib.loads((ROOT / "docs" / "mappings" / "sandbox-supplier.toml").read_text())
NET = TermsLine("****", Model.NET, markup_percent=Decimal(20), markup_per_hire_minor=300, step="0.50")
SHARES = [
    TermsLine("****", Model.COMMISSION, commission_percent=Decimal(15), base=base) for base in (Base.TOTAL, Base.TIME)
]


@pytest.fixture
async def counter(session, database, partners, settings_here, companies):
    await make_location(session, "TLL", opening_hours=HOURS)
    return Counter(session, database, partners, settings_here, companies)


class Sold:
    """A confirmed booking of a supplier's car, and what it earns."""

    @classmethod
    async def by(cls, counter, code, line):
        made = cls()
        await counter.book(code, line=line)
        assert await counter.settle() is BookingState.CONFIRMED
        made.booking, made.reference = await counter.booking(), counter.reference
        made.margin = await bookings.find_margin(counter.session, made.booking)
        return made


async def bill(counter, *hires, kind="right", less=()):
    """The company's own file of these hires, each wrong as `kind` says, with `less` taken off; imported as it came."""
    code = counter.supplier.code
    text = counter.company.invoice(f"{code}-{kind}", "EE", kind)
    references = [hire.reference for hire in hires]
    rows = []
    for number, line in enumerate(csv.DictReader(io.StringIO(text)), 1):
        if line["Your reference"] not in references:
            continue
        off = less[references.index(line["Your reference"])] if less else 0
        line["Total"] = Money(Money.parse(line["Total"], "EUR").minor - off, "EUR").amount
        cells = {field: line[column] for column, field in MAPPING["fields"].items()}
        values, problems = LINES.prepare({**cells, "supplier": code, "market": "EE"})
        assert problems == []
        rows.append(ImportRow(number, str(number), values, {}))
    saved = await Import(counter.database, LINES, "invoice", "invoice.csv", SYSTEM).save(rows)
    assert [each.result for each in saved] == [Result.CREATED] * len(hires)
    return f"{code}-{kind}"


async def lines_of(session, supplier, number):
    invoice = await queries.find_by_number(session, supplier.id, number)
    found = {line.our_reference: line for line in await queries.list_lines(session, invoice.id)}
    assert {line.matched_by for line in found.values()} == {MatchedBy.NUMBER}
    return found


class TestCommission:
    @pytest.mark.parametrize("share", SHARES, ids=lambda line: line.base.value)
    async def test_what_is_owed_is_retail_less_our_commission(self, counter, session, share):
        right, gross = [await Sold.by(counter, "baltic", share) for _ in range(2)]
        assert right.margin.commission_minor > 0
        assert right.booking.total.minor == right.margin.price_minor
        off = (right.margin.commission_minor, 0)
        number = await bill(counter, right, gross, less=off)
        found = await lines_of(session, counter.supplier, number)
        agreed, wrong = found[right.reference], found[gross.reference]
        assert (agreed.state, agreed.cause) == (LineState.AGREED, None)
        assert agreed.amount_minor == agreed.expected_minor == right.margin.cost_minor
        assert (wrong.state, wrong.cause, wrong.expected_minor) == (
            LineState.OPEN, Cause.COMMISSION, gross.margin.cost_minor,
        )  # fmt: skip
        assert wrong.parts == [{"cause": "commission", "minor": gross.margin.commission_minor}]
        accepted = await services.accept_line(session, wrong.id, reason="They pay it back in January", actor=SYSTEM)
        assert (accepted.waits, accepted.line.state) == (None, LineState.ACCEPTED)

    async def test_a_day_too_many_is_told_apart_from_the_commission_that_is_not_taken_off(self, counter, session):
        hire = await Sold.by(counter, "baltic", SHARES[1])
        number = await bill(counter, hire, kind="extra_day")
        line = (await lines_of(session, counter.supplier, number))[hire.reference]
        assert line.expected_minor == hire.margin.cost_minor
        assert [part["cause"] for part in line.parts] == ["extra_day", "commission"]
        assert sum(part["minor"] for part in line.parts) == line.amount_minor - line.expected_minor
        disputed = await services.dispute_line(session, line.id, reason="Back on time", actor=SYSTEM)
        assert (disputed.state, disputed.cause) == (LineState.DISPUTED, Cause.EXTRA_DAY)

    async def test_a_day_too_many_with_its_commission_taken_off_is_a_day_too_many(self, counter, session):
        hire = await Sold.by(counter, "baltic", SHARES[1])
        number = await bill(counter, hire, kind="extra_day", less=[_of_four_days(hire)])
        line = (await lines_of(session, counter.supplier, number))[hire.reference]
        assert (line.expected_minor, [part["cause"] for part in line.parts]) == (
            hire.margin.cost_minor, ["extra_day"],
        )  # fmt: skip


def _of_four_days(hire):
    """The commission on time of a hire of three days that became one of four."""
    return hire.margin.commission_minor * 4 // 3


class TestNet:
    async def test_what_is_owed_is_the_net_price_whatever_the_customer_pays(self, counter, session, api_for):
        right, taxed = [await Sold.by(counter, "nordrive", NET) for _ in range(2)]
        assert right.booking.total.minor - right.margin.price_minor == right.margin.markup_minor > 0
        number = await bill(counter, right)
        line = (await lines_of(session, counter.supplier, number))[right.reference]
        assert (line.state, line.cause) == (LineState.AGREED, None)
        assert line.amount_minor == line.expected_minor == right.margin.cost_minor == right.margin.price_minor
        number = await bill(counter, taxed, kind="tax_base")
        line = (await lines_of(session, counter.supplier, number))[taxed.reference]
        assert (line.state, line.cause, line.expected_minor) == (
            LineState.OPEN, Cause.TAX_BASE, taxed.margin.cost_minor,
        )  # fmt: skip
        await session.commit()
        clerk = await api_for("fleet_clerk")
        reason = {"reason": "Tax is within the price"}
        disputed = (await clerk.post(f"/supplier-invoice-lines/{line.id}/dispute", json=reason)).json()
        assert (disputed["state"], disputed["cause"]) == ("disputed", "tax_base")
        assert disputed["expected"]["amount"] == Money(taxed.margin.cost_minor, "EUR").amount

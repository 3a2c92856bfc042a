"""A real invoice: what the sandbox's company bills of its own record, read by the mapping that we give for it."""

import csv
import io
import tomllib

import pytest

from app.core.actor import SYSTEM
from app.core.importing import Import, ImportRow, Result
from app.rental.supplier_invoices import queries
from app.rental.supplier_invoices.importers import LINES
from app.rental.supplier_invoices.rules import Cause, LineState, MatchedBy
from app.rental.suppliers.models import SupplierReservation
from app.rental.suppliers.services import reservations
from app.rental.suppliers.services.reservations import Intent
from app.rental.suppliers.services.searching import Wanted, plan_search, search
from app.rental.suppliers.services.settling import settle
from app.settings import ROOT
from tests.factories.rental import make_location
from tests.factories.suppliers import make_supplier
from tests.rental.suppliers.hires import next_hire

MAPPING = ROOT / "docs" / "mappings" / "sandbox-supplier.toml"


@pytest.fixture
async def reserved(session, database, partners, settings_here, companies):
    """Four hires with the company, confirmed."""
    await make_location(session, "TLL")
    supplier = await make_supplier(session, settings_here, "baltic", {"TLLA01": "TLL"})
    made = []
    for _ in range(4):
        pickup, back = next_hire()
        plan = await plan_search(session, settings_here, Wanted("TLL", pickup, "TLL", back, 35), SYSTEM)
        await session.commit()
        found = (await search(partners, plan)).offers[0]
        intent = Intent(supplier.id, "EE", "TLL", "TLL", "Europe/Tallinn", found.hire, found.offer, "Kask", "Mari")
        kept = await reservations.submit_reservation(session, intent, expected=found.offer.total, actor=SYSTEM)
        await session.commit()
        await settle(database, partners, settings_here, kept.id)
        made.append(kept.id)
    return made


def rows_of(text: str, references: set[str]) -> list[ImportRow]:
    """The lines about these references, and that of nobody, as the mapping reads them."""
    mapping = tomllib.loads(MAPPING.read_text())
    found = []
    for number, line in enumerate(csv.DictReader(io.StringIO(text)), 1):
        if line["Your reference"] not in references | {""}:
            continue
        cells = {field: line[column] for column, field in mapping["fields"].items()} | mapping["constants"]
        values, problems = LINES.prepare({name: cell for name, cell in cells.items() if cell})
        assert problems == []
        found.append(ImportRow(number, str(number), values, {}))
    return found


async def test_every_wrong_line_is_explained(session, database, companies, reserved):
    references = {(await session.get(SupplierReservation, each)).reference for each in reserved}
    everything = companies["baltic"].invoice("B-1", "EE", "right")
    skipped = sum(line["Your reference"] not in references for line in csv.DictReader(io.StringIO(everything))) - 1
    kinds = ["right", "extra_day", "tax_base", "duplicate"]
    turned = kinds[-skipped % 4 :] + kinds[: -skipped % 4] if skipped % 4 else kinds
    text = companies["baltic"].invoice("B-1", "EE", *turned)
    rows = rows_of(text, references)
    work = Import(database, LINES, "invoice", "invoice.csv", SYSTEM)
    assert {each.result for each in await work.save(rows)} == {Result.CREATED}
    invoice = await queries.find_by_number(
        session, (await session.get(SupplierReservation, reserved[0])).supplier_id, "B-1"
    )
    lines = await queries.list_lines(session, invoice.id)
    assert len(lines) == 6
    assert sorted(str(line.cause) for line in lines) == sorted(
        ["None", "None", Cause.EXTRA_DAY, Cause.TAX_BASE, Cause.DUPLICATE, Cause.UNKNOWN_RESERVATION]
    )
    assert {line.matched_by for line in lines} == {MatchedBy.NUMBER, MatchedBy.NOTHING}
    assert all((line.state is LineState.AGREED) == (line.cause is None) for line in lines)
    again = await work.save(rows)
    assert {each.result for each in again} == {Result.REFUSED}
    assert "imported before" in again[0].problems[0].detail

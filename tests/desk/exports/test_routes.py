"""Lists in files: exactly the list, at once or by the worker, for their maker alone."""

import csv
import io
from datetime import date, datetime

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text

from app.core.audit import AuditEntry
from app.desk.exports import rules, tasks
from app.desk.exports.models import Export
from app.desk.notifications.models import Notification
from app.kit.money import Money
from app.rental.vehicles.models import Vehicle
from tests.factories.desk import make_customer
from tests.factories.rental import make_location, make_vehicle

SHOWN = ["plate", "vehicle", "day_price", "updated"]


async def take(client, file="csv shown", *, query="", ids=(), columns=SHOWN, kind="vehicle"):
    form = {"kind": kind, "query": query, "file": file, "column": columns, "id": [str(one) for one in ids]}
    return await client.post("/exports", data=form | ({} if ids else {"all": "true"}))


def lines_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.fixture
async def fleet(session):
    await make_location(session, "TLL")
    cars = [
        await make_vehicle(session, plate="AAA 1", make="=cmd|'/c calc'!A1", model="+1", location="TLL"),
        await make_vehicle(session, plate="AAA 2", make='Say "hello", twice', model="@sum\tup", day_price=None),
        await make_vehicle(session, plate="AAA 3", make="Škoda", day_price=Money(123456, "EUR")),
    ]
    await session.commit()
    return cars


class TestAtOnce:
    async def test_is_the_list_with_its_order_filters_and_columns(self, client_for, fleet, data_dir):
        clerk = await client_for("fleet_clerk")
        answer = await take(clerk, query="sort=-plate&state=in_service&cursor=x&limit=1")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"].startswith('attachment; filename="vehicle-')
        lines = lines_of(answer)
        assert lines[0] == ["Plate", "Make", "Model", "Day price", "Day price: currency", "Changed (UTC)"]
        assert [line[0] for line in lines[1:]] == ["AAA 3", "AAA 2", "AAA 1"]
        assert lines[1][3:5] == ["1234.56", "EUR"]
        assert lines[2][3:5] == ["", ""]

    async def test_is_well_formed_and_no_spreadsheet_runs_it(self, client_for, fleet, data_dir):
        clerk = await client_for("fleet_clerk")
        answer = await take(clerk, query="sort=plate")
        assert not answer.content.startswith(b"\xef\xbb\xbf")
        assert answer.content.count(b"\r\n") == 4
        lines = lines_of(answer)
        assert lines[1][1:3] == ["'=cmd|'/c calc'!A1", "'+1"]
        assert lines[2][1:3] == ['Say "hello", twice', "'@sum\tup"]
        assert (await take(clerk, "csv-marked shown")).content.startswith(b"\xef\xbb\xbf")

    async def test_a_workbook_has_real_numbers_and_moments(self, client_for, fleet, data_dir, tmp_path):
        clerk = await client_for("fleet_clerk")
        answer = await take(clerk, "xlsx shown", query="sort=plate")
        path = tmp_path / "list.xlsx"
        path.write_bytes(answer.content)
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        assert rows[0][3] == "Day price"
        assert rows[1][1] == "=cmd|'/c calc'!A1", "a cell of text is no formula"
        assert rows[3][3] == 1234.56
        assert isinstance(rows[3][5], datetime)
        assert list((data_dir / "exports").iterdir()) == []

    async def test_only_what_was_ticked_with_every_column(self, client_for, fleet, data_dir):
        clerk = await client_for("fleet_clerk")
        lines = lines_of(await take(clerk, "csv all", ids=[fleet[0].id, fleet[2].id], query="sort=plate"))
        assert [line[0] for line in lines[1:]] == ["AAA 1", "AAA 3"]
        assert len(lines[0]) > 25
        assert "VIN" in lines[0]

    async def test_nothing_outside_the_scope(self, client_for, session, fleet, data_dir):
        await make_vehicle(session, plate="LVA 1", market="LV")
        await session.commit()
        latvian = await client_for("fleet_clerk", markets=["LV"])
        assert [line[0] for line in lines_of(await take(latvian))[1:]] == ["LVA 1"]

    async def test_numbers_of_identity_are_masked_as_on_the_page(self, client_for, session, data_dir):
        await make_customer(session, born_on=date(1990, 4, 1), identity_number="38001085718")
        await session.commit()
        officer = await client_for("credit_officer")
        answer = await take(officer, "csv all", kind="customer")
        assert "38001085718" not in answer.text
        assert "Identity number" in answer.text

    async def test_is_audited(self, client_for, session, fleet, data_dir):
        clerk = await client_for("fleet_clerk")
        await take(clerk, query="state=in_service")
        entry = (await session.execute(select(AuditEntry).where(AuditEntry.action == "export.made"))).scalar_one()
        assert entry.actor_id == clerk.staff.id
        assert entry.facts["filters"] == "state=in_service"
        assert (entry.facts["rows"], entry.facts["format"]) == (3, "csv")

    @pytest.mark.parametrize(
        ("role", "kind", "status"),
        [
            ("engineer", "vehicle", 403),
            ("credit_officer", "vehicle", 200),
            ("fleet_clerk", "application", 403),
            ("auditor", "vehicle", 200),
            ("admin", "job", 404),
            ("admin", "nothing", 404),
        ],
    )
    async def test_only_lists_that_one_may_see(self, client_for, fleet, data_dir, role, kind, status):
        somebody = await client_for(role)
        assert (await take(somebody, kind=kind)).status_code == status

    async def test_nothing_or_nonsense_is_refused_with_a_sentence(self, client_for, fleet, data_dir):
        clerk = await client_for("fleet_clerk")
        nothing = await take(clerk, query="make=Nobody")
        assert nothing.status_code == 422
        assert "nothing to export" in nothing.text
        assert (await take(clerk, "pdf shown")).status_code == 400
        assert (await take(clerk, query="colours=red")).status_code == 400

    async def test_free_text_without_its_engine_gives_no_part_of_the_list(self, client_for, fleet, data_dir):
        clerk = await client_for("fleet_clerk")
        assert (await take(clerk, query="q=skoda")).status_code == 503


class TestByTheWorker:
    @pytest.fixture
    def two_at_once(self, monkeypatch):
        """Three rows are a long list."""
        monkeypatch.setattr(rules, "STREAMED_ROWS", 2)

    @pytest.fixture
    async def many(self, session, fleet):
        """20,000 more of the third car."""
        names = [column.name for column in Vehicle.__table__.columns if column.computed is None]
        taken = {"id": "UUID()", "plate": "NULL", "plate_key": "NULL", "fleet_number": "NULL", "vin": "NULL"}
        values = ", ".join(taken.get(name, f"v.{name}") for name in names)
        await session.execute(
            text(
                f"INSERT INTO vehicle ({', '.join(names)}) SELECT {values} FROM vehicle v, seq_1_to_20000 "
                "WHERE v.plate_key = 'AAA3'"
            )
        )
        await session.commit()

    async def test_long_lists_become_a_file_that_is_fetched(self, client_for, session, many, data_dir, work):
        clerk = await client_for("fleet_clerk")
        answer = await take(clerk, query="make=Škoda")
        assert answer.status_code == 303
        address = answer.headers["location"]
        assert 'data-poll="1000"' in (await clerk.get(address)).text
        assert (await clerk.get(f"{address}/file")).status_code == 409
        assert (await work())[-1] == (20_001, 20_001)
        assert "data-poll" not in (await clerk.get(address)).text
        fetched = await clerk.get(f"{address}/file")
        assert fetched.headers["content-disposition"].startswith("attachment")
        assert len(lines_of(fetched)) == 20_002
        (kept,) = (data_dir / "exports").iterdir()
        assert kept.stat().st_mode & 0o777 == 0o600

    async def test_workbooks_too(self, client_for, session, two_at_once, fleet, data_dir, work, tmp_path):
        clerk = await client_for("fleet_clerk")
        address = (await take(clerk, "xlsx shown")).headers["location"]
        await work()
        told = (await session.execute(select(Notification))).scalar_one()
        assert (told.recipient_id, told.kind, told.href) == (clerk.staff.id, "export.written", address)
        (tmp_path / "f").write_bytes((await clerk.get(f"{address}/file")).content)
        assert CalamineWorkbook.from_path(tmp_path / "f").get_sheet_by_index(0).height == 4

    async def test_only_its_maker_fetches_it_and_only_for_a_day(
        self, client_for, session, two_at_once, fleet, data_dir, work
    ):
        clerk, admin = await client_for("fleet_clerk"), await client_for("admin")
        address = (await take(clerk)).headers["location"]
        await work()
        assert (await admin.get(address)).status_code == 404
        assert (await admin.get(f"{address}/file")).status_code == 404
        assert (await clerk.get(f"{address}/file")).status_code == 200
        await session.execute(text("UPDATE export SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"))
        await session.commit()
        assert (await clerk.get(f"{address}/file")).status_code == 404
        await work(tasks.FORGET)
        assert list((data_dir / "exports").iterdir()) == []
        assert "has been deleted" in (await clerk.get(address)).text

    async def test_rights_that_were_lost_meanwhile_end_it(
        self, client_for, session, two_at_once, fleet, data_dir, work
    ):
        clerk = await client_for("fleet_clerk")
        address = (await take(clerk)).headers["location"]
        await session.execute(text("UPDATE staff SET is_disabled = TRUE WHERE id = :id"), {"id": clerk.staff.id.hex})
        await session.commit()
        await work()
        export = (await session.execute(select(Export))).scalar_one()
        assert export.state == "failed"
        assert "disabled" in export.reason
        told = (await session.execute(select(Notification))).scalar_one()
        assert (told.title, told.body) == ("Not written: Vehicles as CSV", export.reason)
        assert list((data_dir / "exports").iterdir()) == []
        assert (await clerk.get(address)).status_code in (303, 401)

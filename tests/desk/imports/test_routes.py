"""The way of a file through the pages: upload, columns, check, import, correction."""

import re
from html import unescape
from io import BytesIO
from uuid import UUID

import pytest
import xlsxwriter
from sqlalchemy import func, select, text

from app.core.audit import AuditEntry
from app.core.events import OutboxEvent
from app.desk.imports.models import ImportRun, StagedRow
from app.rental.vehicles.models import Vehicle
from tests.factories.rental import make_vehicle

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}
HEADERS = "Id,Brand,Odometer,Gearbox,Owner phone,Fitted GPS\n"
ROWS = (
    "1,Škoda,12000,Automatic,+372 5551 0001,yes\n"
    "2,Audi,-5,Manual,+372 5551 0002,no\n"
    "3,=cmd|calc,77000,Manual,+372 5551 0003,perhaps\n"
)
COLUMNS = ["Id", "Brand", "Odometer", "Gearbox", "Owner phone", "Fitted GPS"]
TARGETS = {
    "target.0": "",
    "target.1": "make",
    "target.2": "odometer_km",
    "target.3": "transmission",
    "target.4": "!secret",
    "target.5": "flag:equipment:navigation",
    "constant.market": "EE",
    "row_key": "Id",
    "source": "Cars of May",
}


async def upload(client, content, *, name="cars.csv", kind="vehicles", **headers):
    return await client.post("/imports", data={"kind": kind}, files={"file": (name, content)}, headers=headers)


def run_id_of(answer) -> UUID:
    assert answer.status_code in (303, 204), unescape(answer.text)
    address = answer.headers.get("location") or answer.headers["hx-redirect"]
    return UUID(address.split("/")[2])


async def checked(client, work, content=HEADERS + ROWS, targets=TARGETS, name="cars.csv"):
    run_id = run_id_of(await upload(client, content.encode() if isinstance(content, str) else content, name=name))
    answer = await client.post(f"/imports/{run_id}/mapping", data=targets)
    assert answer.status_code == 303, unescape(answer.text)
    assert await work() == 1
    return run_id


async def count(session, model) -> int:
    return (await session.execute(select(func.count()).select_from(model))).scalar_one()


def workbook(rows) -> bytes:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


class TestUpload:
    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "The file is empty"),
            (b"Id,Make\n", "The file has headers and no rows"),
            (b"%PDF-1.7\x00\x81\x8d\x8f", "neither UTF-8 nor Windows-1252"),
            (b"PK\x03\x04nonsense", "not a workbook that can be read"),
            (b"Id,Make\n1,2,3\n", "Row 2 has 3 cells, the headers are 2"),
        ],
    )
    async def test_what_is_no_table_is_refused_and_not_kept(self, client_for, data_dir, content, sentence):
        clerk = await client_for("fleet_clerk")
        answer = await upload(clerk, content, **PARTIAL)
        assert answer.status_code == 422
        assert sentence in unescape(answer.text)
        assert answer.text.lstrip().startswith('<form id="upload-form"')
        assert not list((data_dir / "imports").iterdir())

    async def test_without_a_file_says_so(self, client_for, data_dir):
        clerk = await client_for("fleet_clerk")
        answer = await clerk.post("/imports", data={"kind": "vehicles"}, files={"other": b""})
        assert answer.status_code == 422
        assert "Choose a CSV or XLSX file" in answer.text

    async def test_the_file_lies_under_our_name_for_its_owner_alone(self, client_for, data_dir):
        clerk = await client_for("fleet_clerk")
        run_id = run_id_of(await upload(clerk, (HEADERS + ROWS).encode(), name="../../evil.csv"))
        path = data_dir / "imports" / f"{run_id}.upload"
        assert path.stat().st_mode & 0o777 == 0o600
        assert "evil.csv" in (await clerk.get(f"/imports/{run_id}/mapping")).text

    async def test_more_than_50_mb_is_refused(self, client_for, data_dir, monkeypatch):
        monkeypatch.setattr("app.desk.imports.adapters.MAX_UPLOAD_BYTES", 1000)
        clerk = await client_for("fleet_clerk")
        answer = await upload(clerk, (HEADERS + ROWS * 20).encode())
        assert answer.status_code == 422
        assert "larger than 50 MB" in answer.text
        assert not list((data_dir / "imports").iterdir())

    async def test_files_beyond_the_ordinary_limit_pass(self, client_for, data_dir):
        clerk = await client_for("fleet_clerk")
        assert (await upload(clerk, (HEADERS + ROWS * 30_000).encode())).status_code == 303

    @pytest.mark.parametrize("role", ["credit_officer", "auditor"])
    async def test_only_those_who_may_import_the_kind(self, client_for, data_dir, role):
        somebody = await client_for(role)
        assert (await upload(somebody, (HEADERS + ROWS).encode())).status_code == 403
        assert (await somebody.get("/imports/new?kind=vehicles")).status_code == 403


class TestMapping:
    async def test_proposes_by_name_and_shows_first_values(self, client_for, data_dir):
        clerk = await client_for("fleet_clerk")
        run_id = run_id_of(await upload(clerk, b"ID,Make,Colour,Note\n7,Audi,red,hello\n"))
        page = (await clerk.get(f"/imports/{run_id}/mapping")).text
        assert re.search(r'name="target\.1".*?value="make" selected', page, re.DOTALL)
        assert re.search(r'value="ID" selected', page)
        assert "hello" in page

    async def test_what_is_missing_or_wrong_is_told(self, client_for, data_dir):
        clerk = await client_for("fleet_clerk")
        run_id = run_id_of(await upload(clerk, (HEADERS + ROWS).encode()))
        targets = TARGETS | {"target.2": "make", "constant.market": "", "target.5": "nonsense"}
        answer = await clerk.post(f"/imports/{run_id}/mapping", data=targets, headers=PARTIAL)
        page = unescape(answer.text)
        assert answer.status_code == 422
        assert "fills make from two columns, 'Brand' and 'Odometer'" in page
        assert "Market is needed" in page
        assert "names the field 'nonsense', which does not exist" in page

    async def test_is_remembered_for_the_next_file_of_these_columns(self, client_for, data_dir, work):
        clerk = await client_for("fleet_clerk")
        await checked(clerk, work)
        run_id = run_id_of(await upload(clerk, (HEADERS + "9,Fiat,1,manual,,no\n").encode(), name="june.csv"))
        page = (await clerk.get(f"/imports/{run_id}/mapping")).text
        assert re.search(r'name="target\.2".*?value="odometer_km" selected', page, re.DOTALL)
        assert 'value="cars-of-may"' in page


class TestCheck:
    async def test_shows_what_would_happen_and_changes_nothing(self, client_for, session, data_dir, work):
        clerk = await client_for("fleet_clerk")
        before = await count(session, Vehicle), await count(session, OutboxEvent)
        run_id = await checked(clerk, work)
        page = unescape((await clerk.get(f"/imports/{run_id}")).text)
        assert "Between 0 and 2,000,000 (the cell says -5)" in page
        assert "Not yes or no: perhaps" in page
        assert "Fitted GPS" in page
        assert "Import 1 row<" in page
        assert work.told == [(3, 3)]
        session.expire_all()
        told = 2  # import.uploaded, and the signal that its owner has a notification
        assert (await count(session, Vehicle), await count(session, OutboxEvent) - told) == before

    async def test_a_workbook_gives_what_the_csv_gives(self, client_for, session, data_dir, work):
        clerk = await client_for("fleet_clerk")
        rows = [line.split(",") for line in (HEADERS + ROWS).splitlines()]
        typed = [rows[0], *([int(row[0]), row[1], int(row[2]), row[3], row[4], row[5]] for row in rows[1:])]
        one = await checked(clerk, work)
        other = await checked(clerk, work, workbook(typed), name="cars.xlsx")
        staged = [
            [
                (row.number, row.row_key, row.cells, row.result, row.refusals)
                for row in (await session.execute(select(StagedRow).where(StagedRow.run_id == run_id))).scalars()
            ]
            for run_id in (one, other)
        ]
        assert staged[0] == staged[1]
        assert len(staged[0]) == 3

    async def test_rows_of_a_key_that_was_there_already_are_refused(self, client_for, data_dir, work):
        clerk = await client_for("fleet_clerk")
        run_id = await checked(clerk, work, HEADERS + "1,Audi,1,manual,,no\n1,Fiat,2,manual,,no\n")
        page = unescape((await clerk.get(f"/imports/{run_id}")).text)
        assert "The same key as row 2: 1" in page

    async def test_a_fault_in_the_middle_of_the_file_is_told(self, client_for, data_dir, work):
        clerk = await client_for("fleet_clerk")
        run_id = await checked(clerk, work, HEADERS + "1,Audi,1,manual,,no\n" * 30 + "1,2,3,4,5,6,7\n")
        page = unescape((await clerk.get(f"/imports/{run_id}")).text)
        assert "Row 32 has 7 cells" in page
        assert "Map the columns" in page


class TestImport:
    async def test_saves_through_the_service_with_a_reason_and_only_once(self, client_for, session, data_dir, work):
        clerk = await client_for("fleet_clerk")
        run_id = await checked(clerk, work)
        assert (await clerk.post(f"/imports/{run_id}/confirmation")).status_code == 303
        running = (await clerk.get(f"/imports/{run_id}")).text
        assert 'data-poll="1000"' in running
        await work()
        page = unescape((await clerk.get(f"/imports/{run_id}")).text)
        assert "data-poll" not in page
        assert f"/imports/{run_id}/refused" in page
        found = (await session.execute(select(Vehicle).where(Vehicle.source == "cars-of-may"))).scalars().all()
        assert [(one.make, one.transmission, one.equipment) for one in found] == [
            ("Škoda", "automatic", ["navigation"])
        ]
        entry = (await session.execute(select(AuditEntry).where(AuditEntry.subject_id == found[0].id))).scalar_one()
        assert (entry.action, entry.why) == ("vehicle.created", "Imported from cars.csv, row 2")
        assert (entry.actor_id, entry.subject_version) == (clerk.staff.id, found[0].version)
        assert (await clerk.post(f"/imports/{run_id}/confirmation")).status_code == 409
        again = await checked(clerk, work)
        assert "Import 0 rows" in unescape((await clerk.get(f"/imports/{again}")).text)

    async def test_refused_rows_are_corrected_and_only_they_are_imported(self, client_for, session, data_dir, work):
        clerk = await client_for("fleet_clerk")
        run_id = await checked(clerk, work)
        await clerk.post(f"/imports/{run_id}/confirmation")
        await work()
        answer = await clerk.get(f"/imports/{run_id}/refused")
        assert answer.headers["content-disposition"] == 'attachment; filename="cars-of-may-refused.csv"'
        lines = answer.text.splitlines()
        assert lines[0] == "import_row_key,import_reason,Id,Brand,Odometer,Gearbox,Fitted GPS"
        assert "'=cmd|calc" in lines[2]
        assert "5551" not in answer.text
        corrected = answer.text.replace("'-5", "5").replace("perhaps", "no")
        second = run_id_of(await upload(clerk, corrected.encode(), name="cars-of-may-refused.csv"))
        proposed = (await clerk.get(f"/imports/{second}/mapping")).text
        assert 'value="cars-of-may"' in proposed
        form = dict(re.findall(r'name="(target\.\d+)".*?value="([^"]*)" selected', proposed, re.DOTALL))
        await clerk.post(
            f"/imports/{second}/mapping",
            data=form | {"source": "cars-of-may", "row_key": "Id", "constant.market": "EE"},
        )
        await work()
        await clerk.post(f"/imports/{second}/confirmation")
        await work()
        run = await session.get(ImportRun, second, populate_existing=True)
        assert (run.state, run.created_count, run.refused_count, run.total) == ("done", 2, 0, 2)
        assert not list((data_dir / "imports").iterdir())

    async def test_secret_columns_are_nowhere_in_the_database(self, client_for, session, data_dir, work):
        clerk = await client_for("fleet_clerk")
        run_id = await checked(clerk, work)
        await clerk.post(f"/imports/{run_id}/confirmation")
        await work()
        columns = await session.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() "
                "AND data_type IN ('varchar', 'char', 'text', 'mediumtext', 'longtext', 'json', 'mediumblob')"
            )
        )
        for table, column in columns.all():
            found = await session.execute(text(f"SELECT COUNT(*) FROM `{table}` WHERE `{column}` LIKE '%5551 000%'"))
            assert found.scalar_one() == 0, f"{table}.{column}"

    async def test_a_second_attempt_goes_on_where_the_first_stopped(
        self, client_for, session, data_dir, work, monkeypatch
    ):
        clerk = await client_for("fleet_clerk")
        monkeypatch.setattr("app.desk.imports.services.runs.BATCH", 2)
        lines = "".join(f"{number},Audi,{number},manual,,no\n" for number in range(1, 6))
        run_id = await checked(clerk, work, HEADERS + lines)
        await clerk.post(f"/imports/{run_id}/confirmation")

        async def stop(done, total=None, note=""):
            raise ConnectionResetError

        keep, work.told.__class__.append_progress = (
            work.told.__class__.append_progress,
            lambda self, *given: stop(*given),
        )
        with pytest.raises(ConnectionResetError):
            await work()
        work.told.__class__.append_progress = keep
        await session.execute(text("UPDATE job SET state = 'queued'"))
        await session.commit()
        await work()
        run = await session.get(ImportRun, run_id, populate_existing=True)
        assert (run.state, run.created_count, run.unchanged_count) == ("done", 5, 0)

    async def test_rows_outside_the_scope_are_refused_one_by_one(self, client_for, session, data_dir, work):
        clerk = await client_for("fleet_clerk", markets=["LV"])
        run_id = await checked(clerk, work)
        page = unescape((await clerk.get(f"/imports/{run_id}")).text)
        assert "outside your scope" in page
        assert "Import 0 rows" in page


class TestRecords:
    async def test_the_list_shows_those_of_the_import_alone(self, client_for, session, data_dir, work):
        clerk = await client_for("fleet_clerk")
        await make_vehicle(session, plate="OLD 1", make="Opel")
        run_id = await checked(clerk, work)
        await clerk.post(f"/imports/{run_id}/confirmation")
        await work()
        address = f"/vehicles?import_id={run_id}"
        assert f'href="{address}"' in unescape((await clerk.get(f"/imports/{run_id}")).text)
        listed = (await clerk.get(address)).text
        assert "Škoda" in listed
        assert "Opel" not in listed
        assert "cars.csv" in listed
        assert "Opel" in (await clerk.get("/vehicles")).text

    async def test_other_lists_of_what_can_be_imported_are_narrowed_too(self, client_for):
        admin = await client_for("admin")
        for address in ("/applications", "/supplier-invoice-lines"):
            answer = await admin.get(f"{address}?import_id={UUID(int=1)}")
            assert answer.status_code == 200
            assert "none" in answer.text

    async def test_what_nobody_knows_any_more_is_not_narrowed(self, client_for, session, data_dir, work):
        clerk = await client_for("fleet_clerk")
        run_id = await checked(clerk, work)
        await clerk.post(f"/imports/{run_id}/confirmation")
        await work()
        await session.execute(text("DELETE FROM import_row"))
        assert 'href="/vehicles"' in (await clerk.get(f"/imports/{run_id}")).text


class TestSeeing:
    async def test_the_list_shows_kinds_that_one_may_import(self, client_for, data_dir, work):
        clerk = await client_for("fleet_clerk")
        run_id = await checked(clerk, work)
        manager, officer = await client_for("fleet_manager"), await client_for("credit_officer")
        assert "cars.csv" in (await manager.get("/imports")).text
        assert "cars.csv" not in (await officer.get("/imports")).text
        assert "cars.csv" not in (await officer.get("/imports?kind=vehicles")).text
        assert (await officer.get(f"/imports/{run_id}")).status_code == 404
        assert (await officer.get(f"/imports/{run_id}/refused")).status_code == 404
        assert (await officer.post(f"/imports/{run_id}/confirmation")).status_code == 404

    async def test_people_of_some_markets_see_their_own_only(self, client_for, data_dir, work):
        run_id = await checked(await client_for("fleet_clerk"), work)
        other = await client_for("fleet_clerk", markets=["EE"])
        assert "cars.csv" not in (await other.get("/imports")).text
        assert (await other.get(f"/imports/{run_id}")).status_code == 404

    async def test_answers_the_state_alone_to_a_poll(self, client_for, data_dir, work):
        clerk = await client_for("fleet_clerk")
        run_id = await checked(clerk, work)
        answer = await clerk.get(f"/imports/{run_id}", headers=PARTIAL | {"hx-target": "section#import-state"})
        assert answer.text.lstrip().startswith('<section id="import-state"')

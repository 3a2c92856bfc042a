"""A file with wrong rows: mapped, tried, imported in part, put right and imported again."""

import csv
import io
import re
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.people import Person
from e2e.records import new_plate

EMAIL = "fleet.manager@demo.test"
WORK_MILLISECONDS = 40_000
"""The worker takes a run up, checks or imports it, and the page asks every second."""

HEADERS = ("Car no", "Brand", "Type", "Number plate", "Country", "Km", "Built", "Paint")
FIELDS = ("", "make", "model", "plate", "market", "odometer_km", "year", "colour")
RIGHT_YEAR, RIGHT_MARKET = "2019", "EE"


def file_of(rows: list[tuple[str, ...]]) -> bytes:
    output = io.StringIO(newline="")
    writer = csv.writer(output, delimiter=";")
    writer.writerow(HEADERS)
    writer.writerows(rows)
    return output.getvalue().encode()


def upload(person: Person, name: str, content: bytes) -> Page:
    """Through the form, up to the page of the columns."""
    page = person.page
    expect(page.get_by_label("What the rows are")).to_have_value("vehicles")
    page.get_by_label("File").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Columns of", timeout=WORK_MILLISECONDS)
    return page


def becomes(page: Page, column: str, field: str) -> None:
    """Choose what a column becomes."""
    page.get_by_role("combobox", name=column, exact=True).select_option(field)


def expect_tile(page: Page, label: str, figure: str) -> None:
    tile = page.locator("#import-state .tile").filter(has_text=label)
    expect(tile.locator(".figure")).to_have_text(figure, timeout=WORK_MILLISECONDS)


class TestImportWithErrors:
    def test_refused_rows_are_told_downloaded_put_right_and_imported(
        self, browse: Browse, api: httpx.Client, tmp_path: Path
    ) -> None:
        plates = [new_plate() for _ in range(4)]
        source = f"fleet-{plates[0].split()[1]}"
        person = browse(EMAIL)
        self.refuse_to_go_on_without_a_file(person)
        self.try_the_file(person, source, plates)
        assert not is_there(api, plates[0])

        page = person.page
        page.get_by_role("button", name="Import 1 row").click()
        expect(page.locator("#import-state .state").first).to_have_text("Done", timeout=WORK_MILLISECONDS)
        expect_tile(page, "Refused", "3")
        person.look("import-done")
        assert is_there(api, plates[0])

        kept = self.download(page, tmp_path)
        assert kept.name == f"{source}-refused.csv"
        assert plates[0] not in kept.read_text("utf-8-sig")
        self.import_again(person, source, kept)
        assert all(is_there(api, plate) for plate in plates)
        page = person.go("/imports")
        expect(page.locator("tbody tr").filter(has_text=source)).to_have_count(2)

    def refuse_to_go_on_without_a_file(self, person: Person) -> None:
        page = person.go("/vehicles")
        page.get_by_role("link", name="Import", exact=True).click()
        person.expect(422)
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_role("alert")).to_be_focused()

    def try_the_file(self, person: Person, source: str, plates: list[str]) -> None:
        """One right row and three wrong ones; nothing is saved by looking."""
        rows = [
            ("a1", "Saab", "96", plates[0], "EE", "81000", "1974", "green"),
            ("a2", "Saab", "99", plates[1], "EE", "64000", "1899", "orange"),
            ("a3", "Saab", "900", plates[2], "Atlantis", "120000", RIGHT_YEAR, "black"),
            ("a4", "", "9000", plates[3], "EE", "93000", "1991", "=1+1"),
        ]
        page = upload(person, f"{source}.csv", file_of(rows))
        for column, field in zip(HEADERS, FIELDS, strict=True):
            becomes(page, column, field)
        page.get_by_label("Key of a row").select_option("Car no")
        person.look("import-columns")
        page.get_by_role("button", name="Check the file").click()
        expect_tile(page, "Refused", "3")
        expect_tile(page, "New", "1")
        refused = page.get_by_role("table", name="Refused rows with column and reason").locator("tbody tr")
        for line, (number, column) in enumerate((("3", "Built"), ("4", "Country"), ("5", "Brand"))):
            expect(refused.nth(line).locator("td").nth(0)).to_have_text(number)
            expect(refused.nth(line).locator("td").nth(2)).to_have_text(column)
        person.look("import-checked")

    def download(self, page: Page, directory: Path) -> Path:
        with page.expect_download() as started:
            page.get_by_role("link", name="Download refused rows").click()
        kept = directory / started.value.suggested_filename
        started.value.save_as(kept)
        return kept

    def import_again(self, person: Person, source: str, kept: Path) -> None:
        """The same three rows put right; the columns are known by now."""
        text = kept.read_text("utf-8-sig")
        assert "'=1+1" in text, "a spreadsheet would run this cell"
        corrected = text.replace("1899", RIGHT_YEAR).replace("Atlantis", RIGHT_MARKET)
        corrected = re.sub(r"([,;])([,;])9000", r"\1Saab\g<2>9000", corrected)
        person.page.get_by_role("link", name="Upload them corrected").click()
        page = upload(person, kept.name, corrected.encode())
        expect(page.get_by_label("Source")).to_have_value(source)
        expect(page.get_by_role("combobox", name="Built", exact=True)).to_have_value("year")
        page.get_by_role("button", name="Check the file").click()
        expect_tile(page, "New", "3")
        page.get_by_role("button", name="Import 3 rows").click()
        expect(page.get_by_text("Every row is in.")).to_be_visible(timeout=WORK_MILLISECONDS)


def is_there(api: httpx.Client, plate: str) -> bool:
    found = api.get("vehicles", params={"plate": plate}).raise_for_status().json()["items"]
    return [item["plate"] for item in found] == [plate]

import csv
import datetime as dt
import io
import stat
from itertools import islice

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from app.kit import sheets
from app.kit.markets import MARKETS
from app.kit.money import exponent
from app.kit.sheets import Row, SheetError, read_sheet, safe_cell, write_csv


def read(tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    sheet = read_sheet(path)
    return sheet.headers, [(row.number, list(row.cells.values())) for row in sheet.rows]


def workbook(tmp_path, cells, *, hidden_first=False):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    if hidden_first:
        book.add_worksheet("notes").hide()
    sheet = book.add_worksheet("cars")
    if hidden_first:
        sheet.activate()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for (row, column), value in cells.items():
        if isinstance(value, dt.datetime):
            sheet.write_datetime(row, column, value, moment)
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, column, value, day)
        else:
            sheet.write(row, column, value)
    book.close()
    return path


class TestCsv:
    @pytest.mark.parametrize(
        "content",
        [
            "make,model\nŠkoda,Octavia\n",
            "\ufeffmake,model\r\nŠkoda,Octavia",
            "make;model\nŠkoda;Octavia\n",
            "make\tmodel\nŠkoda\tOctavia\n",
            'make|model\n" Škoda "|Octavia\n',
            "make,model\nŠkoda,Octavia\n".encode("cp1252"),
        ],
    )
    def test_reads_encodings_and_delimiters(self, tmp_path, content):
        assert read(tmp_path, content) == (["make", "model"], [(2, ["Škoda", "Octavia"])])

    def test_names_rows_as_a_spreadsheet_does(self, tmp_path):
        headers, rows = read(tmp_path, '\n,make\n0,A\n\n,\n1,"two\nlines"\n2\n3,B,,\n')
        assert headers == ["column_1", "make"]
        assert rows == [(3, ["0", "A"]), (6, ["1", "two\nlines"]), (7, ["2", ""]), (8, ["3", "B"])]

    def test_names_repeated_headers(self, tmp_path):
        headers, rows = read(tmp_path, "a,a,,a_2,a\n1,2,3,4,5\n")
        assert headers == ["a", "a_2", "column_3", "a_2_2", "a_3"]
        assert rows == [(2, ["1", "2", "3", "4", "5"])]

    def test_reads_german_decimals(self, tmp_path):
        assert read(tmp_path, "x;y\n1,5;2,5\n3,5;4,5\n")[1] == [(2, ["1,5", "2,5"]), (3, ["3,5", "4,5"])]

    def test_reads_one_column(self, tmp_path):
        assert read(tmp_path, "plate\n986 VVK\n") == (["plate"], [(2, ["986 VVK"])])

    def test_refuses_a_row_longer_than_the_headers(self, tmp_path):
        with pytest.raises(SheetError, match="Row 3 has 3 cells") as caught:
            read(tmp_path, "a,b\n1,2\n1,2,3\n")
        assert caught.value.row == 3

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            ("", "empty"),
            ("\n\n , \n", "empty"),
            ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
            (b"a,b\n\x81,2\n", "neither"),
            (b"a,b\n\0,2\n", "NUL"),
            (",".join(["a"] * 201), "201 columns"),
            ("a,b\n" + "x" * 32_768 + ",1\n", "column 1"),
            ("a,b\n" + "x" * 200_000 + ",1\n", "well-formed"),
        ],
    )
    def test_refuses(self, tmp_path, content, word):
        with pytest.raises(SheetError, match=word):
            read(tmp_path, content)

    def test_finds_late_bytes_of_the_older_encoding(self, tmp_path):
        _, rows = read(tmp_path, b"a,b\n" + b"x,y\n" * 400_000 + "ä,y\n".encode("cp1252"))
        assert rows[-1] == (400_002, ["ä", "y"])

    def test_refuses_too_many_rows(self, tmp_path, monkeypatch):
        monkeypatch.setattr(sheets, "MAX_ROWS", 2)
        assert len(read(tmp_path, "a\n1\n2\n")[1]) == 2
        with pytest.raises(SheetError, match="more than 2 rows"):
            read(tmp_path, "a\n1\n2\n3\n")

    def test_can_be_left_half_read(self, tmp_path):
        path = tmp_path / "file.csv"
        path.write_text("a\n1\n2\n3\n")
        sheet = read_sheet(path)
        assert list(islice(sheet.rows, 1)) == [Row(2, {"a": "1"})]
        read_sheet(path)


class TestXlsx:
    def test_reads_typed_cells_as_clean_text(self, tmp_path):
        cells = {
            (0, 0): "plate", (0, 1): "km", (0, 2): "on", (0, 3): "at", (0, 4): "gps", (0, 5): "price",
            (2, 0): " 986 VVK ", (2, 1): 12.0, (2, 2): dt.date(2026, 6, 29),
            (2, 3): dt.datetime(2026, 6, 29, 10, 30, tzinfo=None), (2, 4): True, (2, 5): 0.1 + 0.2,  # noqa: DTZ001
        }  # fmt: skip
        sheet = read_sheet(workbook(tmp_path, cells))
        assert list(sheet.rows) == [
            Row(
                3,
                {
                    "plate": "986 VVK",
                    "km": "12",
                    "on": "2026-06-29",
                    "at": "2026-06-29T10:30:00",
                    "gps": "true",
                    "price": "0.3",
                },
            )
        ]

    def test_reads_the_first_visible_sheet_from_anywhere_on_it(self, tmp_path):
        sheet = read_sheet(workbook(tmp_path, {(3, 2): "a", (3, 3): "b", (5, 3): 1e20}, hidden_first=True))
        assert sheet.headers == ["a", "b"]
        assert list(sheet.rows) == [Row(6, {"a": "", "b": "100000000000000000000"})]

    def test_refuses_a_row_longer_than_the_headers(self, tmp_path):
        sheet = read_sheet(workbook(tmp_path, {(0, 0): "a", (1, 0): 1, (2, 0): 1, (2, 250): 2}))
        assert len(sheet.headers) == 1
        with pytest.raises(SheetError, match="Row 3"):
            list(sheet.rows)

    @pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"PK\x03\x04" + bytes(100)])
    def test_refuses_what_is_no_workbook(self, tmp_path, content):
        path = tmp_path / "book.xlsx"
        path.write_bytes(content)
        with pytest.raises(SheetError):
            read_sheet(path)

    def test_refuses_a_bomb(self, tmp_path, monkeypatch):
        path = workbook(tmp_path, {(0, 0): "a"})
        monkeypatch.setattr(sheets, "MAX_UNPACKED_BYTES", 100)
        with pytest.raises(SheetError, match="too large"):
            read_sheet(path)


class TestWriteCsv:
    def test_is_read_back_as_it_was(self, tmp_path):
        path = tmp_path / "refused.csv"
        assert write_csv(path, ["a", "reason"], [["=1+1", "-5"], ["'=x", "'quoted'"], ["+372", "@me"]]) == 3
        raw = list(csv.reader(io.StringIO(path.read_text())))
        assert raw[1:] == [["'=1+1", "'-5"], ["''=x", "'quoted'"], ["'+372", "'@me"]]
        assert [list(row.cells.values()) for row in read_sheet(path).rows] == [
            ["=1+1", "-5"],
            ["'=x", "'quoted'"],
            ["+372", "@me"],
        ]

    def test_is_readable_by_its_owner_alone(self, tmp_path):
        path = tmp_path / "refused.csv"
        path.touch(mode=0o644)
        write_csv(path, ["a"], [])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    @given(st.text(alphabet="'=+-@\t\rab"))
    def test_no_cell_starts_a_formula(self, text):
        assert safe_cell(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_markets_have_a_known_currency():
    required = {
        "EE",
        "LV",
        "LT",
        "FI",
        "SE",
        "NO",
        "DE",
        "FR",
        "ES",
        "IT",
        "PT",
        "HR",
        "CZ",
        "PL",
        "AT",
        "NL",
        "GB",
        "MX",
    }
    assert required <= set(MARKETS)
    for code, market in MARKETS.items():
        assert market.code == code == market.phone_region
        assert exponent(market.currency) == 2

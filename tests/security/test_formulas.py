"""No cell of a file that leaves the portal is a formula."""

import csv

from app.kit.sheets import read_sheet, safe_cell, write_csv
from tests.security.payloads import FORMULAS, QUERIES

PART = "formulas in files"
FIRST_MARKS = ("=", "+", "-", "@", "\t", "\r")


class TestCells:
    def test_every_formula_is_written_as_words_and_read_back(self, tmp_path, tried):
        texts = [
            *FORMULAS,
            *(f"'{formula}" for formula in FORMULAS),
            *(query for query in QUERIES if "\0" not in query),
        ]
        texts = [text for text in texts if text.isprintable() and len(text) < 1000 and text == text.strip()]
        path = tmp_path / "out.csv"
        assert write_csv(path, ["=HEAD()", "word"], [[text, "x"] for text in texts]) == len(texts)
        with path.open(newline="") as file:
            written = list(csv.reader(file))
        assert [cell for row in written for cell in row if cell.startswith(FIRST_MARKS)] == []
        assert [next(iter(row.cells.values())) for row in read_sheet(path).rows] == texts
        tried(PART, len(texts))

    def test_whatever_stands_before_it(self):
        for formula in FORMULAS:
            assert not safe_cell(formula).startswith(FIRST_MARKS)

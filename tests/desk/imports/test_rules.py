"""Mappings as people write them, and rows by them."""

import pytest

from app.desk.imports import rules
from app.desk.imports.rules import ColumnMapping, MappingError, parse_mapping, problems_of
from app.kit.cells import CellField

FIELDS = {
    field.name: field
    for field in (
        CellField("make", "Make", is_required=True),
        CellField("model", "Model"),
        CellField("power_kw", "Power", "whole"),
        CellField("power_hp", "Power in horsepower", "decimal", target="power_kw"),
        CellField("day_price.amount", "Day price", "amount"),
        CellField("day_price.currency", "Currency", "currency"),
        CellField("equipment", "Equipment", "slugs"),
    )
}


def mapping(text: str) -> ColumnMapping:
    return parse_mapping(f'kind = "vehicles"\n{text}', "cars.toml")


class TestParseMapping:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("kind = ", "cars.toml is not TOML"),
            ("[fields]\nA = 'make'", "cars.toml does not say its kind"),
            ("kind = 7", "cars.toml does not say its kind"),
            ("kind = 'vehicles'\nkinds = 'x'", "cars.toml has the key 'kinds', which means nothing"),
            ("kind = 'vehicles'\nsecret = 'name'", "cars.toml: secret is a list of column names"),
            ("kind = 'vehicles'\nfields = 'make'", "cars.toml: fields is a section, [fields]"),
            ("kind = 'vehicles'\n[fields]\nA = 7", "cars.toml, [fields] A: name a field"),
            ("kind = 'vehicles'\n[constants]\nmake = ['a']", "cars.toml, [constants] make: one value is expected"),
            ("kind = 'vehicles'\n[values]\nA = 'b'", "cars.toml: [values.A] is a section of values"),
        ],
    )
    def test_names_what_and_where(self, text, sentence):
        with pytest.raises(MappingError) as refused:
            parse_mapping(text, "cars.toml")
        assert str(refused.value).startswith(sentence)

    def test_dotted_names_may_be_quoted_or_not(self):
        quoted = mapping('[constants]\n"day_price.currency" = "EUR"')
        bare = mapping('[constants]\nday_price.currency = "EUR"')
        assert quoted.constants == bare.constants == {"day_price.currency": "EUR"}

    def test_survives_being_stored(self):
        read = mapping('secret = ["S"]\n[fields]\nA = ["make", "model"]\n[values.A.model]\nx = "y"')
        assert ColumnMapping.from_json(read.to_json()).to_json() == read.to_json()


class TestProblemsOf:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ('[fields]\nZ = "make"', "speaks of the column 'Z', which the file does not have"),
            ('[fields]\nA = "colour"', "names the field 'colour', which does not exist"),
            ('[constants]\nstate = "x"', "names the field 'state', which does not exist"),
            ('[fields]\nA = "make"\nB = "make"', "fills make from two columns, 'A' and 'B'"),
            ('secret = ["A"]\n[fields]\nA = "make"', "calls the column 'A' secret and uses it all the same"),
            ('[fields]\nA = "make"\n[extras]\nB = "x"', "has a section [extras], which is no list of these records"),
            ('[fields]\nA = "make"\n[model]\nB = "x"', "has a section [model], but model is not a list"),
            ('[fields]\nA = "make"\n[values.A.model]\nx = "y"', "has [values.A.model], but the column does not fill"),
            ('row_key = "Z"\n[fields]\nA = "make"', "speaks of the column 'Z'"),
            ("", "fills no field"),
        ],
    )
    def test_names_what_is_wrong(self, text, sentence):
        found = problems_of(mapping(text), FIELDS, ["A", "B"], "cars.toml")
        assert len(found) == 1
        assert found[0].startswith(f"cars.toml {sentence}")

    def test_refused_rows_come_back_without_their_secret_columns(self):
        read = mapping('secret = ["S"]\nheaders = ["A", "S"]\n[fields]\nA = "make"')
        assert problems_of(read, FIELDS, ["A"], "cars.toml")
        assert not problems_of(read, FIELDS, ["import_row_key", "import_reason", "A"], "cars.toml")
        assert rules.fits(read, ["import_row_key", "import_reason", "A"])
        assert not rules.fits(read, ["A", "B"])


class TestMapRow:
    def test_constants_win_defaults_stand_in_and_empty_cells_say_nothing(self):
        read = mapping(
            '[fields]\nA = "make"\nB = "model"\n[defaults]\nmodel = "Base"\nmake = "None"\n[constants]\npower_kw = 5'
        )
        row = rules.map_row(read, 7, {"A": "Audi", "B": "", "C": "kept", "D": ""})
        assert row.cells == {"make": "Audi", "model": "Base", "power_kw": "5"}
        assert row.source_fields == {"C": "kept"}
        assert row.key == "7"

    def test_yes_and_no_are_kept_as_workbooks_write_them(self):
        read = mapping('[fields]\nA = "make"')
        kept = [rules.map_row(read, 2, {"A": "Audi", "B": text}).source_fields for text in ("True", "TRUE", "true")]
        assert kept == [{"B": "true"}] * 3

    def test_words_are_translated_whatever_their_case_and_for_one_field_alone(self):
        read = mapping('[fields]\nA = ["make", "model"]\n[values.A]\nTRUE = "yes"\n[values.A.model]\nTrue = "no"')
        assert rules.map_row(read, 2, {"A": "true"}).cells == {"make": "yes", "model": "no"}

    def test_yes_adds_to_a_list_and_what_is_neither_is_refused(self):
        read = mapping('[fields]\nE = "equipment"\n[equipment]\nA = "navigation"\nB = "tow_bar"')
        row = rules.map_row(read, 2, {"E": "roof box", "A": "True", "B": "maybe"})
        assert row.cells["equipment"] == "roof box,navigation"
        assert [(problem.field, problem.detail) for problem in row.problems] == [("B", "Not yes or no: maybe")]

    def test_secret_columns_are_nowhere(self):
        read = mapping('secret = ["S"]\nkeep = ["A"]\n[fields]\nA = "make"')
        cells = {"A": "Audi", "S": "hidden", "import_reason": "old"}
        assert rules.map_row(read, 2, cells).source_fields == {"A": "Audi"}
        assert rules.without_secrets(read, cells) == {"A": "Audi", "import_reason": "old"}

    @pytest.mark.parametrize(("key", "code"), [("", "required"), ("k" * 121, "too_long")])
    def test_a_row_needs_a_usable_key(self, key, code):
        read = mapping('row_key = "K"\n[fields]\nA = "make"')
        assert [problem.code for problem in rules.map_row(read, 2, {"K": key}).problems] == [code]

    def test_the_key_that_a_refused_row_carries_goes_before_its_number(self):
        read = mapping('[fields]\nA = "make"')
        assert rules.map_row(read, 2, {"A": "Audi", "import_row_key": "2940"}).key == "2940"


class TestColumnOf:
    @pytest.mark.parametrize(
        ("field", "column"),
        [("power_kw", "PS"), ("day_price", "Preis"), ("equipment.0", "Extras"), ("make", ""), ("Nav", "Nav")],
    )
    def test_finds_their_column_behind_our_field(self, field, column):
        columns = {"power_hp": "PS", "day_price.amount": "Preis", "equipment": "Extras", "flag": "Nav"}
        assert rules.column_of(rules.Problem(field, "x", "x"), columns, FIELDS) == column


class TestGuessMapping:
    def test_takes_columns_by_name_title_or_last_part_each_field_once(self):
        guessed = rules.guess_mapping("vehicles", ["ID", "Make", "make", "Day price", "Power kW"], FIELDS)
        assert guessed.row_key == "ID"
        assert guessed.fields == {"Make": ("make",), "Day price": ("day_price.amount",), "Power kW": ("power_kw",)}


class TestSourceName:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Getaround Cars.csv", "getaround-cars"),
            ("cars-refused.csv", "cars"),
            ("cars-refused (2).csv", "cars"),
            ("../../etc/passwd", "passwd"),
            ("ö.csv", "file"),
        ],
    )
    def test_is_short_and_plain(self, text, name):
        assert rules.source_name(text) == name

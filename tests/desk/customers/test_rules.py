from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk.customers import rules
from app.desk.customers.rules import DedupeKey
from app.kit.markets import MARKETS

TODAY = date(2026, 6, 29)
WHOLE = {
    "kind": "person",
    "given_name": "Mari",
    "family_name": "Kask",
    "born_on": date(1980, 1, 8),
    "identity_number": "38001085718",
    "email": "Mari.Kask@example.ee",
    "phone": "5551 2345",
    "address": {"street": "Pikk 1", "postal_code": "10123", "city": "Tallinn", "country": "EE"},
    "iban": "EE38 2200 2210 2014 5685",
    "language": "et",
    "market": "EE",
}


def refused(changes, *, is_new=True, current=None):
    fields = {**WHOLE, **changes} if is_new else changes
    problems = rules.check_customer(fields, is_new=is_new, today=TODAY, current=current)
    return [(problem.field, problem.code) for problem in problems]


class TestCheckCustomer:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"given_name": None},
            {"family_name": ""},
            {"kind": None},
            {"kind": "company", "company_name": "Kask OÜ", "identity_number": "12345678", "born_on": None},
            {"market": "GB", "identity_number": "QQ 12 34 56 C", "phone": "+37255512345"},
            {"address": None},
        ],
    )
    def test_accepts(self, changes):
        assert refused(changes) == []

    @pytest.mark.parametrize(
        ("changes", "field", "code"),
        [
            ({"market": None, "phone": None, "identity_number": None}, "market", "required"),
            ({"market": "ZZ", "phone": None, "identity_number": None}, "market", "unknown_value"),
            ({"market": ["EE"], "phone": None, "identity_number": None}, "market", "wrong_type"),
            ({"kind": "robot"}, "kind", "unknown_value"),
            ({"given_name": "", "family_name": None}, "family_name", "required"),
            ({"kind": "company", "identity_number": None}, "company_name", "required"),
            ({"born_on": date(2026, 6, 30)}, "born_on", "out_of_range"),
            ({"born_on": date(1905, 1, 1)}, "born_on", "out_of_range"),
            ({"born_on": "1980-01-08"}, "born_on", "wrong_type"),
            ({"email": "mari"}, "email", "malformed"),
            ({"phone": "12"}, "phone", "malformed"),
            ({"iban": "EE382200221020145686"}, "iban", "malformed"),
            ({"language": "est"}, "language", "too_long"),
            ({"language": "ET"}, "language", "malformed"),
            ({"identity_number": "38001085719"}, "identity_number", "malformed"),
            ({"identity_number": 38001085718}, "identity_number", "wrong_type"),
            ({"address": "Pikk 1"}, "address", "wrong_type"),
            ({"address": {"country": "Estonia"}}, "address.country", "too_long"),
            ({"address": {"street": "x" * 201}}, "address.street", "too_long"),
        ],
    )
    def test_refuses(self, changes, field, code):
        assert refused(changes) == [(field, code)]

    def test_a_change_is_read_with_what_is_there(self):
        assert refused({"email": "a@b.ee"}, is_new=False, current=WHOLE) == []
        assert refused({"given_name": None}, is_new=False, current=WHOLE) == []
        emptied = {"given_name": None, "family_name": None}
        assert refused(emptied, is_new=False, current=WHOLE) == [("family_name", "required")]
        assert refused({"phone": "5551 2345"}, is_new=False, current=WHOLE) == []
        assert refused({"phone": "5551 2345"}, is_new=False) == [("phone", "malformed")]
        assert refused({"market": None}, is_new=False, current=WHOLE) == [("market", "required")]


class TestIdentityNumber:
    @pytest.mark.parametrize(
        ("market", "text", "number"),
        [
            ("EE", "380 0108 5718", "38001085718"),
            ("LV", "161175-19997", "16117519997"),
            ("LV", "328673-00679", "32867300679"),
            ("LT", "33309240064", "33309240064"),
            ("FI", "131052-308t", "131052-308T"),
            ("SE", "880320-0016", "198803200016"),
            ("SE", "8803200016", "198803200016"),
            ("SE", "19880320-0016", "198803200016"),
            ("SE", "880320+0016", "188803200016"),
            ("NO", "151086 95088", "15108695088"),
            ("DE", "36 574 261 809", "36574261809"),
            ("HR", "33392005961", "33392005961"),
            ("PL", "44051401359", "44051401359"),
            ("IT", "rccmnl83s18d969h", "RCCMNL83S18D969H"),
            ("GB", "qq 12 34 56 c", "QQ123456C"),
            ("EE", "38001085719", None),
            ("LV", "161175-19998", None),
            ("LV", "40003521600", None),
            ("LT", "33309240065", None),
            ("FI", "131052-308X", None),
            ("SE", "880320-0018", None),
            ("NO", "151086 95089", None),
            ("DE", "36574261890", None),
            ("EE", "880320-0016", None),
            ("GB", "12", None),
            ("GB", "12$45", None),
        ],
    )
    def test_by_market(self, market, text, number):
        assert rules.normalise_identity_number(text, market) == number

    def test_a_company_has_another_number(self):
        assert rules.normalise_identity_number("40003521600", "LV", "company") == "40003521600"

    @given(st.sampled_from(sorted(MARKETS)), st.text(alphabet="0123456789AX-+ é٣²", max_size=20))
    def test_no_text_breaks_it(self, market, text):
        number = rules.normalise_identity_number(text, market)
        assert number is None or rules.normalise_identity_number(number, market) == number


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"kind": "person", "given_name": "Mari", "family_name": "Kask"}, "Mari Kask"),
        ({"kind": "person", "family_name": "Kask", "company_name": "Kask OÜ"}, "Kask"),
        ({"kind": "company", "given_name": "Mari", "company_name": "Kask OÜ"}, "Kask OÜ"),
        ({"kind": "person"}, ""),
    ],
)
def test_display_name(names, shown):
    assert rules.display_name(**names) == shown


class TestDedupeKeys:
    def test_differently_written_customers_share_their_keys(self):
        other = {"identity_number": "380-01085718", "email": " MARI.KASK@EXAMPLE.EE", "phone": "+372 55512345"}
        keys = rules.dedupe_keys(WHOLE, market="EE")
        assert keys == [
            DedupeKey("identity_number", "EE:38001085718"),
            DedupeKey("email", "mari.kask@example.ee"),
            DedupeKey("phone", "+37255512345"),
        ]
        assert rules.dedupe_keys({**other, "identity_number": "380 01085718"}, market="EE") == keys

    def test_nothing_to_compare(self):
        assert rules.dedupe_keys({"email": None, "phone": " "}, market="EE") == []


def test_normalised_for_storage():
    stored = rules.normalise_customer({**WHOLE, "given_name": " Mari ", "company_name": " "}, market="EE")
    assert (stored["given_name"], stored["company_name"], stored["iban"]) == ("Mari", None, "EE382200221020145685")
    assert stored["address"] == WHOLE["address"]

import pytest

from app.kit import identifiers


class TestVin:
    @pytest.mark.parametrize(
        "vin",
        [
            "1M8GDM9AXKP042788",
            "11111111111111111",
            "WVWZZZ1JZXW000001",
            "TMBJJ7NE1E0123456",
        ],
    )
    def test_accepts(self, vin):
        assert identifiers.vin_problem(vin) is None

    @pytest.mark.parametrize(
        ("vin", "word"),
        [
            ("", "0"),
            ("WVWZZZ1JZXW00000", "16"),
            ("WVWZZZ1JZXW0000011", "18"),
            ("WVWZZZ1JZXW00000O", "has O"),
            ("wvwzzz1jzxw000001", "has w"),
            ("1M8GDM9A1KP042788", "should be X"),
            ("LM8GDM9A1KP042788", "check digit"),
        ],
    )
    def test_refuses(self, vin, word):
        assert word in (identifiers.vin_problem(vin) or "")

    def test_normalises(self):
        assert identifiers.normalise_vin(" wvwzzz 1jzxw-000001") == "WVWZZZ1JZXW000001"


@pytest.mark.parametrize(
    ("text", "plate"), [("986 vvk", "986VVK"), ("M\u00dc-AB 123", "M\u00dcAB123"), (" zg\u00b7123-a ", "ZG123A")]
)
def test_plates_compare_by_letters_and_digits(text, plate):
    assert identifiers.normalise_plate(text) == plate


@pytest.mark.parametrize(
    ("text", "country", "phone"),
    [
        ("5551 2345", "EE", "+37255512345"),
        ("+372 5551 2345", None, "+37255512345"),
        ("0049 30 901820", "DE", "+4930901820"),
        ("030/901820", "DE", "+4930901820"),
        ("901820", None, None),
        ("12", "EE", None),
        ("call me", "EE", None),
        ("+372 5551 2345 ext. 12", "EE", None),
        ("+1" * 40, "EE", None),
    ],
)
def test_phones(text, country, phone):
    assert identifiers.normalise_phone(text, country) == phone


@pytest.mark.parametrize(
    ("text", "iban"),
    [
        ("ee38 2200 2210 2014 5685", "EE382200221020145685"),
        ("DE89370400440532013000", "DE89370400440532013000"),
        ("DE88370400440532013000", None),
        ("DE8937040044053201300", None),
        ("XX89370400440532013000", None),
        ("", None),
        ("D" * 100, None),
    ],
)
def test_ibans(text, iban):
    assert identifiers.normalise_iban(text) == iban


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Mari.Kask@Example.EE ", "mari.kask@example.ee"),
        ("a+b@sub.example.com", "a+b@sub.example.com"),
        ("a@b\u00fccher.de", "a@xn--bcher-kva.de"),
        ("a@b", None),
        ("a b@example.com", None),
        ("a..b@example.com", None),
        (".a@example.com", None),
        ("@example.com", None),
        ("a@example..com", None),
        ("a@-example.com", None),
        ("a@127.0.0.1", None),
        ("a" * 65 + "@example.com", None),
        ("a@" + "b." * 130 + "com", None),
        ("plain", None),
        ("a@b@example.com", None),
    ],
)
def test_emails(text, address):
    assert identifiers.normalise_email(text) == address


@pytest.mark.parametrize(
    ("text", "masked"),
    [("EE382200221020145685", "••••5685"), ("1234567", "••••"), ("", "••••"), ("12345678", "••••5678")],
)
def test_mask_never_shows_most(text, masked):
    assert identifiers.mask(text) == masked

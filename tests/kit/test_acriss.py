from dataclasses import asdict
from itertools import product

import pytest

from app.kit import acriss

ALL_CODES = [
    "".join(letters) for letters in product(acriss.CATEGORIES, acriss.BODY_TYPES, acriss.TRANSMISSIONS, acriss.FUELS)
]
EXAMPLES = ["EDMR", "MBMR", "CCMN", "ECMR", "FVMR", "IWMR", "PTMR", "LFAE", "ECAR", "SCAR"]


class TestParse:
    @pytest.mark.parametrize("code", EXAMPLES)
    def test_accepts_either_case(self, code):
        assert acriss.parse(code.lower()) == code

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("AAAA", "category A"),
            ("EAMR", "body type A"),
            ("ECXR", "transmission X"),
            ("ECMK", "fuel K"),
            ("ECM", "has 3"),
            ("ECMRR", "has 5"),
            ("", "has 0"),
            ("E*MR", "body type"),
            ("EC1R", "transmission 1"),
        ],
    )
    def test_refuses_with_the_letter_that_is_wrong(self, text, word):
        with pytest.raises(acriss.AcrissError, match=word.replace("*", r"\*")):
            acriss.parse(text)


def test_every_code_is_composed_of_its_parts():
    assert len(ALL_CODES) == 42_768
    assert all(acriss.compose(**asdict(acriss.parts(code))) == code for code in ALL_CODES)


@pytest.mark.parametrize(
    "change",
    [
        {"category": None},
        {"air_conditioning": None},
        {"fuel": "electric", "air_conditioning": False},
        {"body_type": "boat"},
    ],
)
def test_parts_that_no_code_says(change):
    assert acriss.compose(**{**asdict(acriss.parts("CWMD")), **change}) is None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("CWMD", "Compact estate, manual, diesel"),
        ("IWAH", "Intermediate estate, auto, hybrid"),
        ("ECMR", "Economy 2/4 door, manual"),
        ("EDMV", "Economy 4-5 door, manual, petrol"),
        ("PDAC", "Premium 4-5 door, electric 400+ km"),
        ("SVMD", "Standard van, manual, diesel"),
        ("IFAD", "Intermediate SUV, auto, diesel"),
        ("LFBE", "Luxury SUV, auto 4WD, electric"),
        ("CCMN", "Compact 2/4 door, manual, no air"),
        ("CCNQ", "Compact 2/4 door, manual 4WD, diesel, no air"),
    ],
)
def test_words(code, words):
    assert acriss.decode(code) == words


@pytest.mark.parametrize(
    ("code", "bucket"),
    [
        ("MBMR", "small"), ("HCMR", "small"), ("CDMR", "medium"), ("GCMR", "large"), ("XCMR", "premium"),
        ("MWMR", "estate"), ("LTMR", "convertible"), ("FVMR", "people_carrier"), ("ODMR", "people_carrier"),
        ("OWMR", "estate"),
    ],
)  # fmt: skip
def test_buckets(code, bucket):
    assert acriss.bucket(code) == bucket
    assert bucket in acriss.BUCKETS


def test_every_code_has_a_bucket_and_words():
    assert all(acriss.bucket(code) in acriss.BUCKETS and acriss.decode(code) for code in ALL_CODES)


class TestPattern:
    @pytest.mark.parametrize(
        ("pattern", "code", "fits"),
        [
            ("C***", "CWMD", True),
            ("*w**", "cwmd", True),
            ("****", "ECMR", True),
            ("CWMD", "CWMD", True),
            ("C**R", "CWMD", False),
        ],
    )
    def test_matches(self, pattern, code, fits):
        assert acriss.matches(pattern, code) is fits

    @pytest.mark.parametrize("pattern", ["A***", "C**", "C%**", "*****"])
    def test_refuses(self, pattern):
        with pytest.raises(acriss.AcrissError):
            acriss.parse_pattern(pattern)


class TestDescribe:
    def test_says_the_known_parts_in_the_words_of_a_code(self):
        assert acriss.describe("compact", "estate", "manual", "diesel", True) == acriss.decode("CWMD")

    def test_leaves_out_what_is_not_known(self):
        assert acriss.describe(None, "suv", None, "electric", None) == "SUV, electric"
        assert acriss.describe(None, None, None, None, None) == ""

    def test_menus_name_every_part_once(self):
        slugs = [slug for slug, _ in acriss.choices("fuel")]
        assert len(set(slugs)) == len(slugs)
        assert set(slugs) == set(acriss.FUEL_SLUGS)

import pytest

from search.text import MAX_WORDS, identifier, read_text


def windows(text: str) -> set[str]:
    return {value for window in read_text(text).windows for value in window.values}


def numbers(text: str) -> set[str]:
    return {value for window in read_text(text).numbers for value in window.values}


class TestReadText:
    def test_caps_text_words_and_length(self):
        typed = read_text("x" * 60 + " " + "word " * 40)
        assert len(typed.text) <= 120
        assert len(typed.words) == MAX_WORDS
        assert len(typed.words[0]) == 40

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("  Müller,   Anna ", ("Müller", "Anna")),
            ("(482 BKT)", ("482", "BKT")),
            ("O'Brien", ("O'Brien",)),
            ("golf - diesel", ("golf", "diesel")),
            ("a\x00b\ue000c", ("a", "b", "c")),
            ("--- ***", ()),
        ],
    )
    def test_splits_words(self, text, words):
        assert read_text(text).words == words

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("482 bkt", {"482bkt"}),
            ("482-BKT", {"482BKT"}),
            ("wvw zzz 1kz aw0 007 77", {"wvwzzz1kzaw000777"}),
            ("00372 5123 4567", {"0037251234567", "37251234567"}),
            ("0861112222", {"0861112222", "861112222"}),
            ("a.b@example.org", {"abexampleorg"}),
            ("octavia", {"octavia"}),
        ],
    )
    def test_joins_windows(self, text, expected):
        assert expected <= windows(text)

    def test_words_without_digits_are_not_joined(self):
        assert windows("sko wag red car") == set()

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("15 000", {"15", "000", "15000"}),
            ("15,000", {"15000"}),
            ("€15.000", {"15000"}),
            ("1 250 000 eur", {"1250000", "1250", "1", "250", "000", "250000"}),
            ("15 00", {"15", "00"}),
            ("482 BKT", {"482"}),
        ],
    )
    def test_reads_numbers(self, text, expected):
        assert numbers(text) == expected


class TestIdentifier:
    @pytest.mark.parametrize(
        ("one", "other"), [("TÜ-AB 1234", "tuab1234"), ("AP-7F3K9Q", "ap 7f3k9q"), ("Straße", "STRASSE")]
    )
    def test_spellings_are_equal(self, one, other):
        assert identifier(one) == identifier(other)

    def test_other_scripts_stay(self):
        assert identifier("Й1") == "й1"

"""What is kept of bodies and headers gives nothing away."""

import pytest

from app.core.partners.masking import KEPT_CHARACTERS, hide, kept_headers, kept_text

SECRETS = {"api_key": "s3cr3t-key", "password": "hunter22"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('{"password": "hu\\"nter", "name": "Kask"}', '{"password": "[masked]", "name": "Kask"}'),
        ('{"client_secret":"abc","api_key" : "k"}', '{"client_secret":"[masked]","api_key" : "[masked]"}'),
        ('{"card_number": 12345}', '{"card_number": [masked]}'),
        ('<RequestorID ID="X" MessagePassword="pw"/>', '<RequestorID ID="X" MessagePassword="[masked]"/>'),
        ("<ns:Password>pw</ns:Password>", "<ns:Password>[masked]</ns:Password>"),
        ('<Document DocID="AB123" DocType="4"/>', '<Document DocID="[masked]" DocType="4"/>'),
        ("grant=x&client_secret=abc&page=2", "grant=x&client_secret=[masked]&page=2"),
        ("/cars?api_key=abc&city=Tallinn", "/cars?api_key=[masked]&city=Tallinn"),
        ("signed with s3cr3t-key here", "signed with [api_key] here"),
        ("paid with 4111 1111 1111 1111 today", "paid with [card number] today"),
        ("driver 38001085718 of Tallinn", "driver [identity number] of Tallinn"),
        ('<Vehicle Code="ECMR" Description="VW Polo"/>', '<Vehicle Code="ECMR" Description="VW Polo"/>'),
    ],
)  # fmt: skip
def test_hides_what_gives_away(given, kept):
    assert hide(given, SECRETS) == kept


def test_headers_keep_no_credentials():
    given = {"Authorization": "Basic eA==", "X-Api-Key": "k", "Content-Type": "text/xml", "X-Note": "s3cr3t-key"}
    assert kept_headers(given, SECRETS) == {
        "authorization": "[masked]", "x-api-key": "[masked]", "content-type": "text/xml", "x-note": "[api_key]",
    }  # fmt: skip


def test_long_bodies_are_cut_and_bytes_are_counted():
    text, is_cut = kept_text(b"x" * (KEPT_CHARACTERS + 5), {})
    assert is_cut
    assert text.endswith("[cut off here]")
    assert kept_text(b"\x00\x01\x02", {}) == ("[3 bytes]", True)
    assert kept_text(None, {}) == ("", False)

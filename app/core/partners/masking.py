"""What is kept of an exchange: without card numbers, secrets and identity numbers, and not longer than a page holds.

Bodies are masked as texts, whatever their form: fields of JSON and of forms, attributes and elements of XML are found
by the names that give them away, numbers by their check digits, and the partner's own secrets by themselves.
"""

import re
from collections.abc import Mapping

from app.kit.numbers_in_text import masked

KEPT_CHARACTERS = 100_000
MASK = "[masked]"
SHORTEST_SECRET = 4
CUT = "\n[cut off here]"
SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-signature"}
)
_CREDENTIALS = (
    r"password|messagepassword|passwd|secret|client_secret|api_?key|access_token|refresh_token|id_token|token|pin"
    r"|card_?number|cardnumber|pan|cvc|cvv|seriescode|magneticstripe"
)
_PERSONAL = (
    r"identity_?number|national_?id|personal_?code|passport(?:_?number)?|licen[cs]e_?number|driving_?licen[cs]e|docid"
    r"|iban|ssn"
)
_NAME = rf"(?:[\w.-]*[_:.-])?(?:{_CREDENTIALS}|{_PERSONAL})"
_FIELDS = (
    re.compile(rf'("{_NAME}"\s*:\s*")((?:[^"\\]|\\.)*)(")', re.IGNORECASE),
    re.compile(rf'("{_NAME}"\s*:\s*)(-?[0-9][0-9.]*)()', re.IGNORECASE),
    re.compile(rf"""(\s{_NAME}\s*=\s*")([^"]*)(")""", re.IGNORECASE),
    re.compile(rf"""(\s{_NAME}\s*=\s*')([^']*)(')""", re.IGNORECASE),
    re.compile(rf"(<{_NAME}(?:\s[^>]*)?>)([^<]+)(</)", re.IGNORECASE),
    re.compile(rf"((?:^|[&?]){_NAME}=)([^&\s#]*)()", re.IGNORECASE),
)


def kept_text(body: bytes | None, secrets: Mapping[str, str]) -> tuple[str, bool]:
    """A body as it is kept, and whether it was cut; bytes that are no text are told by their number."""
    if not body:
        return "", False
    if b"\x00" in body[:1024]:
        return f"[{len(body)} bytes]", True
    text = body[: 4 * KEPT_CHARACTERS].decode(errors="replace")
    is_cut = len(body) > 4 * KEPT_CHARACTERS or len(text) > KEPT_CHARACTERS
    hidden = hide(text[:KEPT_CHARACTERS], secrets)
    return (hidden + CUT, True) if is_cut else (hidden, False)


def hide(text: str, secrets: Mapping[str, str]) -> str:
    """The text without what must not be kept; a secret of the partner's is replaced by its name."""
    for name, value in secrets.items():
        if len(value) >= SHORTEST_SECRET:
            text = text.replace(value, f"[{name}]")
    for pattern in _FIELDS:
        text = pattern.sub(rf"\g<1>{MASK}\g<3>", text)
    return masked(text)


def kept_headers(headers: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    """Headers by lower-case name, without credentials."""
    return {
        name.lower(): MASK if name.lower() in SECRET_HEADERS else hide(value, secrets)[:1000]
        for name, value in headers.items()
    }

"""The markets we work in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Market:
    """A country we work in: its ISO 3166 code, ISO 4217 currency, main language and capital's IANA zone."""

    code: str
    name: str
    currency: str
    language: str
    zone: str

    @property
    def country(self) -> str:
        return self.code

    @property
    def phone_region(self) -> str:
        return self.code


_ROWS = (
    ("AT", "Austria", "EUR", "de", "Europe/Vienna"),
    ("BE", "Belgium", "EUR", "nl", "Europe/Brussels"),
    ("BG", "Bulgaria", "EUR", "bg", "Europe/Sofia"),
    ("CH", "Switzerland", "CHF", "de", "Europe/Zurich"),
    ("CZ", "Czechia", "CZK", "cs", "Europe/Prague"),
    ("DE", "Germany", "EUR", "de", "Europe/Berlin"),
    ("DK", "Denmark", "DKK", "da", "Europe/Copenhagen"),
    ("EE", "Estonia", "EUR", "et", "Europe/Tallinn"),
    ("ES", "Spain", "EUR", "es", "Europe/Madrid"),
    ("FI", "Finland", "EUR", "fi", "Europe/Helsinki"),
    ("FR", "France", "EUR", "fr", "Europe/Paris"),
    ("GB", "United Kingdom", "GBP", "en", "Europe/London"),
    ("GR", "Greece", "EUR", "el", "Europe/Athens"),
    ("HR", "Croatia", "EUR", "hr", "Europe/Zagreb"),
    ("HU", "Hungary", "HUF", "hu", "Europe/Budapest"),
    ("IE", "Ireland", "EUR", "en", "Europe/Dublin"),
    ("IT", "Italy", "EUR", "it", "Europe/Rome"),
    ("LT", "Lithuania", "EUR", "lt", "Europe/Vilnius"),
    ("LV", "Latvia", "EUR", "lv", "Europe/Riga"),
    ("MX", "Mexico", "MXN", "es", "America/Mexico_City"),
    ("NL", "Netherlands", "EUR", "nl", "Europe/Amsterdam"),
    ("NO", "Norway", "NOK", "nb", "Europe/Oslo"),
    ("PL", "Poland", "PLN", "pl", "Europe/Warsaw"),
    ("PT", "Portugal", "EUR", "pt", "Europe/Lisbon"),
    ("RO", "Romania", "RON", "ro", "Europe/Bucharest"),
    ("SE", "Sweden", "SEK", "sv", "Europe/Stockholm"),
    ("SI", "Slovenia", "EUR", "sl", "Europe/Ljubljana"),
    ("SK", "Slovakia", "EUR", "sk", "Europe/Bratislava"),
)
MARKETS: dict[str, Market] = {row[0]: Market(*row) for row in _ROWS}

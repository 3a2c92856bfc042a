"""Amounts of money in integer minor units with an ISO 4217 currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

_AMOUNT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_DIGITS = 60
LARGEST_MINOR = 2**63 - 1
"""The most a BIGINT column holds, in minor units."""

_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
        "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
        "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
        "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
        "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG "
        "YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS: dict[str, int] = {code: places for places, codes in _EXPONENTS.items() for code in codes.split()}
"""ISO 4217 currency code -> decimal places of its minor unit."""


class MoneyError(ValueError):
    """An amount or currency that cannot be used."""


def exponent(currency: str) -> int:
    """Decimal places of the currency by ISO 4217 (EUR 2, JPY 0, BHD 3); MoneyError when it is unknown."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise MoneyError(f"{currency!r} is not a currency we know") from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units: Money(41250, "EUR") is 412.50 euro."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)
        if abs(self.minor) > LARGEST_MINOR:
            raise MoneyError("The amount is too large")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a plain decimal such as "412.50"; MoneyError on more decimals than the currency has."""
        places = exponent(currency)
        if not _AMOUNT.fullmatch(text):
            raise MoneyError(f"{text[:40]!r} is not an amount")
        whole, _, fraction = text.partition(".")
        if len(fraction) > places:
            raise MoneyError(f"{currency} has {places} decimals, {text!r} has {len(fraction)}")
        return cls(int(whole + fraction.ljust(places, "0")), currency)

    @classmethod
    def round(cls, amount: Decimal, currency: str) -> Money:
        """Round an amount in major units to the minor unit, half away from zero."""
        places = exponent(currency)
        if not amount.is_finite():
            raise MoneyError("The amount is not a number")
        with localcontext() as context:
            context.prec = _DIGITS
            return cls(int(amount.scaleb(places).quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exactly."""
        return Decimal(self.amount)

    @property
    def amount(self) -> str:
        """The amount in major units with all decimals of the currency: "412.50"."""
        places = exponent(self.currency)
        digits = str(abs(self.minor)).rjust(places + 1, "0")
        sign = "-" if self.minor < 0 else ""
        return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, factor: int) -> Money:
        return Money(self.minor * factor, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} do not mix")
        return other.minor

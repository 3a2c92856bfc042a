"""The suppliers that are played: where they are, what they have, what it costs, and what is odd about each."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

MINOR_PER_CAR: Final[Mapping[str, int]] = {
    "MBMR": 2_900, "EDMR": 3_300, "ECAR": 3_800, "CDMR": 3_900, "CDAR": 4_600, "IWMR": 5_200, "SFAR": 6_900,
    "FVMR": 8_400, "PDAR": 9_900, "CDEE": 5_400,
}  # fmt: skip
MODELS: Final[Mapping[str, str]] = {
    "MBMR": "Fiat 500", "EDMR": "VW Polo", "ECAR": "Toyota Yaris", "CDMR": "VW Golf", "CDAR": "Kia Ceed",
    "IWMR": "Škoda Octavia Combi", "SFAR": "Kia Sportage", "FVMR": "VW Transporter", "PDAR": "BMW 520d",
    "CDEE": "Nissan Leaf",
}  # fmt: skip
SUMMER: Final = frozenset({6, 7, 8})


@dataclass(frozen=True, slots=True)
class Branch:
    """A supplier's own branch, with its own code and its own way to write the name."""

    code: str
    name: str
    city: str
    country: str
    latitude: str
    longitude: str
    iata: str = ""
    opens: str = "08:00"
    closes: str = "20:00"
    handover: str = ""
    """TERMINAL, SHUTTLE or MEET_AND_GREET, where it is told."""


@dataclass(frozen=True, slots=True)
class Company:
    """One supplier. `km_unit` is what it writes beside its kilometres, `km_per_hire` what it means by them."""

    code: str
    name: str
    dialect: str
    secret: str
    currency: str
    branches: tuple[Branch, ...]
    cars: Mapping[str, int]
    factor_percent: int = 100
    on_request: frozenset[str] = frozenset()
    is_deduplicating: bool = False
    """Whether a second booking under one of our references gives the first one again."""
    knows_our_reference: bool = True
    km_per_day: int | None = None
    says_rental_period: bool = False
    """It writes RentalPeriod where it means Day."""
    can_amend: bool = True
    can_cancel: bool = True
    free_hours: int = 48
    """How long before the pick-up cancelling is free."""

    def branch(self, code: str) -> Branch | None:
        return next((each for each in self.branches if code in (each.code, each.iata) and code), None)


TALLINN, RIGA, VILNIUS, HELSINKI = ("59.4133", "24.8328"), ("56.9236", "23.9711"), ("54.6341", "25.2858"), (
    "60.3172", "24.9633",
)  # fmt: skip

COMPANIES: Final = {
    company.code: company
    for company in (
        Company(
            "baltic",
            "Baltic Wheels",
            "ota_xml",
            "baltic-sandbox-password",
            "EUR",
            (
                Branch("TLLA01", "Tallinn Airport", "Tallinn", "EE", *TALLINN, "TLL", "06:00", "23:00", "TERMINAL"),
                Branch("TLLC02", "Tallinn Old City Harbour", "Tallinn", "EE", "59.4434", "24.7672"),
                Branch("RIXA01", "Riga International Airport", "Riga", "LV", *RIGA, "RIX", "06:00", "23:00"),
                Branch("VNOA01", "Vilnius Airport", "Vilnius", "LT", *VILNIUS, "VNO"),
            ),
            {"MBMR": 3, "EDMR": 6, "CDMR": 5, "CDAR": 4, "IWMR": 3, "SFAR": 2, "FVMR": 1},
            factor_percent=96,
            is_deduplicating=True,
            km_per_day=300,
        ),
        Company(
            "aurora",
            "Aurora Rent",
            "ota_xml",
            "aurora-sandbox-password",
            "EUR",
            (
                Branch(
                    "HELT2", "Helsinki-Vantaa Airport T2", "Vantaa", "FI", *HELSINKI, "HEL", "00:00", "24:00", "SHUTTLE"
                ),
                Branch("TLL", "Tallinn Lennart Meri Airport", "Tallinn", "EE", *TALLINN, "TLL"),
                Branch("RIX", "Riga Airport (RIX)", "Mārupe", "LV", *RIGA, "RIX"),
            ),
            {"EDMR": 4, "ECAR": 4, "CDAR": 5, "SFAR": 3, "PDAR": 1, "CDEE": 2},
            factor_percent=108,
            on_request=frozenset({"PDAR"}),
            km_per_day=250,
            says_rental_period=True,
        ),
        Company(
            "nordrive",
            "Nordrive",
            "json_rest",
            "nordrive-sandbox-key",
            "EUR",
            (
                Branch(
                    "ee-tll-apt",
                    "Tallinn, airport terminal",
                    "Tallinn",
                    "EE",
                    *TALLINN,
                    "TLL",
                    "05:00",
                    "24:00",
                    "TERMINAL",
                ),
                Branch("ee-tll-dt", "Tallinn downtown", "Tallinn", "EE", "59.4340", "24.7536"),
                Branch("fi-hel-apt", "Helsinki airport", "Helsinki", "FI", *HELSINKI, "HEL"),
            ),
            {"MBMR": 2, "EDMR": 5, "CDMR": 5, "IWMR": 4, "CDEE": 3},
            factor_percent=101,
            free_hours=24,
        ),
        Company(
            "sunway",
            "Sunway Cars",
            "json_rest",
            "sunway-sandbox-key",
            "EUR",
            (
                Branch("VNO-1", "Vilnius Int. Airport", "Vilnius", "LT", *VILNIUS, "VNO"),
                Branch("TLL-1", "Tallinna lennujaam", "Tallinn", "EE", *TALLINN, "TLL", handover="MEET_AND_GREET"),
            ),
            {"MBMR": 4, "EDMR": 4, "FVMR": 2},
            factor_percent=88,
            knows_our_reference=False,
            can_amend=False,
            can_cancel=False,
        ),
    )
}


def days_of(pickup: datetime, return_at: datetime) -> int:
    """Started days of 24 hours, at least one."""
    seconds = int((return_at - pickup).total_seconds())
    return max(1, -(-seconds // 86_400))


def price_minor(company: Company, branch: Branch, acriss: str, pickup: datetime, days: int) -> int:
    """The time charge: dearer in summer, a little different at each branch, six days paid in a week."""
    seed = hashlib.sha256(f"{company.code}/{branch.code}/{acriss}".encode()).digest()[0] % 9
    percent = company.factor_percent + seed + (25 if _is_summer(pickup.date()) else 0)
    weeks, rest = divmod(days, 7)
    return MINOR_PER_CAR[acriss] * percent * (weeks * 6 + min(rest, 6)) // 100


def _is_summer(day: date) -> bool:
    return day.month in SUMMER

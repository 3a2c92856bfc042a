"""What rate pages show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from app.kit.hire_pricing.marks import line_name
from app.kit.hire_pricing.prices import HirePrice
from app.kit.markets import MARKETS
from app.rental.rates.forms import TrialForm

TRY = "/rates/try"
LONGEST_ADDRESS = 4_000
CURRENCIES = tuple((code, code) for code in sorted({market.currency for market in MARKETS.values()}))
ZONES = tuple(sorted({market.zone for market in MARKETS.values()} | {"UTC"}))
STRATEGIES = (("per_day", "Each day by its own season"), ("first_day", "The whole hire by the first day"))
TIER_MODES = (("graduated", "Each kilometre at its tier"), ("matching", "All at the tier of the last"))
KINDS = (("blocks", "Blocks, cheapest cover"), ("brackets", "Brackets by length"))


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One line of a price."""

    label: str
    explanation: str
    amount: str


@dataclass(frozen=True, slots=True)
class PriceShown:
    """A price as a page shows it."""

    total: str
    currency: str
    charged: str
    rows: list[PriceRow]


@dataclass(frozen=True, slots=True)
class TrialPage:
    """Try a rate: the form, and the price when everything could be read."""

    form: TrialForm
    price: PriceShown | None

    kinds = KINDS
    currencies = CURRENCIES
    strategies = STRATEGIES
    tier_modes = TIER_MODES

    @property
    def zones(self) -> list[tuple[str, str]]:
        """The zones of our markets, and what was given."""
        given = {self.form.text(name) for name in ("pickup_zone", "back_zone")} - {""}
        return [(zone, zone.replace("_", " ")) for zone in sorted({*ZONES, *given})]


def price_shown(price: HirePrice) -> PriceShown:
    """A price with its lines in words."""
    days, hours = price.charged.days, price.charged.hours
    counted = [f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in ((days, "day"), (hours, "hour"))]
    charged = " and ".join(words for words, number in zip(counted, (days, hours), strict=True) if number)
    rows = [PriceRow(line_name(line.code), line.explanation, line.amount.amount) for line in price.lines]
    return PriceShown(price.total.amount, price.total.currency, charged, rows)


def trial_address(form: TrialForm) -> str:
    """The address that shows the same trial again; without what is blank."""
    given = {name: str(value) for name, value in form.raw.items() if str(value).strip()}
    address = f"{TRY}?{urlencode(given)}"
    return address if len(address) <= LONGEST_ADDRESS else TRY


def sample(today: datetime) -> dict[str, str]:
    """A rate and a hire to begin with: a season begins in the middle of the hire."""
    pickup = (today + timedelta(days=7 - today.weekday())).replace(hour=10, minute=0)
    season = (pickup + timedelta(days=3)).date()
    return {
        "currency": "EUR",
        "priced_by": "blocks",
        "prices": "1 day 78.00\n3 days 210.00\n7 days 450.00",
        "hour_price": "9.00",
        "grace_minutes": "29",
        "season_strategy": "per_day",
        "seasons": f"{season} to {season + timedelta(days=60)}: 1 day 120.00, 7 days 690.00",
        "extras": "CDW 12.00 per day",
        "km_per_day": "300",
        "km_price": "0.60",
        "pickup": f"{pickup:%Y-%m-%dT%H:%M}",
        "pickup_zone": "Europe/Paris",
        "back": f"{pickup + timedelta(days=5, hours=3):%Y-%m-%dT%H:%M}",
        "driven_km": "1650",
    }

"""Quotes in the JSON API."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec

from app.core import clock
from app.core.values import UNSET, Id, Maybe, MoneyValue, Timestamp, UnsetType, timestamp
from app.kit import acriss
from app.rental.quotes.models import Quote
from app.rental.quotes.rules import QuoteState, state_at
from app.rental.quotes.schemas.searches import ConversionRate, plain, value_of

STATE_WORDS = {"open": "Open", "expired": "Expired", "repriced": "Repriced", "consumed": "Booked"}


class QuoteExtra(msgspec.Struct, forbid_unknown_fields=True):
    """So many of an extra of the rate card."""

    code: str
    count: int = 1


class QuoteChoices(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is taken with the hire, by the codes of the rate card that prices it."""

    EXAMPLE: ClassVar = {"product": "PREPAID", "covers": ["CDW"], "extras": [{"code": "CHILD_SEAT", "count": 2}]}

    brand: Maybe[str] = UNSET
    product: Maybe[str] = UNSET
    covers: list[str] = []
    extras: list[QuoteExtra] = []
    additional_drivers: int = 0


class NewQuote(msgspec.Struct, forbid_unknown_fields=True):
    """An offer of a search to be held at its price. Clients may choose the `id`."""

    search_id: UUID
    offer_id: Annotated[str, msgspec.Meta(min_length=1, max_length=80, examples=["own.TLL.IWMD"])]
    choices: QuoteChoices | UnsetType = UNSET
    id: UUID | UnsetType = UNSET


class QuoteDriver(msgspec.Struct, forbid_unknown_fields=True):
    """Who drives; the phone with its country."""

    name: str
    phone: str | None = None
    email: str | None = None
    born_on: date | None = None


class QuoteBookingBody(msgspec.Struct, forbid_unknown_fields=True):
    """Who hires and who drives; the hire and its price are those of the quote."""

    customer_id: UUID
    driver: QuoteDriver
    note: str | None = None


class QuoteEnd(msgspec.Struct):
    """A pick-up or a return: the branch, its wall time and zone, and which moment that is."""

    location: str
    local: str
    time_zone: str
    at: Timestamp


class QuoteLine(msgspec.Struct):
    """One line of the price, with the sentence that explains it."""

    code: str
    quantity: int
    amount: MoneyValue
    explanation: str
    is_included: bool = False
    is_tax_inclusive: bool = True
    is_guaranteed: bool = True
    is_required: bool = True


class QuoteFeeWindow(msgspec.Struct):
    """What cancelling costs when it is asked for by `until`, in per cent of the total; the last window has no end."""

    percent: float
    until: Maybe[Timestamp] = UNSET


class QuoteStage(msgspec.Struct):
    """What was told at one stage (search, quote, recheck, confirmation), without what is chosen besides."""

    stage: str
    total: MoneyValue
    lines: list[QuoteLine]


class QuoteCurrencies(msgspec.Struct, omit_defaults=True):
    """What was locked with the price: the currencies of the rate, the sale and the settlement, and the comparison."""

    EXAMPLE: ClassVar = {
        "rate": "SEK", "sale": "SEK", "settlement": "SEK",
        "compared": {"amount": "88.20", "currency": "EUR"},
        "exchange_rates": [{
            "base": "EUR", "currency": "SEK", "rate": "11.42", "valid_from": "2027-04-01",
            "source": "European Central Bank", "is_stale": False,
        }],
    }  # fmt: skip

    rate: str
    sale: str
    settlement: str
    compared: Maybe[MoneyValue] = UNSET
    exchange_rates: list[ConversionRate] = []


class QuoteItem(msgspec.Struct, rename={"back": "return"}):
    """A hire at a price that stands until `expires_at`."""

    id: Id
    reference: str
    market: str
    state: str
    source: str
    source_name: str
    pickup: QuoteEnd
    back: QuoteEnd
    class_code: str
    model: str
    driver_age: int
    choices: QuoteChoices
    total: MoneyValue
    price_lines: list[QuoteLine]
    fee_windows: list[QuoteFeeWindow]
    stages: list[QuoteStage]
    currencies: Maybe[QuoteCurrencies]
    expires_at: Timestamp
    replaces_id: Maybe[Id]
    replaced_by_id: Maybe[Id]
    booking_id: Maybe[Id]
    version: int
    created_at: Timestamp
    updated_at: Timestamp
    class_words: str
    state_words: str

    def __post_init__(self) -> None:
        self.pickup, self.back = _end(self.pickup), _end(self.back)
        self.choices = msgspec.convert(_decoded(self.choices), QuoteChoices)
        self.price_lines = msgspec.convert(_decoded(self.price_lines), list[QuoteLine])
        windows: list[Any] = _decoded(self.fee_windows)
        self.fee_windows = [msgspec.convert(plain(window), QuoteFeeWindow) for window in windows]
        self.stages = msgspec.convert(_decoded(self.stages), list[QuoteStage])
        if self.currencies is not UNSET:
            self.currencies = msgspec.convert(_decoded(self.currencies), QuoteCurrencies)
        expires_at = datetime.fromisoformat(self.expires_at)
        self.state = state_at(QuoteState(self.state), expires_at, clock.now()).value
        self.class_words, self.state_words = acriss.decode(self.class_code), STATE_WORDS[self.state]


class QuotePage(msgspec.Struct):
    """One page of quotes."""

    items: list[QuoteItem]
    next_cursor: str | None
    total: Maybe[int]
    total_is_capped: Maybe[bool]


def quote_item(quote: Quote) -> QuoteItem:
    """A quote that was just written, as the API shows it."""
    values: dict[str, Any] = {name: getattr(quote, name, None) for name in QuoteItem.__struct_fields__}
    for name in ("created_at", "updated_at", "expires_at"):
        values[name] = timestamp(values[name])
    for name in ("id", "replaces_id", "replaced_by_id", "booking_id"):
        values[name] = str(values[name]) if values[name] else UNSET
    for name, column in (("pickup", "pickup"), ("back", "return")):
        parts = {"location": "location", "local": "local", "time_zone": "zone", "at": "at"}
        values[name] = {part: getattr(quote, f"{column}_{end}") for part, end in parts.items()}
    values["currencies"] = values["currencies"] or UNSET
    found: Any = values | {"state": quote.state.value, "total": value_of(quote.total)}
    return QuoteItem(**found)


def _end(stored: Any) -> QuoteEnd:
    found = dict(_decoded(stored))
    local, at = found["local"], found["at"]
    found["local"] = (
        local.isoformat(timespec="minutes") if isinstance(local, datetime) else local[:16].replace(" ", "T")
    )
    found["at"] = timestamp(at) if isinstance(at, datetime) else f"{at.replace(' ', 'T')}Z"
    return QuoteEnd(**found)


def _decoded(stored: Any) -> Any:
    return msgspec.json.decode(stored) if isinstance(stored, str) else stored

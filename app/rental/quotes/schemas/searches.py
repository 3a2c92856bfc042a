"""Car searches in the JSON API, and as they are kept while suppliers answer."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec

from app.core.values import UNSET, Id, Maybe, MoneyValue, Timestamp, UnsetType, money_value
from app.kit.money import Money

MOST_BRANCHES = 10
WIDEST_KM = 200

SearchLocal = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d$",
        description="Wall time at the branch, without an offset",
        examples=["2027-05-03T10:00"],
    ),
]
BranchCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9][A-Z0-9-]{1,15}$", examples=["TLL"])]
Bucket = Literal["small", "medium", "large", "premium", "estate", "convertible", "people_carrier"]
Transmission = Literal["automatic", "manual"]
ClassPattern = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z*]{4}$", examples=["C***"])]
SourceCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", examples=["own"])]


class SearchPoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somewhere on earth, and how far around it branches are wanted."""

    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90, examples=[59.437])]
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180, examples=[24.7536])]
    radius_km: Annotated[float, msgspec.Meta(gt=0, le=WIDEST_KM, examples=[25])] = 25


class PickupFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When, and where: some branches by their codes, those of a city, or those around a point. Exactly one of them."""

    EXAMPLE: ClassVar = {"local": "2027-05-03T10:00", "locations": ["TLL"]}

    local: SearchLocal
    locations: Annotated[list[BranchCode], msgspec.Meta(min_length=1, max_length=MOST_BRANCHES)] | UnsetType = UNSET
    city: Annotated[str, msgspec.Meta(min_length=1, max_length=120, examples=["Tallinn"])] | UnsetType = UNSET
    near: SearchPoint | UnsetType = UNSET


class ReturnFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When, and where it comes back: to each branch of the pick-up itself, unless one is named."""

    EXAMPLE: ClassVar = {"local": "2027-05-06T10:00"}

    local: SearchLocal
    location: BranchCode | UnsetType = UNSET


class SearchFilters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of the offers is wanted; nothing means everything. `sources` are `own` and codes of suppliers."""

    EXAMPLE: ClassVar = {"buckets": ["medium", "estate"], "transmission": "automatic"}

    buckets: Annotated[list[Bucket], msgspec.Meta(max_length=7)] = []
    transmission: Transmission | UnsetType = UNSET
    classes: Annotated[list[ClassPattern], msgspec.Meta(max_length=20)] = []
    sources: Annotated[list[SourceCode], msgspec.Meta(max_length=20)] = []


class NewCarSearch(msgspec.Struct, forbid_unknown_fields=True, rename={"back": "return"}):
    """What is looked for. `promo` is a product of the rate cards; `currency` is what totals are compared in."""

    pickup: PickupFields
    back: ReturnFields
    driver_age: Annotated[int, msgspec.Meta(ge=16, le=99, examples=[35])] = 30
    residence: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", examples=["EE"])] | UnsetType = UNSET
    promo: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,24}$", examples=["PREPAID"])] | UnsetType = UNSET
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$", examples=["EUR"])] | UnsetType = UNSET
    filters: SearchFilters = SearchFilters()
    replaces_booking_id: (
        Annotated[
            UUID, msgspec.Meta(description="The booking that lost its car; what is booked from here takes its place")
        ]
        | UnsetType
    ) = UNSET


class CarLine(msgspec.Struct, frozen=True):
    """One line of a price: how much of what, why, whether it is within another amount, asked for by nobody, sure to
    stay what it is, and with its tax in it.
    """

    EXAMPLE: ClassVar = {
        "code": "TIME",
        "quantity": 3,
        "amount": {"amount": "234.00", "currency": "EUR"},
        "explanation": "3 days at 78.00",
        "is_included": False,
        "is_required": True,
        "is_guaranteed": True,
        "is_tax_inclusive": True,
    }

    code: str
    quantity: int
    amount: MoneyValue
    explanation: str
    is_included: bool = False
    is_required: bool = True
    is_guaranteed: bool = True
    is_tax_inclusive: bool = True


class CarCover(msgspec.Struct, frozen=True, omit_defaults=True):
    """A cover that is in the price, and what the driver still bears."""

    code: str
    excess: Maybe[MoneyValue] = UNSET


class CarOffer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A class at a branch at its price. `total` is the truth, in its own currency; `compared` is for sorting alone.

    `delivery`: where people get the vehicle, as locations have it; nothing where a supplier does not say.
    """

    id: str
    source: str
    source_name: str
    pickup_location: str
    return_location: str
    class_code: str
    class_words: str
    bucket: str
    transmission: str
    model: str
    total: MoneyValue
    lines: list[CarLine]
    is_tax_included: bool
    compared: Maybe[MoneyValue] = UNSET
    note: Maybe[str] = UNSET
    covers: list[CarCover] = []
    included_km: Maybe[int] = UNSET
    has_unlimited_km: bool = False
    is_mileage_doubtful: bool = False
    deposit: Maybe[MoneyValue] = UNSET
    is_on_request: bool = False
    delivery: Maybe[str] = UNSET
    left: Maybe[int] = UNSET
    rate_card: Maybe[str] = UNSET


class KeptOffer(msgspec.Struct, frozen=True):
    """An offer with what is needed to ask for it again."""

    offer: CarOffer
    key: str = ""
    pickup_branch: str = ""
    return_branch: str = ""
    asked: dict[str, Any] | None = None
    """What the supplier asks for, total and lines, where that is a net price: no customer sees it."""


class CarChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """The nearest change that was tried and gives an offer: what is other than asked for, in words and by field."""

    EXAMPLE: ClassVar = {
        "words": "pick up on Mon 3 May at 08:00",
        "pickup_local": "2027-05-03T08:00",
        "total": {"amount": "234.00", "currency": "EUR"},
        "left": 2,
    }

    words: str = ""
    pickup_location: Maybe[str] = UNSET
    pickup_local: Maybe[str] = UNSET
    return_location: Maybe[str] = UNSET
    return_local: Maybe[str] = UNSET
    class_code: Maybe[str] = UNSET
    driver_age: Maybe[int] = UNSET
    total: Maybe[MoneyValue] = UNSET
    compared: Maybe[MoneyValue] = UNSET
    left: Maybe[int] = UNSET


class CarExclusion(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody, or a class at a branch, without an offer: why, with the numbers, and what would make it available."""

    source: str
    source_name: str
    pickup_location: str
    reason: str
    words: str = ""
    detail: str = ""
    class_code: Maybe[str] = UNSET
    numbers: dict[str, int] = {}
    change: Maybe[CarChange] = UNSET
    tried: int = 0
    """How many changes were tried; without any nobody knows whether one would help."""


class SourceProgress(msgspec.Struct, frozen=True):
    """Who was asked at which branch: `waiting`, `trying` (a change), `answered`, `late` or `absent`, how long after."""

    source: str
    source_name: str
    pickup_location: str
    state: str
    offers: int
    milliseconds: int


class CarGroup(msgspec.Struct, frozen=True):
    """The offers of one of the brokers' buckets, the cheapest first."""

    bucket: str
    words: str
    offers: list[CarOffer]


class ConversionRate(msgspec.Struct, frozen=True):
    """By which rate totals were compared, or would be if it were not too old: units of the currency for one of base."""

    EXAMPLE: ClassVar = {
        "base": "EUR", "currency": "SEK", "rate": "11.42", "valid_from": "2027-04-01",
        "source": "European Central Bank", "is_stale": False,
    }  # fmt: skip

    base: str
    currency: str
    rate: str
    valid_from: str
    source: str = ""
    is_stale: bool = False


class CarSearchItem(msgspec.Struct, rename={"back": "return"}):
    """A search: offers by bucket, who was asked, why others have nothing. `partial` while somebody is waited for."""

    id: Id
    market: str
    currency: str
    partial: bool
    deadline_at: Timestamp
    expires_at: Timestamp
    pickup: dict[str, Any]
    back: dict[str, Any]
    locations: list[str]
    notes: list[str]
    offers: int
    groups: list[CarGroup]
    sources: list[SourceProgress]
    excluded: list[CarExclusion]
    conversion_rates: list[ConversionRate]


class Answered(msgspec.Struct):
    """What one source said of one branch, as it is kept; `is_trying` while changes are still asked for."""

    offers: list[KeptOffer] = []
    excluded: list[CarExclusion] = []
    is_trying: bool = False


def value_of(amount: Money) -> MoneyValue:
    """Money as it is shown outside."""
    found = money_value(amount.minor, amount.currency)
    assert found is not None
    return found


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not there."""
    return {name: value for name, value in values.items() if value is not UNSET and value is not None}

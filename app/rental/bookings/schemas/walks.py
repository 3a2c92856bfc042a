"""Walking a customer in the JSON API: what could take a booking's place, and what does."""

from typing import ClassVar

import msgspec

from app.core.values import UNSET, Maybe, MoneyValue, UnsetType


class OwnStandIn(msgspec.Struct):
    """A class of our own fleet that is left for the hire; `worth` is what it costs a new customer today.

    `kind` is `same` (the class that was booked, at another branch), `better` or `smaller`.
    """

    location: str
    class_code: str
    class_words: str
    free: int
    kind: str
    distance_km: float
    worth: Maybe[MoneyValue] = UNSET


class SupplierStandIn(msgspec.Struct):
    """A supplier's car; `price` is what a new customer would pay, and what `expected` says when it is chosen.

    `cost` is what it costs us, `difference` that beyond what the customer pays, negative where it is less: where it is
    sold by terms with the supplier, both are for those who may see margins.
    """

    supplier: str
    supplier_name: str
    key: str
    class_code: str
    model: str
    price: MoneyValue
    is_on_request: bool
    cost: Maybe[MoneyValue] = UNSET
    difference: Maybe[MoneyValue] = UNSET


class AbsentSupplier(msgspec.Struct):
    """A supplier without an offer, and why."""

    supplier: str
    reason: str
    detail: str


class WalkCandidates(msgspec.Struct):
    """What could take a booking's place. Whatever does, the customer pays `agreed`."""

    agreed: MoneyValue
    own: list[OwnStandIn]
    suppliers: list[SupplierStandIn]
    absent: list[AbsentSupplier]


class OwnWalk(msgspec.Struct, forbid_unknown_fields=True):
    """A class at a branch of ours."""

    location: str
    class_code: str


class SupplierWalk(msgspec.Struct, forbid_unknown_fields=True):
    """An offer of a supplier by its key, and what it was told to cost."""

    supplier: str
    key: str
    expected: MoneyValue


class WalkBody(msgspec.Struct, forbid_unknown_fields=True):
    """What takes the booking's place: a class of ours or a supplier's car, exactly one of them; and why."""

    EXAMPLE: ClassVar = {"reason": "Overbooked", "own": {"location": "TLL", "class_code": "PDMR"}}

    reason: str
    own: OwnWalk | UnsetType = UNSET
    supplier: SupplierWalk | UnsetType = UNSET

"""What every dialect offers: for each operation the call that asks, and the reader of its answer. Neither does I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from app.core.partners.client import Answer, Call, Read
from app.core.partners.outcomes import MalformedAnswer, Outcome, PartnerError, PartnerFailed, PartnerRefused
from app.rental.suppliers.rules import BranchFound, ErrorKind, HireAsk, ReservationFound, SupplierOffer

T = TypeVar("T")


class SupplierRefused(PartnerRefused):
    """The supplier said no; `kind` says it in our words, the detail in both."""

    def __init__(self, kind: ErrorKind, text: str) -> None:
        super().__init__(f"{kind.value}: {text}")
        self.kind, self.text = kind, text


class SupplierFailed(PartnerFailed):
    """The supplier's own systems failed, as it says itself."""


@dataclass(frozen=True, slots=True)
class Exchange(Generic[T]):
    """What is asked, and how the answer is read."""

    call: Call
    read: Read[T]


@dataclass(frozen=True, slots=True)
class Account:
    """How we are known to a supplier."""

    account: str
    secret: str
    currency: str
    has_period_quirk: bool = False

    def agreed(self, currency: str) -> str:
        """The currency of a price, which is the one that is agreed with the supplier. Raises MalformedAnswer.

        A number in another one is no price of ours: as money it would be taken for more or less than it is.
        """
        if currency != self.currency:
            raise MalformedAnswer(f"priced in {currency[:3]}, agreed is {self.currency}")
        return currency


@dataclass(frozen=True, slots=True)
class Driver:
    """Who hires."""

    surname: str
    given_name: str


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request as it was kept: credentials are masked in it."""

    operation: str
    method: str
    path: str
    body: str


class Adapter(Protocol):
    """One dialect, speaking for one account."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What every request says of us."""
        ...

    def restored(self, kept: KeptRequest) -> KeptRequest | None:
        """A kept request with our credentials put back; None where that cannot be done."""
        ...

    def opened(self, answer: Answer) -> Any:
        """The content of any answer. Raises SupplierRefused, SupplierFailed, MalformedAnswer."""
        ...

    def locations(self) -> Exchange[list[BranchFound]]: ...

    def search(self, ask: HireAsk, *, seconds: float) -> Exchange[list[SupplierOffer]]: ...

    def recheck(self, key: str, ask: HireAsk) -> Exchange[SupplierOffer]: ...

    def book(self, key: str, ask: HireAsk, driver: Driver, our_reference: str) -> Exchange[ReservationFound]: ...

    def retrieve(self, number: str, our_reference: str, surname: str) -> Exchange[ReservationFound]: ...

    def amend(self, number: str, surname: str, ask: HireAsk) -> Exchange[ReservationFound]: ...

    def cancel(self, number: str, surname: str) -> Exchange[ReservationFound]: ...


def kind_of(error: PartnerError) -> ErrorKind:
    """Any failure of a call in our words."""
    if isinstance(error, SupplierRefused):
        return error.kind
    return ErrorKind.TIMEOUT if error.came_of_it is Outcome.TIMEOUT else ErrorKind.SYSTEM


def require(found: Sequence[T], kind: ErrorKind, text: str) -> Sequence[T]:
    """What was found, or a refusal when it is nothing."""
    if not found:
        raise SupplierRefused(kind, text)
    return found

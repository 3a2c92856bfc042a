"""Walking a customer: what could take the place of a booking, and who bears the difference."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.actor import Actor
from app.core.filters import money
from app.kit import acriss
from app.kit.money import Money
from app.rental.bookings.forms import OWN, SUPPLIER, WalkForm
from app.rental.bookings.models import Booking
from app.rental.bookings.pages.details import End
from app.rental.bookings.rules import StandIn
from app.rental.bookings.services.standing_in import OwnCandidate, Supplied, SuppliedResult
from app.rental.occupancy.services import ClassLeft
from app.rental.suppliers.services.searching import Absent

KIND_WORDS = {StandIn.SAME: "same class", StandIn.BETTER: "better", StandIn.SMALLER: "smaller"}
MOST_OFFERS = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line to choose. `difference` says in words who bears what."""

    target: str
    where: str
    class_code: str
    class_words: str
    note: str
    price: str
    difference: str
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class SupplierCars:
    """What suppliers have, once they were asked."""

    is_asked: bool = False
    offers: list[Candidate] = field(default_factory=list[Candidate])
    absent: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


@dataclass(frozen=True, slots=True)
class WalkPage:
    """The page."""

    booking: Booking
    ends: list[End]
    total: str
    overbooked: str
    form: WalkForm
    own: list[Candidate]
    supplied: SupplierCars
    sees_costs: bool


def overbooked_in_words(left: ClassLeft | None) -> str:
    """That there is no vehicle for a booking, if it is so."""
    if left is None or left.free > left.promised:
        return ""
    others = f"{left.promised} other{'' if left.promised == 1 else 's'} promised"
    return f"Overbooked: of {left.class_code} {left.free} free for these days, {others}."


def own_candidate(found: OwnCandidate, booking: Booking) -> Candidate:
    """A class of our own fleet."""
    place = found.location
    far = f", {found.km:.0f} km" if found.km else ""
    return Candidate(
        target=f"{OWN}|{place.code}|{found.class_code}",
        where=f"{place.name}{far}",
        class_code=found.class_code,
        class_words=acriss.decode(found.class_code),
        note=f"{found.free} free, {KIND_WORDS[found.kind]}",
        price=money(found.worth),
        difference=worth_in_words(booking.total, found.worth),
        is_doubtful=found.kind is StandIn.SMALLER,
    )


def supplied_cars(result: SuppliedResult | None, booking: Booking, actor: Actor) -> SupplierCars:
    """What suppliers answered; nothing before they were asked."""
    if result is None:
        return SupplierCars()
    offers = [_offer(each, booking, actor) for each in result.offers[:MOST_OFFERS]]
    return SupplierCars(is_asked=True, offers=offers, absent=[_absent(each) for each in result.absent])


def worth_in_words(agreed: Money, worth: Money | None) -> str:
    """What is given beyond the agreed price."""
    if worth is None or worth.currency != agreed.currency:
        return ""
    more = worth - agreed
    return f"worth {money(more)} more, given" if more.minor > 0 else "worth no more"


def borne_in_words(agreed: Money, cost: Money) -> str:
    """Who bears the difference between what the customer pays and what the supplier takes: always we."""
    if cost.currency != agreed.currency:
        return "in another currency"
    more = cost - agreed
    if not more.minor:
        return "nothing to bear"
    return f"we bear {money(more)}" if more.minor > 0 else f"we keep {money(-more)}"


def _offer(supplied: Supplied, booking: Booking, actor: Actor) -> Candidate:
    """A supplier's car: what it costs us where that may be known, else what a new customer would pay."""
    found, offer = supplied.found, supplied.sold.offer
    price, is_known = offer.total, supplied.is_known_to(actor)
    return Candidate(
        target=f"{SUPPLIER}|{found.code}|{price.amount}|{price.currency}|{offer.key}",
        where=found.name,
        class_code=offer.acriss,
        class_words=offer.model,
        note="on request" if offer.is_on_request else "available",
        price=money(supplied.cost if is_known else price),
        difference=(borne_in_words(booking.total, supplied.cost) if is_known else worth_in_words(booking.total, price)),
        is_doubtful=offer.is_on_request,
    )


def _absent(each: Absent) -> tuple[str, str]:
    return each.name, ", ".join(part for part in (each.reason.value.replace("_", " "), each.detail) if part)


def own_candidates(found: Sequence[OwnCandidate], booking: Booking) -> list[Candidate]:
    """Classes of our own fleet."""
    return [own_candidate(each, booking) for each in found]

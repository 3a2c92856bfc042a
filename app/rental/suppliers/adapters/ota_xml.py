"""OTA XML 2012: VehLocSearch, VehAvailRate, VehRateRule, VehRes, VehRetRes, VehModify, VehCancel.

Answers are read with every DTD and entity refused, by local names: suppliers differ in namespaces and in what they wrap
things into. Times are wall times of the branches, without offset.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TypeVar
from xml.etree.ElementTree import Element, SubElement, tostring  # nosec B405 - only for writing
from xml.sax.saxutils import quoteattr  # nosec B406 - only for writing

from defusedxml import DefusedXmlException, ElementTree

from app.core.partners.client import Answer, Call
from app.core.partners.outcomes import MalformedAnswer
from app.kit.money import Money
from app.rental.locations.rules import Delivery
from app.rental.suppliers.adapters.interface import (
    Account,
    Driver,
    Exchange,
    KeptRequest,
    SupplierFailed,
    SupplierRefused,
    require,
)
from app.rental.suppliers.rules import (
    BranchFound,
    Cover,
    ErrorKind,
    HireAsk,
    Mileage,
    Operation,
    PriceLine,
    ReservationFound,
    ReservationState,
    SupplierOffer,
    hire_days,
    is_doubtful,
)

T = TypeVar("T")

NAMESPACE = "http://www.opentravel.org/OTA/2003/05"
VERSION = "2.001"
MASKED_PASSWORD = re.compile(r'MessagePassword="[^"]*"')
HEADERS = {"Content-Type": "application/xml; charset=utf-8", "Accept": "application/xml"}
CONFIRMATION, OURS, RATE_KEY = "14", "40", "16"
"""Types of ids by the OpenTravel code list UIT: reservation, confirmation of the agent's own, rate."""
BY_CODE = {
    "95": ErrorKind.ALREADY_CANCELLED, "97": ErrorKind.NOT_FOUND, "87": ErrorKind.NOT_FOUND,
    "111": ErrorKind.BAD_INPUT, "15": ErrorKind.BAD_INPUT, "321": ErrorKind.BAD_INPUT, "322": ErrorKind.NO_RESULTS,
    "187": ErrorKind.SYSTEM, "448": ErrorKind.SYSTEM, "197": ErrorKind.SYSTEM, "175": ErrorKind.SYSTEM,
}  # fmt: skip
"""Codes of the list ERR; what is not here is a known error of the supplier's own."""
BY_COUNTER = {
    "1": Delivery.IN_TERMINAL, "2": Delivery.SHUTTLE, "3": Delivery.SHUTTLE, "MeetAndGreet": Delivery.MEET_AND_GREET,
}  # fmt: skip
"""Codes of the list VWF: terminal, shuttle on and off the airport; who meets its customers says so in words."""
STATES = {
    "Reserved": ReservationState.CONFIRMED, "Committed": ReservationState.CONFIRMED,
    "Modified": ReservationState.CONFIRMED, "Unchanged": ReservationState.CONFIRMED,
    "Requested": ReservationState.ON_REQUEST, "Pending": ReservationState.ON_REQUEST,
    "OnHold": ReservationState.ON_REQUEST, "Cancelled": ReservationState.CANCELLED,
    "PendingCancellation": ReservationState.CANCEL_PENDING, "Unsuccessful": ReservationState.REJECTED,
    "RequestDenied": ReservationState.REJECTED,
}  # fmt: skip
"""Transaction states of the protocol in ours."""


@dataclass(frozen=True, slots=True)
class OtaXml:
    """The dialect for one account."""

    account: Account

    @property
    def headers(self) -> Mapping[str, str]:
        return HEADERS

    def restored(self, kept: KeptRequest) -> KeptRequest:
        """The password stands in an attribute; it is written as the protocol's own writer does."""
        secret = quoteattr(self.account.secret)
        body = MASKED_PASSWORD.sub(lambda _: f"MessagePassword={secret}", kept.body, count=1)
        return replace(kept, body=body)

    def opened(self, answer: Answer) -> Element:
        return _opened(answer)

    def locations(self) -> Exchange[list[BranchFound]]:
        root = self._message("OTA_VehLocSearchRQ")
        return self._exchange(Operation.LOCATIONS, root, _branches, is_safe=True, seconds=20)

    def search(self, ask: HireAsk, *, seconds: float) -> Exchange[list[SupplierOffer]]:
        root = self._message("OTA_VehAvailRateRQ")
        core = SubElement(root, "VehAvailRQCore", {"Status": "All"})
        _rental_core(core, ask)
        SubElement(core, "DriverType", {"Age": str(ask.driver_age)})
        if ask.residence:
            info = SubElement(SubElement(root, "VehAvailRQInfo"), "Customer")
            SubElement(SubElement(info, "Primary"), "CitizenCountryName", {"Code": ask.residence})
        reader = partial(_offers, account=self.account, days=hire_days(ask))
        return self._exchange(Operation.SEARCH, root, reader, is_safe=True, seconds=seconds)

    def recheck(self, key: str, ask: HireAsk) -> Exchange[SupplierOffer]:
        root = self._message("OTA_VehRateRuleRQ")
        info = SubElement(root, "RentalInfo")
        _rental_core(info, ask)
        SubElement(info, "Reference", {"Type": RATE_KEY, "ID": key})
        reader = partial(_rechecked, account=self.account, days=hire_days(ask))
        return self._exchange(Operation.RECHECK, root, reader, is_safe=True)

    def book(self, key: str, ask: HireAsk, driver: Driver, our_reference: str) -> Exchange[ReservationFound]:
        root = self._message("OTA_VehResRQ")
        core = SubElement(root, "VehResRQCore", {"Status": "All"})
        SubElement(core, "UniqueID", {"Type": OURS, "ID": our_reference})
        _rental_core(core, ask)
        _person(SubElement(SubElement(core, "Customer"), "Primary"), driver.surname, driver.given_name)
        SubElement(core, "DriverType", {"Age": str(ask.driver_age)})
        SubElement(SubElement(root, "VehResRQInfo"), "Reference", {"Type": RATE_KEY, "ID": key})
        return self._exchange(Operation.BOOK, root, self._reservation(ask), seconds=20)

    def retrieve(self, number: str, our_reference: str, surname: str) -> Exchange[ReservationFound]:
        root = self._message("OTA_VehRetResRQ")
        core = SubElement(root, "VehRetResRQCore")
        SubElement(
            core, "UniqueID", {"Type": CONFIRMATION, "ID": number} if number else {"Type": OURS, "ID": our_reference}
        )
        _person(core, surname)
        return self._exchange(Operation.RETRIEVE, root, self._reservation(None), is_safe=True)

    def amend(self, number: str, surname: str, ask: HireAsk) -> Exchange[ReservationFound]:
        root = self._message("OTA_VehModifyRQ")
        core = SubElement(root, "VehModifyRQCore", {"ModifyType": "Modify"})
        SubElement(core, "UniqueID", {"Type": CONFIRMATION, "ID": number})
        _rental_core(core, ask)
        _person(SubElement(SubElement(core, "Customer"), "Primary"), surname)
        SubElement(core, "DriverType", {"Age": str(ask.driver_age)})
        return self._exchange(Operation.AMEND, root, self._reservation(ask), seconds=20)

    def cancel(self, number: str, surname: str) -> Exchange[ReservationFound]:
        root = self._message("OTA_VehCancelRQ")
        core = SubElement(root, "VehCancelRQCore", {"CancelType": "Cancel"})
        SubElement(core, "UniqueID", {"Type": CONFIRMATION, "ID": number})
        _person(core, surname)
        return self._exchange(Operation.CANCEL, root, _cancelled, seconds=20)

    def _message(self, name: str) -> Element:
        root = Element(name, {"xmlns": NAMESPACE, "Version": VERSION, "Target": "Production"})
        source = SubElement(SubElement(root, "POS"), "Source", {"ISOCurrency": self.account.currency})
        SubElement(
            source,
            "RequestorID",
            {"Type": "4", "ID": self.account.account, "MessagePassword": self.account.secret},
        )
        return root

    def _reservation(self, ask: HireAsk | None) -> Callable[[Element], ReservationFound]:
        days = hire_days(ask) if ask else 1
        return partial(_reservation, account=self.account, days=days)

    def _exchange(
        self,
        operation: Operation,
        root: Element,
        read: Callable[[Element], T],
        *,
        is_safe: bool = False,
        seconds: float = 10,
    ) -> Exchange[T]:
        body = b'<?xml version="1.0" encoding="UTF-8"?>' + tostring(root, encoding="utf-8")
        call = Call(operation.value, "POST", "/ota", body, HEADERS, seconds=seconds, is_safe=is_safe)
        return Exchange(call, lambda answer: read(_opened(answer)))


def _opened(answer: Answer) -> Element:
    """The root of an answer. Raises SupplierRefused, SupplierFailed for Errors, MalformedAnswer."""
    try:
        root = ElementTree.fromstring(answer.body, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (DefusedXmlException, ElementTree.ParseError, ValueError) as error:
        raise MalformedAnswer(f"no XML that may be read: {type(error).__name__}") from error
    errors = [each for each in root.iter() if _local(each) == "Error"]
    if errors:
        raise _refusal(errors[0])
    if answer.status >= 400 or not any(_local(each) == "Success" for each in root):
        raise MalformedAnswer(f"{_local(root)} with status {answer.status} has neither Success nor Errors")
    return root


def _refusal(error: Element) -> SupplierRefused | SupplierFailed:
    text = (error.get("ShortText") or error.text or "").strip()[:300]
    code = error.get("Code", "").lstrip("0")
    kind = BY_CODE.get(code, ErrorKind.KNOWN)
    if code == "320" and error.get("Tag") in ("pickup", "return", "PickUpLocation", "ReturnLocation"):
        kind = ErrorKind.UNKNOWN_LOCATION
    elif code == "320":
        kind = ErrorKind.EXPIRED if "RATE" in text.upper() else ErrorKind.BAD_INPUT
    elif code == "450" and "SUPPORT" in text.upper():
        kind = ErrorKind.UNSUPPORTED
    return SupplierFailed(f"{code} {text}") if kind is ErrorKind.SYSTEM else SupplierRefused(kind, text)


def _branches(root: Element) -> list[BranchFound]:
    return [_branch(detail) for detail in _all(root, "LocationDetail")]


def _branch(detail: Element) -> BranchFound:
    country, position = _first(detail, "CountryName"), _first(detail, "Position")
    city = _first(detail, "CityName")
    return BranchFound(
        code=detail.attrib["Code"],
        name=detail.get("Name", "") or detail.attrib["Code"],
        city=(city.text or "").strip() if city is not None else "",
        country=country.get("Code", "") if country is not None else "",
        iata=detail.get("AssocAirportLocList", "")[:3],
        latitude=_number(position, "Latitude"),
        longitude=_number(position, "Longitude"),
        delivery=BY_COUNTER.get(detail.get("CounterLoc", "")),
    )


def _offers(root: Element, *, account: Account, days: int) -> list[SupplierOffer]:
    cores = list(_all(root, "VehAvail"))
    require(cores, ErrorKind.NO_RESULTS, "no vehicles in the answer")
    return [_offer(each, account, days, status=_status(each)) for each in cores]


YES, NO = ("true", "1"), ("false", "0")
"""What a flag says; where a supplier leaves it out a line is required, guaranteed, and has its tax in it."""


def _rechecked(root: Element, *, account: Account, days: int) -> SupplierOffer:
    return _offer(root, account, days, status=root.get("Status", "Available"))


def _status(available: Element) -> str:
    core = _first(available, "VehAvailCore")
    return core.get("Status", "Available") if core is not None else "Available"


def _offer(root: Element, account: Account, days: int, *, status: str) -> SupplierOffer:
    vehicle, total, key = (_needed(root, name) for name in ("Vehicle", "TotalCharge", "Reference"))
    model = _first(vehicle, "VehMakeModel")
    currency = account.agreed(total.attrib["CurrencyCode"])
    charged = [*_all(root, "VehicleCharge"), *_all(root, "Fee")]
    return SupplierOffer(
        key=key.attrib["ID"],
        acriss=vehicle.get("Code") or (model.get("Code", "") if model is not None else ""),
        model=model.get("Name", "") if model is not None else "",
        total=Money.parse(total.get("EstimatedTotalAmount") or total.attrib["RateTotalAmount"], currency),
        lines=tuple(
            PriceLine(
                _code(each),
                each.get("Description", ""),
                Money.parse(each.attrib["Amount"], currency),
                is_included=each.get("IncludedInRate") in YES,
                is_tax_inclusive=each.get("TaxInclusive") not in NO,
                is_guaranteed=each.get("GuaranteedInd") not in NO,
                is_required=each.get("RequiredInd") not in NO,
            )
            for each in charged
        ),
        mileage=_mileage(_first(root, "RateDistance"), days, has_period_quirk=account.has_period_quirk),
        covers=tuple(_covers(root, currency)),
        is_on_request=status == "OnRequest",
    )


def _code(charge: Element) -> str:
    purposes = {"1": "TIME", "2": "ONE_WAY", "5": "YOUNG_DRIVER", "6": "YOUNG_DRIVER", "22": "DEPOSIT"}
    return purposes.get(charge.get("Purpose", ""), "FEE")


def _mileage(distance: Element | None, days: int, *, has_period_quirk: bool) -> Mileage:
    """Kilometres of the whole hire: per `Day` as often as there are days, per `RentalPeriod` once.

    One supplier writes RentalPeriod and means Day; that is a fact about the supplier, kept with it, never guessed here.
    """
    if distance is None or distance.get("Unlimited", "").lower() in ("true", "1"):
        return Mileage(None)
    quantity = int(distance.attrib["Quantity"])
    unit = distance.get("VehiclePeriodUnitName", "RentalPeriod")
    if unit == "Day" or (unit == "RentalPeriod" and has_period_quirk):
        return Mileage(quantity * days)
    if unit != "RentalPeriod":
        raise MalformedAnswer(f"kilometres per {unit[:20]}")
    return Mileage(quantity, is_doubtful=is_doubtful(quantity, days))


def _covers(root: Element, currency: str) -> Iterator[Cover]:
    for priced in _all(root, "PricedCoverage"):
        cover, charge, deductible = (_first(priced, name) for name in ("Coverage", "Charge", "Deductible"))
        if cover is None or charge is None or charge.get("IncludedInRate") != "true":
            continue
        excess = Money.parse(deductible.attrib["Amount"], currency) if deductible is not None else None
        yield Cover(cover.get("Code") or cover.get("CoverageType", ""), excess)


def _reservation(root: Element, *, account: Account, days: int) -> ReservationFound:
    segment = _needed(root, "VehSegmentCore")
    ids = {each.get("Type", ""): each.get("ID", "") for each in _all(segment, "ConfID")}
    state = next(
        (
            each.attrib[name]
            for each in root.iter()
            for name in ("ReservationStatus", "ModifyStatus")
            if name in each.attrib
        ),
        "",
    )
    offer = _offer(segment, account, days, status="Available") if _first(segment, "TotalCharge") is not None else None
    return ReservationFound(ids[CONFIRMATION], STATES[state], ids.get(OURS, ""), offer, _times(segment))


def _times(segment: Element) -> tuple[datetime, datetime] | None:
    """Wall times of the branches; None where it tells none."""
    core = _first(segment, "VehRentalCore")
    try:
        first, last = (
            datetime.fromisoformat(core.attrib[name]) if core is not None else None
            for name in ("PickUpDateTime", "ReturnDateTime")
        )
    except (KeyError, ValueError):
        return None
    return (first.replace(tzinfo=None), last.replace(tzinfo=None)) if first and last else None


def _cancelled(root: Element) -> ReservationFound:
    core = _needed(root, "VehCancelRSCore")
    number = _first(core, "UniqueID")
    return ReservationFound(
        number.get("ID", "") if number is not None else "", STATES[core.attrib["CancelStatus"]], "", None
    )


def _rental_core(into: Element, ask: HireAsk) -> None:
    core = SubElement(
        into,
        "VehRentalCore",
        {
            "PickUpDateTime": ask.pickup.local.isoformat(timespec="seconds"),
            "ReturnDateTime": ask.back.local.isoformat(timespec="seconds"),
        },
    )
    SubElement(core, "PickUpLocation", {"LocationCode": ask.pickup.branch})
    SubElement(core, "ReturnLocation", {"LocationCode": ask.back.branch})


def _person(into: Element, surname: str, given_name: str = "") -> None:
    name = SubElement(into, "PersonName")
    if given_name:
        SubElement(name, "GivenName").text = given_name
    SubElement(name, "Surname").text = surname


def _all(root: Element, name: str) -> Iterator[Element]:
    return (each for each in root.iter() if _local(each) == name)


def _first(root: Element, name: str) -> Element | None:
    return next(_all(root, name), None)


def _needed(root: Element, name: str) -> Element:
    found = _first(root, name)
    if found is None:
        raise MalformedAnswer(f"{_local(root)} has no {name}")
    return found


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _number(element: Element | None, name: str) -> Decimal | None:
    try:
        return Decimal(element.attrib[name]) if element is not None else None
    except (InvalidOperation, KeyError):
        return None

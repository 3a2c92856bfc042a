"""The XML dialect: OTA 2012 messages by POST to one address, told apart by their root element."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml import DefusedXmlException, ElementTree

from app.sandbox.suppliers.catalogue import MODELS, Branch
from app.sandbox.suppliers.ledger import TAX_PERCENT, Ask, Ledger, Offer, Refusal, Reservation, kilometres

NAMESPACE: Final = "http://www.opentravel.org/OTA/2003/05"
CODES: Final[Mapping[str, tuple[str, str]]] = {
    # kind of refusal -> (error warning type, error code) of the OpenTravel code lists EWT and ERR
    "no_results": ("3", "322"),
    "sold_out": ("3", "322"),
    "unknown_location": ("10", "320"),
    "bad_input": ("10", "321"),
    "expired": ("3", "320"),
    "not_found": ("3", "97"),
    "already_cancelled": ("3", "95"),
    "unsupported": ("3", "450"),
    "known": ("3", "450"),
    "authentication": ("4", "175"),
    "system": ("12", "448"),
}
STATES: Final = {
    "confirmed": "Reserved",
    "on_request": "Requested",
    "cancelled": "Cancelled",
    "rejected": "RequestDenied",
}
COUNTERS: Final = {"TERMINAL": "1", "SHUTTLE": "3", "MEET_AND_GREET": "MeetAndGreet"}
"""By the OpenTravel code list VWF, as far as it has one."""
OPERATIONS: Final = {
    "OTA_VehLocSearchRQ": "locations",
    "OTA_VehAvailRateRQ": "search",
    "OTA_VehRateRuleRQ": "recheck",
    "OTA_VehResRQ": "book",
    "OTA_VehRetResRQ": "retrieve",
    "OTA_VehModifyRQ": "amend",
    "OTA_VehCancelRQ": "cancel",
}


def operation_of(body: bytes) -> tuple[str, Element | None]:
    """Which operation a message asks for; an unreadable one is none."""
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        return "", None
    return OPERATIONS.get(_local(root), ""), root


def answer(ledger: Ledger, operation: str, root: Element) -> bytes:
    """Do what the message asks; what the company refuses is an answer with Errors."""
    name = _local(root).removesuffix("RQ") + "RS"
    made = Element(name, {"xmlns": NAMESPACE, "Version": "2.001", "EchoToken": root.get("EchoToken", "")})
    requestor = _find(root, "RequestorID")
    try:
        if requestor is None or requestor.get("MessagePassword") != ledger.company.secret:
            raise Refusal("authentication", "PASSWORD INVALID")  # noqa: TRY301 - one way for every refusal
        fill = _HANDLERS[operation]
        SubElement(made, "Success")
        fill(ledger, root, made)
    except Refusal as refusal:
        return refused(name, refusal)
    return _written(made)


def refused(name: str, refusal: Refusal) -> bytes:
    made = Element(name, {"xmlns": NAMESPACE, "Version": "2.001"})
    kind, code = CODES[refusal.kind]
    error = SubElement(SubElement(made, "Errors"), "Error", {"Type": kind, "Code": code, "ShortText": refusal.text})
    if refusal.field_name:
        error.set("Tag", refusal.field_name)
    error.text = refusal.text
    return _written(made)


def _locations(ledger: Ledger, _root: Element, made: Element) -> None:
    matched = SubElement(made, "VehMatchedLocs")
    for branch in ledger.company.branches:
        _location(SubElement(matched, "VehMatchedLoc"), branch)
    _vendor(made, ledger)


def _location(matched: Element, branch: Branch) -> None:
    detail = SubElement(
        matched,
        "LocationDetail",
        {"AtAirport": "true" if branch.iata else "false", "Code": branch.code, "Name": branch.name},
    )
    if branch.iata:
        detail.set("AssocAirportLocList", branch.iata)
    if branch.handover:
        detail.set("CounterLoc", COUNTERS[branch.handover])
    address = SubElement(detail, "Address")
    SubElement(address, "CityName").text = branch.city
    SubElement(address, "CountryName", {"Code": branch.country})
    more = SubElement(detail, "AdditionalInfo")
    schedule = SubElement(SubElement(more, "OperationSchedules"), "OperationSchedule")
    times = SubElement(schedule, "OperationTimes")
    week = dict.fromkeys(("Mon", "Tue", "Weds", "Thur", "Fri", "Sat", "Sun"), "true")
    SubElement(times, "OperationTime", {**week, "Start": branch.opens, "End": branch.closes})
    SubElement(
        SubElement(more, "TPA_Extensions"), "Position", {"Latitude": branch.latitude, "Longitude": branch.longitude}
    )


def _search(ledger: Ledger, root: Element, made: Element) -> None:
    ask = _ask(root)
    offers = ledger.search(ask)
    core = SubElement(made, "VehAvailRSCore")
    _rental_core(core, ask)
    vendor = SubElement(SubElement(core, "VehVendorAvails"), "VehVendorAvail")
    _vendor(vendor, ledger)
    listed = SubElement(vendor, "VehAvails")
    for offer in offers:
        available = SubElement(listed, "VehAvail")
        status = "OnRequest" if offer.is_on_request else "Available"
        _priced(SubElement(available, "VehAvailCore", {"Status": status}), ledger, offer)
        _covers(SubElement(available, "VehAvailInfo"), offer)


def _recheck(ledger: Ledger, root: Element, made: Element) -> None:
    offer = ledger.recheck(_key(root))
    _rental_core(made, offer.ask)
    _priced(made, ledger, offer)
    rules = SubElement(made, "RateRules")
    penalty = SubElement(SubElement(rules, "CancelPenaltyInfo"), "Deadline")
    penalty.attrib.update({"OffsetTimeUnit": "Hour", "OffsetUnitMultiplier": "48", "OffsetDropTime": "BeforeArrival"})
    made.set("Status", "OnRequest" if offer.is_on_request else "Available")


def _book(ledger: Ledger, root: Element, made: Element) -> None:
    unique = _find(root, "UniqueID")
    surname, given = _text(root, "Surname"), _text(root, "GivenName")
    booked = ledger.book(_key(root), unique.get("ID", "") if unique is not None else "", surname, given)
    core = SubElement(made, "VehResRSCore", {"ReservationStatus": STATES[booked.state]})
    _reservation(SubElement(core, "VehReservation"), ledger, booked)


def _retrieve(ledger: Ledger, root: Element, made: Element) -> None:
    number, reference = _numbers(root)
    found = ledger.retrieve(number, reference, _text(root, "Surname"))
    core = SubElement(made, "VehRetResRSCore")
    reservation = SubElement(core, "VehReservation", {"ReservationStatus": STATES[found.state]})
    _reservation(reservation, ledger, found)


def _modify(ledger: Ledger, root: Element, made: Element) -> None:
    number, _ = _numbers(root)
    known = ledger.retrieve(number, "", _text(root, "Surname"))
    changed = ledger.modify(number, known.surname, _ask(root))
    core = SubElement(made, "VehModifyRSCore", {"ModifyStatus": "Modified"})
    _reservation(SubElement(core, "VehReservation"), ledger, changed)


def _cancel(ledger: Ledger, root: Element, made: Element) -> None:
    number, _ = _numbers(root)
    cancelled = ledger.cancel(number, _text(root, "Surname"))
    core = SubElement(made, "VehCancelRSCore", {"CancelStatus": "Cancelled"})
    SubElement(core, "UniqueID", {"Type": "15", "ID": cancelled.number})


_HANDLERS: Final[Mapping[str, Callable[[Ledger, Element, Element], None]]] = {
    "locations": _locations,
    "search": _search,
    "recheck": _recheck,
    "book": _book,
    "retrieve": _retrieve,
    "amend": _modify,
    "cancel": _cancel,
}


def _reservation(into: Element, ledger: Ledger, booked: Reservation) -> None:
    person = SubElement(SubElement(SubElement(into, "Customer"), "Primary"), "PersonName")
    SubElement(person, "GivenName").text = booked.given_name
    SubElement(person, "Surname").text = booked.surname
    core = SubElement(into, "VehSegmentCore")
    SubElement(core, "ConfID", {"Type": "14", "ID": booked.number})
    if booked.client_reference:
        SubElement(core, "ConfID", {"Type": "40", "ID": booked.client_reference})
    _vendor(core, ledger)
    _rental_core(core, booked.offer.ask)
    _priced(core, ledger, booked.offer)


def _priced(into: Element, ledger: Ledger, offer: Offer) -> None:
    """Vehicle, rate, total, fees and rate key, as they stand in every answer that has a price."""
    acriss = offer.acriss
    vehicle = SubElement(into, "Vehicle", {"Code": acriss, "CodeContext": "SIPP", "PassengerQuantity": "5"})
    vehicle.set("TransmissionType", "Automatic" if acriss[2] in "ABD" else "Manual")
    vehicle.set("AirConditionInd", "true")
    SubElement(vehicle, "VehMakeModel", {"Name": f"{MODELS[acriss]} or similar", "Code": acriss})
    rate = SubElement(into, "RentalRate")
    km = kilometres(ledger, offer)
    distance = SubElement(rate, "RateDistance", {"Unlimited": "true" if km["unlimited"] else "false"})
    if not km["unlimited"]:
        distance.attrib.update(
            {"Quantity": str(km["quantity"]), "DistUnitName": "Km", "VehiclePeriodUnitName": km["unit"]}
        )
    charges = SubElement(rate, "VehicleCharges")
    _charge(charges, "VehicleCharge", offer, offer.time_minor, "1", f"Time and mileage, {offer.days} days")
    SubElement(rate, "RateQualifier", {"RateCategory": "16", "RateQualifier": "BROKER"})
    total = _amount(offer.total_minor)
    SubElement(
        into,
        "TotalCharge",
        {"RateTotalAmount": total, "EstimatedTotalAmount": total, "CurrencyCode": offer.currency},
    )
    fees = SubElement(into, "Fees")
    if offer.one_way_minor:
        _charge(fees, "Fee", offer, offer.one_way_minor, "2", "One way")
    if offer.young_minor:
        _charge(fees, "Fee", offer, offer.young_minor, "5", "Young driver", guaranteed=False)
    SubElement(into, "Reference", {"Type": "16", "ID": offer.key, "ID_Context": ledger.company.code})


def _charge(
    into: Element, name: str, offer: Offer, minor: int, purpose: str, words: str, *, guaranteed: bool = True
) -> None:
    """A charge or a fee; what is taken at the counter may be another amount there."""
    charge = SubElement(
        into,
        name,
        {
            "Amount": _amount(minor), "CurrencyCode": offer.currency, "TaxInclusive": "true", "IncludedInRate": "false",
            "GuaranteedInd": "true" if guaranteed else "false", "RequiredInd": "true", "Purpose": purpose,
            "Description": words,
        },
    )  # fmt: skip
    tax = minor * TAX_PERCENT // (100 + TAX_PERCENT)
    SubElement(
        SubElement(charge, "TaxAmounts"),
        "TaxAmount",
        {"Total": _amount(tax), "CurrencyCode": offer.currency, "Percentage": str(TAX_PERCENT), "Description": "VAT"},
    )


def _covers(into: Element, offer: Offer) -> None:
    cover = SubElement(SubElement(into, "PricedCoverages"), "PricedCoverage")
    SubElement(cover, "Coverage", {"CoverageType": "7", "Code": "CDW"})
    SubElement(cover, "Charge", {"Amount": "0.00", "CurrencyCode": offer.currency, "IncludedInRate": "true"})
    SubElement(cover, "Deductible", {"Amount": "900.00", "CurrencyCode": offer.currency})


def _rental_core(into: Element, ask: Ask) -> None:
    core = SubElement(
        into,
        "VehRentalCore",
        {"PickUpDateTime": ask.pickup.isoformat(), "ReturnDateTime": ask.return_at.isoformat()},
    )
    SubElement(core, "PickUpLocation", {"LocationCode": ask.pickup_branch})
    SubElement(core, "ReturnLocation", {"LocationCode": ask.return_branch})


def _vendor(into: Element, ledger: Ledger) -> None:
    vendor = SubElement(into, "Vendor", {"Code": ledger.company.code.upper()})
    vendor.text = ledger.company.name


def _ask(root: Element) -> Ask:
    core, pickup, back = _find(root, "VehRentalCore"), _find(root, "PickUpLocation"), _find(root, "ReturnLocation")
    if core is None or pickup is None:
        raise Refusal("bad_input", "PICK UP MISSING", "pickup")
    driver = _find(root, "DriverType")
    try:
        return Ask(
            pickup.get("LocationCode", ""),
            (back if back is not None else pickup).get("LocationCode", ""),
            datetime.fromisoformat(core.get("PickUpDateTime", "")),
            datetime.fromisoformat(core.get("ReturnDateTime", "")),
            int(driver.get("Age", "30")) if driver is not None else 30,
        )
    except ValueError:
        raise Refusal("bad_input", "DATE OR AGE INVALID", "pickup") from None


def _numbers(root: Element) -> tuple[str, str]:
    """The company's number and our reference, by the type of each id."""
    ids = {each.get("Type", ""): each.get("ID", "") for each in root.iter() if _local(each) == "UniqueID"}
    return ids.get("14", ids.get("15", "")), ids.get("40", "")


def _key(root: Element) -> str:
    reference = _find(root, "Reference")
    return reference.get("ID", "") if reference is not None else ""


def _find(root: Element, name: str) -> Element | None:
    return next((each for each in root.iter() if _local(each) == name), None)


def _text(root: Element, name: str) -> str:
    found = _find(root, name)
    return (found.text or "").strip() if found is not None else ""


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _amount(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _written(root: Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8")

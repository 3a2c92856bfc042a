"""The JSON dialect: searches, offers and reservations as resources, errors as `{"error": {"code", "message"}}`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

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
Json = Mapping[str, Any]

BY_CODE = {kind.value.upper(): kind for kind in ErrorKind} | {"AUTHENTICATION": ErrorKind.SYSTEM}
DELIVERIES = {
    "TERMINAL": Delivery.IN_TERMINAL, "SHUTTLE": Delivery.SHUTTLE, "MEET_AND_GREET": Delivery.MEET_AND_GREET,
}  # fmt: skip
STATES = {
    "CONFIRMED": ReservationState.CONFIRMED,
    "PENDING": ReservationState.ON_REQUEST,
    "CANCELLED": ReservationState.CANCELLED,
    "REJECTED": ReservationState.REJECTED,
}


@dataclass(frozen=True, slots=True)
class JsonRest:
    """The dialect for one account."""

    account: Account

    @property
    def headers(self) -> Mapping[str, str]:
        return {"X-Api-Key": self.account.secret, "Accept": "application/json", "Content-Type": "application/json"}

    def restored(self, kept: KeptRequest) -> KeptRequest:
        """Credentials are in a header alone."""
        return kept

    def opened(self, answer: Answer) -> Json:
        return _opened(answer)

    def locations(self) -> Exchange[list[BranchFound]]:
        return self._exchange(
            Operation.LOCATIONS,
            "GET",
            "/v2/locations",
            lambda given: [_branch(each) for each in given["locations"]],
            is_safe=True,
            seconds=20,
        )

    def search(self, ask: HireAsk, *, seconds: float) -> Exchange[list[SupplierOffer]]:
        def read(given: Json) -> list[SupplierOffer]:
            offers = require(given["offers"], ErrorKind.NO_RESULTS, "no offers in the answer")
            return [self._offer(each, hire_days(ask)) for each in offers]

        body = _asked(ask)
        return self._exchange(Operation.SEARCH, "POST", "/v2/searches", read, body, is_safe=True, seconds=seconds)

    def recheck(self, key: str, ask: HireAsk) -> Exchange[SupplierOffer]:
        return self._exchange(
            Operation.RECHECK,
            "GET",
            f"/v2/offers/{quote(key, safe='')}",
            lambda given: self._with_terms(given, hire_days(ask)),
            is_safe=True,
        )

    def book(self, key: str, ask: HireAsk, driver: Driver, our_reference: str) -> Exchange[ReservationFound]:
        body = {
            "offerId": key,
            "partnerReference": our_reference,
            "driver": {"firstName": driver.given_name, "lastName": driver.surname, "age": ask.driver_age},
        }
        return self._exchange(Operation.BOOK, "POST", "/v2/reservations", self._reservation(ask), body, seconds=20)

    def retrieve(self, number: str, our_reference: str, surname: str) -> Exchange[ReservationFound]:
        if number:
            path = _reservation_path(number, surname)
        else:
            path = f"/v2/reservations?{urlencode({'partnerReference': our_reference, 'lastName': surname})}"
        return self._exchange(Operation.RETRIEVE, "GET", path, self._reservation(None), is_safe=True)

    def amend(self, number: str, surname: str, ask: HireAsk) -> Exchange[ReservationFound]:
        path = _reservation_path(number, surname)
        return self._exchange(Operation.AMEND, "PUT", path, self._reservation(ask), _asked(ask), seconds=20)

    def cancel(self, number: str, surname: str) -> Exchange[ReservationFound]:
        path = _reservation_path(number, surname)
        return self._exchange(Operation.CANCEL, "DELETE", path, self._reservation(None), seconds=20)

    def _with_terms(self, given: Json, days: int) -> SupplierOffer:
        return replace(self._offer(given["offer"], days), free_hours=_free_hours(given))

    def _offer(self, given: Json, days: int) -> SupplierOffer:
        price, vehicle = given["price"], given["vehicle"]
        currency = self.account.agreed(str(price["currency"]))
        return SupplierOffer(
            key=str(given["offerId"]),
            acriss=str(vehicle["sipp"]),
            model=str(vehicle.get("name", "")),
            total=Money.parse(str(price["total"]), currency),
            lines=tuple(
                PriceLine(
                    str(line["type"]),
                    str(line["description"]),
                    Money.parse(str(line["amount"]), currency),
                    is_included=line.get("included") is True,
                    is_tax_inclusive=line.get("taxIncluded", price.get("taxIncluded")) is not False,
                    is_guaranteed=line.get("guaranteed") is not False,
                    is_required=line.get("required") is not False,
                )
                for line in price.get("lines", ())
            ),
            mileage=_mileage(given["mileage"], days),
            covers=tuple(
                Cover(str(each["code"]), Money.parse(str(each["excess"]), currency) if each.get("excess") else None)
                for each in given.get("coverage", ())
                if each.get("included")
            ),
            is_on_request=given.get("availability") == "ON_REQUEST",
        )

    def _reservation(self, ask: HireAsk | None) -> Callable[[Json], ReservationFound]:
        def read(given: Json) -> ReservationFound:
            offer = self._with_terms(given, hire_days(ask) if ask else 1) if given.get("offer") else None
            return ReservationFound(
                str(given["reservationId"]),
                STATES[str(given["status"])],
                str(given.get("partnerReference") or ""),
                offer,
                _times(given),
            )

        return read

    def _exchange(
        self,
        operation: Operation,
        method: str,
        path: str,
        read: Callable[[Json], T],
        body: Any = None,
        *,
        is_safe: bool = False,
        seconds: float = 10,
    ) -> Exchange[T]:
        headers = {"X-Api-Key": self.account.secret, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        sent = None if body is None else msgspec.json.encode(body)
        call = Call(operation.value, method, path, sent, headers, seconds=seconds, is_safe=is_safe)
        return Exchange(call, lambda answer: read(_opened(answer)))


def _opened(answer: Answer) -> Json:
    """The object of an answer. Raises SupplierRefused, SupplierFailed, MalformedAnswer."""
    try:
        given = msgspec.json.decode(answer.body, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise MalformedAnswer(f"no JSON object: {error}"[:200]) from error
    error = given.get("error")
    if isinstance(error, dict):
        kind = BY_CODE.get(str(error.get("code")), ErrorKind.KNOWN)  # pyright: ignore[reportUnknownMemberType]
        text = str(error.get("message", ""))[:300]  # pyright: ignore[reportUnknownMemberType]
        raise SupplierFailed(text) if kind is ErrorKind.SYSTEM else SupplierRefused(kind, text)
    if answer.status >= 400:
        raise MalformedAnswer(f"status {answer.status} without an error")
    return given


def _free_hours(given: Json) -> int | None:
    hours = (given.get("cancellation") or {}).get("freeUntilHours")
    return None if hours is None else int(hours)


def _branch(given: Json) -> BranchFound:
    address, geo = given.get("address") or {}, given.get("geo") or {}
    return BranchFound(
        code=str(given["id"]),
        name=str(given.get("name") or given["id"]),
        city=str(address.get("city") or ""),
        country=str(address.get("countryCode") or ""),
        iata=str(given.get("iata") or "")[:3],
        latitude=Decimal(str(geo["lat"])) if "lat" in geo else None,
        longitude=Decimal(str(geo["lng"])) if "lng" in geo else None,
        delivery=DELIVERIES.get(str(given.get("handover"))),
    )


def _mileage(given: Json, days: int) -> Mileage:
    if given.get("unlimited"):
        return Mileage(None)
    quantity = int(given["km"])
    if given["per"] == "DAY":
        return Mileage(quantity * days)
    if given["per"] != "RENTAL":
        raise MalformedAnswer("kilometres per something else")
    return Mileage(quantity, is_doubtful=is_doubtful(quantity, days))


def _asked(ask: HireAsk) -> dict[str, Any]:
    places = {
        name: {"locationId": place.branch, "dateTime": place.local.isoformat(timespec="seconds")}
        for name, place in (("pickup", ask.pickup), ("dropoff", ask.back))
    }
    return {**places, "driverAge": ask.driver_age} | ({"residence": ask.residence} if ask.residence else {})


def _reservation_path(number: str, surname: str) -> str:
    return f"/v2/reservations/{quote(number, safe='')}?{urlencode({'lastName': surname})}"


def _times(given: Json) -> tuple[datetime, datetime] | None:
    """Wall times of the branches; None where it tells none."""
    try:
        first, last = (datetime.fromisoformat(str(given[end]["dateTime"])) for end in ("pickup", "dropoff"))
    except (KeyError, TypeError, ValueError):
        return None
    return first.replace(tzinfo=None), last.replace(tzinfo=None)

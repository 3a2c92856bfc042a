"""Searching the suppliers in the JSON API."""

from datetime import datetime

from litestar import Controller, Response, post
from litestar.params import JSONBody

from app.core.actor import Actor
from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, answer
from app.core.values import UNSET, MoneyValue, money_value
from app.kit.money import Money
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, read_local
from app.rental.suppliers.pages.words import REASON_WORDS
from app.rental.suppliers.rules import SEES_MARGINS
from app.rental.suppliers.schemas import (
    AbsenceItem,
    NewReservation,
    OfferItem,
    OfferLine,
    SearchPlace,
    SupplierSearch,
    SupplierSearchAnswer,
)
from app.rental.suppliers.services import searching
from app.rental.suppliers.services.searching import Found, Wanted

TAGS = ("Suppliers",)


class SupplierSearchApi(Controller):
    """Asking every supplier at once."""

    path = "/api/v1/supplier-searches"
    tags = TAGS
    opt = {"permission": "suppliers.view", "idempotent": False}

    @post(
        name="api.supplier_searches.create",
        operation_id="searchSuppliers",
        summary="Search the suppliers' cars",
        status_code=200,
    )
    async def create(
        self, request: Request, actor: CurrentActor, data: JSONBody[SupplierSearch]
    ) -> Response[SupplierSearchAnswer]:
        """Offers of every supplier with a branch at both locations, the cheapest first. It changes nothing.

        Each supplier has 4 seconds, all together 4.5: who is late, refuses or was not asked is listed in `absent` with
        the reason. Net prices are for those who may see margins. A `key` is the supplier's own, and has to be checked
        again before it is booked.
        """
        runtime, wanted = request.runtime, wanted_of(data)
        async with runtime.database.session() as session:
            plan = await searching.plan_search(session, runtime.settings, wanted, actor)
        result = await searching.search(runtime.partners, plan)
        absent = [
            AbsenceItem(each.code, each.name, each.reason.value, REASON_WORDS[each.reason], each.detail)
            for each in result.absent
        ]
        return answer(
            SupplierSearchAnswer([_item(found, actor) for found in result.offers], absent, result.milliseconds)
        )


def wanted_of(data: SupplierSearch | NewReservation) -> Wanted:
    """What is looked for. Raises InvalidFields for times that are none."""
    problems: list[Problem] = []
    pickup, back = (_local(place, name, problems) for place, name in ((data.pickup, "pickup"), (data.back, "return")))
    if problems:
        raise InvalidFields(problems)
    residence = data.residence if isinstance(data, SupplierSearch) and isinstance(data.residence, str) else ""
    return Wanted(data.pickup.location, pickup, data.back.location, back, data.driver_age, residence)


def _local(place: SearchPlace, name: str, problems: list[Problem]) -> datetime:
    try:
        return read_local(place.local)
    except NoSuchTime as error:
        problems.append(Problem(f"{name}.local", "invalid", str(error)))
        return datetime.min  # noqa: DTZ901 - a placeholder that the problem keeps from being used


def _item(found: Found, actor: Actor) -> OfferItem:
    offer, is_shown = found.offer, not found.is_net or actor.may(SEES_MARGINS)
    return OfferItem(
        supplier=found.code,
        supplier_name=found.name,
        key=offer.key,
        acriss=offer.acriss,
        model=offer.model,
        total=money_of(offer.total) if is_shown else UNSET,
        lines=[OfferLine(line.code, line.words, money_of(line.amount)) for line in offer.lines if is_shown],
        included_km=UNSET if offer.mileage.included_km is None else offer.mileage.included_km,
        mileage_is_doubtful=offer.mileage.is_doubtful,
        is_on_request=offer.is_on_request,
        pickup_branch=found.hire.pickup.branch,
        return_branch=found.hire.back.branch,
    )


def money_of(amount: Money) -> MoneyValue:
    """An amount as the API gives it."""
    value = money_value(amount.minor, amount.currency)
    assert value is not None
    return value

"""Availability in the JSON API."""

from datetime import datetime
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, answer
from app.core.openapi_vocabulary import QueryField
from app.core.values import timestamp
from app.kit import acriss
from app.kit.problems import Problem
from app.kit.wall_times import NoSuchTime, read_local
from app.rental.locations import services as locations
from app.rental.occupancy import services
from app.rental.occupancy.pages import EDIT
from app.rental.occupancy.rules import check_stay
from app.rental.occupancy.schemas import Availability, ClassAvailability, OverbookingLimit, OverbookingLimitFields

LOCAL = {"type": "string", "examples": ["2026-06-29T10:00"], "maxLength": 19}
QUERY = (
    QueryField("location", "The branch of the pick-up.", is_required=True),
    QueryField("pickup", "When, by the clocks of that branch.", LOCAL, is_required=True),
    QueryField("return", "When it comes back, by the clocks of the branch of the return.", LOCAL, is_required=True),
    QueryField("return_location", "The branch of the return, when it is another one."),
)


class AvailabilityApi(Controller):
    """What branches have left."""

    path = "/api/v1"
    tags = ("Availability",)
    opt = {"permission": "availability.view"}

    @get(
        "/availability",
        name="api.availability.index",
        operation_id="getAvailability",
        summary="Read what is left of each class at a branch",
        query=QUERY,
    )
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[Availability]:
        """For the whole stay, with turnaround, blocks, transfers, promises and the overbooking limit counted."""
        given = request.query_params
        code = given.get("location", "")
        back_code = given.get("return_location") or code
        known = await locations.by_codes(session, {code, back_code})
        here = known.get(code)
        if here is not None and not actor.sees(market=here.market, branch=here.code):
            known.pop(code)
        pickup, back = (
            locations.judge_handover(known.get(place), {"location": place, "local": _local(text, name)}, field=name)
            for name, place, text in (
                ("pickup", code, given.get("pickup", "")), ("return", back_code, given.get("return", "")),
            )
        )  # fmt: skip
        if problems := check_stay(pickup.at, back.at):
            raise InvalidFields(problems)
        stay = services.stay_between(pickup, back)
        return answer(_item(stay, await services.availability(session, stay)))

    @post(
        "/locations/{location_id:uuid}/overbooking-limits",
        name="api.locations.overbooking_limits.create",
        operation_id="setOverbookingLimit",
        summary="Set how many of a class a branch may promise beyond its vehicles",
        permission=EDIT,
        status_code=200,
    )
    async def limit(
        self,
        session: Session,
        actor: CurrentActor,
        location_id: FromPath[UUID],
        data: JSONBody[OverbookingLimitFields],
    ) -> Response[OverbookingLimit]:
        """0 promises no more than there is."""
        location = await locations.get_location(session, location_id, actor)
        await services.set_overbooking_limit(
            session, location, class_code=data.class_code, limit=data.limit, actor=actor
        )
        return answer(OverbookingLimit(location.code, data.class_code.upper(), data.limit))


def _local(text: str, name: str) -> datetime:
    try:
        return read_local(text)
    except NoSuchTime as error:
        raise InvalidFields([Problem(name, "malformed", str(error))]) from None


def _item(stay: services.Stay, found: list[services.ClassLeft]) -> Availability:
    return Availability(
        stay.pickup_location,
        stay.return_location,
        timestamp(stay.starts_at),
        timestamp(stay.ends_at),
        timestamp(stay.free_at),
        [
            ClassAvailability(
                one.class_code, acriss.decode(one.class_code), one.vehicles, one.free, one.promised,
                one.overbooking_limit, one.left,
            )
            for one in found
        ],
    )  # fmt: skip

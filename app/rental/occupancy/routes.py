"""The availability of a branch, as a page."""

from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post

from app.core import clock
from app.core.actor import Actor
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, redirect_to
from app.core.templating import render
from app.rental.locations import services as locations
from app.rental.occupancy import pages, services
from app.rental.occupancy.forms import AvailabilityForm, LimitForm
from app.rental.occupancy.pages import EDIT
from app.rental.occupancy.rules import check_stay

FIELDS = ("location", "return_location", "pickup", "back")


class AvailabilityController(Controller):
    """What a branch has left for a stay."""

    path = "/availability"
    opt = {"permission": "availability.view"}
    include_in_schema = False

    @get(name="availability.index")
    async def index(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        page = await _page(request, session, actor)
        status = 422 if page.form.errors else 200
        return render(request, "rental/occupancy/index.html", page, status=status)

    @post("/limit", name="availability.limit.create", permission=EDIT)
    async def limit(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        """How many of a class may be promised beyond the fleet; back to the same stay."""
        form = await LimitForm.from_request(request)
        form.require_clean()
        asked = {name: value for name in FIELDS if (value := request.query_params.get(name))}
        code = asked.get("location", "")
        location = (await locations.by_codes(session, {code})).get(code)
        if location is None or not actor.sees(market=location.market, branch=location.code):
            raise NotFound
        await services.set_overbooking_limit(
            session, location, class_code=form.class_code or "", limit=form.limit or 0, actor=actor
        )
        return redirect_to(request, f"/availability?{urlencode(asked)}", toast="Limit saved")


async def _page(request: Request, session: Any, actor: Actor) -> pages.AvailabilityPage:
    choices = await locations.choices(session, actor)
    given = {name: request.query_params.get(name, "") for name in FIELDS}
    code = given["location"] or (choices[0][0] if choices else "")
    known = await locations.by_codes(session, {code, given["return_location"] or code})
    here = known.get(code) if code in dict(choices) else None
    form = pages.first_form(given, code, clock.in_zone(here.time_zone) if here else clock.now())
    classes, judged = [], []
    if here is not None:
        try:
            form.require_clean()
            stay = _stay(known, form)
            classes, judged = await services.survey(session, stay)
        except InvalidFields as refused:
            form.take_problems(refused.problems)
    return pages.AvailabilityPage(
        form,
        choices,
        pages.class_rows(classes, form, can_book=actor.may("bookings.edit")),
        *pages.vehicle_rows(judged),
        is_asked=here is not None and not form.errors,
        can_edit=actor.may(EDIT),
        query=urlencode({name: form.text(name) for name in FIELDS if form.text(name)}),
    )


def _stay(known: Any, form: AvailabilityForm) -> Any:
    code = form.location or ""
    back_code = form.return_location or code
    ends = {
        "pickup": {"location": code, "local": form.pickup},
        "return": {"location": back_code, "local": form.back},
    }
    pickup, back = (locations.judge_handover(known.get(end["location"]), end, field=name) for name, end in ends.items())
    if problems := check_stay(pickup.at, back.at):
        raise InvalidFields(problems)
    return services.stay_between(pickup, back)

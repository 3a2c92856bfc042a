"""The planner in the JSON API."""

from datetime import date
from typing import Any

from litestar import Controller, Response, get

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, answer
from app.core.openapi_vocabulary import QueryField
from app.core.values import UNSET, timestamp
from app.kit.problems import Problem
from app.rental.planner import rules
from app.rental.planner.queries import Hire, Pause
from app.rental.planner.schemas import PlanEntry, PlanSheet, PlanVehicleItem
from app.rental.planner.services import plans, usage
from app.rental.planner.services.plans import MOST_CHOSEN, MOST_PAGES, ROWS, USUAL_ROWS, Asked, Plan

CODES = {"type": "array", "items": {"type": "string", "maxLength": 16}, "maxItems": MOST_CHOSEN}
QUERY = (
    QueryField(
        "branch",
        "Codes of branches; without one, one's own, else the last looked at, else that of the largest fleet.",
        CODES,
    ),
    QueryField("class", "Only these ACRISS codes.", CODES),
    QueryField(
        "days",
        "How many days.",
        {"type": "integer", "enum": list(rules.COLUMNS_A_DAY), "default": rules.USUAL_DAYS},
    ),
    QueryField(
        "first",
        "The first day; without one, a little before today.",
        {"type": "string", "format": "date"},
    ),
    QueryField("rows", "How many vehicles.", {"type": "integer", "enum": list(ROWS), "default": USUAL_ROWS}),
    QueryField(
        "page",
        "Which of the pages of so many vehicles.",
        {"type": "integer", "minimum": 1, "maximum": MOST_PAGES, "default": 1},
    ),
)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


class PlannerApi(Controller):
    """Who has which vehicle when."""

    path = "/api/v1/planner"
    tags = ("Planner",)
    opt = {"permission": "planner.view"}

    @get(name="api.planner.show", operation_id="getPlan", summary="Read what vehicles are busy with", query=QUERY)
    async def show(self, request: Request, actor: CurrentActor) -> Response[PlanSheet]:
        """Bookings with their turnaround, blocks, maintenance and transfers of a page of vehicles, and the promises of
        these branches that have no vehicle yet. 422 for a branch outside one's scope.
        """
        sheet = await usage.read_sheet(request.runtime.database.reads, actor, _asked(request.query_params))
        return answer(_sheet(sheet.plan))


def _asked(given: Any) -> Asked:
    problems: list[Problem] = []
    asked = Asked(
        branches=given.getall("branch", [])[:MOST_CHOSEN],
        classes=[code for code in given.getall("class", []) if code.isascii()][:MOST_CHOSEN],
        days=_whole(given, "days", tuple(rules.COLUMNS_A_DAY), rules.USUAL_DAYS, problems),
        first_day=_day(given.get("first"), problems),
        rows=_whole(given, "rows", ROWS, USUAL_ROWS, problems),
        page=_whole(given, "page", range(1, MOST_PAGES + 1), 1, problems),
    )
    if problems:
        raise InvalidFields(problems)
    return asked


def _whole(given: Any, name: str, known: Any, usual: int, problems: list[Problem]) -> int:
    text = given.get(name)
    if text is None:
        return usual
    if text.isascii() and text.isdigit() and len(text) < 6 and int(text) in known:
        return int(text)
    words = f"From 1 to {known[-1]}" if isinstance(known, range) else f"One of {', '.join(map(str, known))}"
    problems.append(Problem(name, "out_of_range", words))
    return usual


def _day(text: str | None, problems: list[Problem]) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        problems.append(Problem("first", "malformed", "A date such as 2026-06-25"))
        return None
    if not EARLIEST <= day <= LATEST:
        problems.append(Problem("first", "out_of_range", f"Between {EARLIEST} and {LATEST}"))
        return None
    return day


def _sheet(plan: Plan) -> PlanSheet:
    return PlanSheet(
        first_day=plan.window.first_day.isoformat(),
        days=plan.window.days,
        time_zone=plan.window.zone,
        starts_at=timestamp(plan.window.starts_at),
        ends_at=timestamp(plan.window.ends_at),
        branches=[branch.code for branch in plan.chosen],
        total=plan.vehicles,
        page=plan.asked.page,
        next_page=plan.asked.page + 1 if plan.has_more and plan.asked.page < MOST_PAGES else UNSET,
        vehicles=[_vehicle(row, plan) for row in plan.rows],
        unassigned=[_hire(hire, plan) for hire in plan.unassigned],
        unassigned_total=len(plan.promises),
    )


def _vehicle(row: plans.Row, plan: Plan) -> PlanVehicleItem:
    entries = [_hire(hire, plan) for hire in row.hires] + [_pause(pause) for pause in row.pauses]
    entries.sort(key=lambda entry: entry.starts_at)
    one = row.vehicle
    return PlanVehicleItem(one.id, one.plate, one.title, one.class_code or UNSET, one.location, one.state, entries)


def _hire(hire: Hire, plan: Plan) -> PlanEntry:
    is_seen = bool(hire.id)
    return PlanEntry(
        kind="booking" if is_seen else "hidden",
        starts_at=timestamp(hire.starts_at),
        ends_at=timestamp(hire.ends_at),
        free_at=timestamp(hire.free_at),
        booking_id=hire.id or UNSET,
        reference=hire.reference or UNSET,
        driver_name=hire.driver_name or UNSET,
        class_code=hire.class_code,
        state=hire.state if is_seen else UNSET,
        pickup_location=hire.pickup_location if is_seen else UNSET,
        return_location=hire.return_location if is_seen else UNSET,
        is_overdue=plans.is_overdue(hire, plan.now),
        late_risk=round(plan.shares[hire.id], 3) if hire.id in plan.shares else UNSET,
        reason=UNSET,
    )


def _pause(pause: Pause) -> PlanEntry:
    return PlanEntry(
        kind=pause.kind,
        starts_at=timestamp(pause.starts_at),
        ends_at=timestamp(pause.ends_at) if pause.ends_at else UNSET,
        free_at=UNSET,
        booking_id=UNSET,
        reference=UNSET,
        driver_name=UNSET,
        class_code=UNSET,
        state=UNSET,
        pickup_location=UNSET,
        return_location=pause.to_location or UNSET,
        is_overdue=False,
        late_risk=UNSET,
        reason=pause.reason or UNSET,
    )

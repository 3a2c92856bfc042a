"""What a refused request answers as a page: what is the case, and what to do about it."""

import pytest

from app.core.error_pages import error_page
from app.core.errors import AlreadyThere, Conflict, IllegalState, StaleVersion
from app.core.http import Request
from app.desk.tasks.services.moves import TaskHeld
from app.rental.occupancy.services import VehicleTaken
from tests.factories.rental import make_vehicle

IN_STATE = "The record is no longer in the state you saw."


@pytest.mark.parametrize(
    ("error", "title", "advice"),
    [
        (IllegalState("It is blocked.", state="blocked"), "Not possible in the present state", IN_STATE),
        (StaleVersion("Read it again."), "Someone else changed this", "The record has a newer version"),
        (AlreadyThere("A view with this id exists."), "This is there already", "Nothing was recorded a second time."),
        (VehicleTaken("BK-1 has it."), "The vehicle is taken at that time", "Choose another vehicle or another time."),
        (TaskHeld("Kati has it."), "Somebody else has this task", "Speak with them, or take another one."),
        (Conflict("They contradict."), "This does not fit the present state", "load the page again and decide anew."),
    ],
)
async def test_each_kind_of_conflict_says_what_to_do(runtime, application, error: Conflict, title: str, advice: str):
    scope = {
        "type": "http", "method": "POST", "path": "/vehicles", "raw_path": b"/vehicles", "query_string": b"",
        "headers": [], "state": {}, "litestar_app": application[1],
    }  # fmt: skip
    page = error_page(Request(scope), error)
    assert f"<h1>{title}</h1>" in page.content
    assert error.detail in page.content
    assert advice in page.content
    assert (IN_STATE in page.content) == isinstance(error, IllegalState)


async def test_a_move_that_came_too_late_names_the_state(client_for, session):
    vehicle = await make_vehicle(session)
    refused = await (await client_for("fleet_clerk")).post(f"/vehicles/{vehicle.id}/block/removal")
    assert refused.status_code == 409
    assert IN_STATE in refused.text

"""A branch's day in the JSON API."""

from litestar import Controller, Response, get

from app.core.http import CurrentActor, Request, Session, answer
from app.core.openapi_vocabulary import QueryField
from app.core.values import UNSET
from app.rental.manifests import services
from app.rental.manifests.forms import read_day
from app.rental.manifests.queries import Line
from app.rental.manifests.schemas import ManifestItem, ManifestLine

QUERY = (
    QueryField("branch", "The code of the branch.", {"type": "string", "maxLength": 16}, is_required=True),
    QueryField("day", "A day of the branch; without one, today.", {"type": "string", "format": "date"}),
)


class ManifestApi(Controller):
    """What happens at a branch."""

    path = "/api/v1/manifest"
    tags = ("Planner",)
    opt = {"permission": "planner.view"}

    @get(name="api.manifest.show", operation_id="getManifest", summary="Read a branch's day", query=QUERY)
    async def show(self, request: Request, session: Session, actor: CurrentActor) -> Response[ManifestItem]:
        """What goes out, comes in, moves and is late, by the clocks of the branch. 422 for one outside one's scope."""
        code, day = request.query_params.get("branch", ""), read_day(request.query_params.get("day"))
        found = await services.read_manifest(session, request.runtime.database.reads, actor, code, day)
        items = [_item(line) for line in found.all_lines]
        zone = found.branch.time_zone
        return answer(ManifestItem(found.branch.code, found.day.isoformat(), zone, found.unassigned, items))


def _item(line: Line) -> ManifestLine:
    return ManifestLine(
        section=line.section.value,
        at=line.at,
        booking_id=line.booking_id or UNSET,
        reference=line.reference or UNSET,
        driver_name=line.driver_name or UNSET,
        driver_phone=line.driver_phone or UNSET,
        class_code=line.class_code,
        state=line.state or UNSET,
        from_location=line.from_location,
        to_location=line.to_location,
        vehicle_id=line.vehicle_id or UNSET,
        plate=line.plate or UNSET,
        title=line.title or UNSET,
        note=line.note or UNSET,
    )

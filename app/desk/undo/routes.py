"""The button of a toast that takes back what was just done."""

from typing import Any

from litestar import Controller, Response, post

from app.core.forms import Form
from app.core.http import CurrentActor, Request, Session, redirect_to
from app.core.permissions import SIGNED_IN
from app.core.undo import read_offer
from app.desk.undo import services


class UndoForm(Form):
    """The token that the toast carries."""

    token: str = ""


class UndoController(Controller):
    """Ten seconds to take back."""

    path = "/undo"
    opt = {"permission": SIGNED_IN}
    include_in_schema = False

    @post(name="undo.create")
    async def create(self, request: Request, session: Session, actor: CurrentActor) -> Response[Any]:
        form = await UndoForm.from_request(request)
        assembly = request.runtime.assembly
        offer = read_offer(request.runtime.settings, form.text("token"))
        kind = await services.undo(session, offer, assembly.undos, assembly.kinds, actor=actor)
        return redirect_to(request, kind.address(str(offer.subject_id)), toast="Undone")

"""Rate pages."""

from typing import Any

from litestar import Controller, Response, get, post

from app.core import clock
from app.core.errors import InvalidFields
from app.core.http import Request
from app.core.templating import render
from app.rental.rates import services
from app.rental.rates.forms import TrialForm
from app.rental.rates.pages import trials as pages


class RateTrialController(Controller):
    """Trying a rate. Everything typed is part of the address; nothing is kept."""

    path = pages.TRY
    opt = {"permission": "rates.view", "idempotent": False}
    include_in_schema = False

    @get(name="rates.trial.show")
    async def show(self, request: Request) -> Response[Any]:
        given = dict(request.query_params.items())
        form = TrialForm.from_raw(given or pages.sample(clock.now()))
        headers = {"HX-Replace-Url": pages.trial_address(form)} if request.is_partial else {}
        return render(request, "rental/rates/try.html", pages.TrialPage(form, price_of(form)), headers=headers)

    @post(name="rates.trial.create", status_code=200)
    async def create(self, request: Request) -> Response[Any]:
        """The same for a form with much in it: the editor of a rate card tries its draft here."""
        form = await TrialForm.from_request(request)
        return render(request, "rental/rates/try.html", pages.TrialPage(form, price_of(form)))


def price_of(form: TrialForm) -> pages.PriceShown | None:
    """The price of what was typed; None when it cannot be, which the form then says."""
    trial = form.trial()
    if trial is None:
        return None
    try:
        return pages.price_shown(services.try_rate(trial))
    except InvalidFields as refused:
        form.take_problems(refused.problems)
        return None

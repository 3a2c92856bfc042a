"""Rate pages."""

from typing import Any

from litestar import Controller, Response, get

from app.core import clock
from app.core.errors import InvalidFields
from app.core.http import Request
from app.core.templating import render
from app.rental.rates import pages, services
from app.rental.rates.forms import TrialForm
from app.rental.rates.pages import TrialPage


class RateTrialController(Controller):
    """Trying a rate. Everything typed is part of the address; nothing is kept."""

    path = pages.TRY
    opt = {"permission": "rates.view"}
    include_in_schema = False

    @get(name="rates.trial.show")
    async def show(self, request: Request) -> Response[Any]:
        given = dict(request.query_params.items())
        form = TrialForm.from_raw(given or pages.sample(clock.now()))
        headers = {"HX-Replace-Url": pages.trial_address(form)} if request.is_partial else {}
        return render(request, "rental/rates/try.html", TrialPage(form, price_of(form)), headers=headers)


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

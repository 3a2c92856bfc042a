"""Rates in the JSON API."""

from litestar import Controller, Response, post
from litestar.params import JSONBody

from app.core.http import answer
from app.rental.rates import services
from app.rental.rates.schemas import HirePriceItem, RateTrial, item_of

TAGS = ("Rates",)


class RateTrialApi(Controller):
    """Trying a rate."""

    path = "/api/v1/rate-trials"
    tags = TAGS
    opt = {"permission": "rates.view", "idempotent": False}

    @post(
        name="api.rate_trials.create",
        operation_id="tryRate",
        summary="Price a hire by a rate",
        status_code=200,
    )
    async def create(self, data: JSONBody[RateTrial]) -> Response[HirePriceItem]:
        """What a hire would cost by the rate that is sent along, line by line. It changes nothing.

        Days are counted between the two wall times, so that clock changes and zones do not matter. The rate has blocks
        or brackets, never both. Refusals name the field.
        """
        return answer(item_of(services.try_rate(data.to_trial())))

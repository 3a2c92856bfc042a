"""What can be done with rates."""

from app.core.errors import InvalidFields
from app.kit.hire_pricing.prices import HirePrice
from app.rental.rates import rules


def try_rate(trial: rules.Trial) -> HirePrice:
    """The price of a hire by a rate that need not be kept anywhere. Raises InvalidFields."""
    price = rules.try_rate(trial)
    if isinstance(price, list):
        raise InvalidFields(price)
    return price

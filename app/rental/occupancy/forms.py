"""What the availability page is asked, and the limit of a class."""

from datetime import datetime

from app.core.forms import Form
from app.kit.problems import Problem


class AvailabilityForm(Form):
    """A branch and two wall times there; the return is at another branch when one is named."""

    location: str | None = None
    return_location: str | None = None
    pickup: datetime | None = None
    back: datetime | None = None

    def take_problems(self, problems: list[Problem]) -> None:
        """Show what is wrong beside the field."""
        names = {
            "pickup.location": "location",
            "pickup.local": "pickup",
            "return.location": "return_location",
            "return.local": "back",
        }
        for problem in problems:
            self.refuse(names.get(problem.field, problem.field), problem.detail)


class LimitForm(Form):
    """How many of a class may be promised beyond the fleet."""

    class_code: str | None = None
    limit: int | None = None

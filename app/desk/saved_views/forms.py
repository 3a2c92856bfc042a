"""The forms of saved views."""

from typing import Literal

from pydantic import Field

from app.core.forms import Form
from app.desk.saved_views.rules import LONGEST_NAME


class ViewForm(Form):
    """A view's name, whether it is shared, and whether it opens first."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    is_shared: bool = False
    is_default: bool = False
    list_key: str = Field(default="", max_length=32)
    query: str = Field(default="", max_length=4000)
    version: int | None = None


class QueryForm(Form):
    """What a list shows at present, to be kept by a view."""

    query: str = Field(default="", max_length=4000)
    version: int | None = None


class StepForm(Form):
    """One place up or down."""

    step: Literal["up", "down"]

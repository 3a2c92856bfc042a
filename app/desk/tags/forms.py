"""The forms of tags."""

from app.core.forms import Form


class TagForm(Form):
    """One name, as it was typed."""

    name: str = ""

"""The form that adds a tag."""

from app.core.forms import Form


class TagForm(Form):
    """One name, as it was typed."""

    name: str = ""

"""The forms of invoice pages."""

from app.core.forms import Form


class DecisionForm(Form):
    """Why a line is accepted or disputed."""

    reason: str | None = None

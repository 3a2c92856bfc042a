"""Forms of notes."""

from app.core.forms import Form


class NoteForm(Form):
    """A note, kept as it was typed; `preview` shows it without keeping it."""

    preview: bool | None = None

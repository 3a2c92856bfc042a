"""The form of how one wants to be told."""

from typing import ClassVar

from app.core.forms import Form
from app.desk.notifications.rules import Channels


class ChooseChannels(Form):
    """Ticks by kind: what is not sent is off."""

    many: ClassVar[frozenset[str]] = frozenset({"in_app", "by_mail"})

    in_app: list[str] = []
    by_mail: list[str] = []

    def channels(self, kinds: list[str]) -> dict[str, Channels]:
        """The choice for each of the kinds that the page offered."""
        return {kind: Channels(kind in self.in_app, kind in self.by_mail) for kind in kinds}

"""A person's live stream."""

from collections.abc import Mapping, Sequence

from app.core.actor import Actor
from app.core.area import LiveSignal, RecordKind
from app.core.errors import InvalidFields
from app.core.live.subscribers import Subscriber
from app.kit.problems import Problem


def listener(
    kinds: Mapping[str, RecordKind],
    signals: Sequence[LiveSignal],
    actor: Actor,
    *,
    wanted: Sequence[str],
    family: str = "",
) -> Subscriber:
    """Somebody who listens to some kinds, or to all. Raises InvalidFields for a kind that has no events."""
    known = {kind.key for kind in kinds.values() if kind.represent} | {signal.event for signal in signals}
    if unknown := sorted(set(wanted).difference(known)):
        detail = f"There is no {', '.join(unknown)}; known are {', '.join(sorted(known))}"
        raise InvalidFields([Problem("kind", "invalid", detail)])
    session = str(actor.session_id) if actor.session_id else ""
    return Subscriber(actor, kinds=frozenset(wanted) or None, session=session, family=family)


def position_of(text: str | None) -> int | None:
    """The position that a client has, None without one. Raises InvalidFields."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidFields([Problem("after", "invalid", "The id of an event of this stream")])
    return int(text)

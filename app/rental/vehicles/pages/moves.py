"""What can be done with a vehicle, in which words it is offered, and its form when that was refused."""

from dataclasses import dataclass

from app.core.actor import Actor
from app.rental.vehicles.forms import MoveForm
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.rules import VehicleState, allowed_moves


@dataclass(frozen=True, slots=True)
class MoveWords:
    """How a move is offered: its address below the vehicle, its button, and what its form asks."""

    slug: str
    label: str
    permission: str
    text: str = ""
    lasts: bool = False
    needs_reason: bool = True
    toast: str = ""


MOVE_WORDS: dict[str, MoveWords] = {
    "commissioning": MoveWords(
        "commissioning",
        "Put into service",
        "vehicles.dispose",
        "The vehicle becomes available.",
        toast="Put into service",
    ),
    "block": MoveWords(
        "block", "Block", "vehicles.move", "It cannot be hired out meanwhile.", lasts=True, toast="Vehicle blocked"
    ),
    "block_removal": MoveWords(
        "block/removal", "End the block", "vehicles.move", needs_reason=False, toast="Block ended"
    ),
    "maintenance": MoveWords(
        "maintenance", "Send to maintenance", "vehicles.move", lasts=True, toast="Sent to maintenance"
    ),
    "maintenance_removal": MoveWords(
        "maintenance/removal", "Back from maintenance", "vehicles.move", needs_reason=False, toast="Back in service"
    ),
    "transfer": MoveWords(
        "transfer", "Transfer", "vehicles.move", "To another branch.", lasts=True, toast="Sent on transfer"
    ),
    "arrival": MoveWords("transfer/removal", "Arrived", "vehicles.move", needs_reason=False, toast="Arrived"),
    "sale_listing": MoveWords("sale-listing", "List for sale", "vehicles.dispose", lasts=True, toast="Listed for sale"),
    "sale_listing_removal": MoveWords(
        "sale-listing/removal", "Take off sale", "vehicles.dispose", needs_reason=False, toast="Taken off sale"
    ),
    "retirement": MoveWords(
        "retirement", "Retire", "vehicles.dispose", "For good, once somebody else agrees.", toast="Vehicle retired"
    ),
}


@dataclass(frozen=True, slots=True)
class OfferedMove:
    """A button and its form."""

    name: str
    words: MoveWords
    tone: str
    form: MoveForm


@dataclass(frozen=True, slots=True)
class MovePage:
    """A move's form that was refused."""

    vehicle: Vehicle
    move: OfferedMove
    locations: list[tuple[str, str]]
    zone: str


def moves_for(vehicle: Vehicle, actor: Actor) -> list[OfferedMove]:
    """The moves that the state allows and the actor may make."""
    offered = [
        (move.name, MOVE_WORDS[move.name])
        for move in allowed_moves(vehicle.state)
        if actor.may(MOVE_WORDS[move.name].permission)
    ]
    return [
        OfferedMove(name, words, "danger" if name == "retirement" else "", MoveForm.of({})) for name, words in offered
    ]


def refused_move(vehicle: Vehicle, name: str, form: MoveForm, branches: list[tuple[str, str]], zone: str) -> MovePage:
    """The form again, with what is wrong."""
    move = OfferedMove(name, MOVE_WORDS[name], "danger" if name == "retirement" else "", form)
    return MovePage(vehicle, move, branches, zone)


def withheld_in_words(vehicle: Vehicle, actor: Actor) -> str:
    """What the state would allow but the role does not."""
    missing = [
        MOVE_WORDS[move.name].label.lower()
        for move in allowed_moves(vehicle.state)
        if not actor.may(MOVE_WORDS[move.name].permission)
    ]
    if vehicle.state is VehicleState.RETIRED:
        return "This vehicle is retired; nothing more can happen."
    return f"Another role may {', '.join(missing)}." if missing else ""

"""What vehicle pages show, and in which words."""

from app.rental.vehicles.pages.details import (
    CELLS,
    Cell,
    VehicleConflict,
    VehicleDetail,
    VehicleEdit,
    cell,
    class_in_words,
    documents_of,
    due_rows,
    form_of,
    form_values,
    odometer_in_words,
    period_rows,
    source_rows,
    state_in_words,
)
from app.rental.vehicles.pages.lists import (
    LIST,
    ON,
    due_in_words,
    vehicle_list,
    views,
)
from app.rental.vehicles.pages.moves import (
    MOVE_WORDS,
    moves_for,
    refused_move,
    withheld_in_words,
)

__all__ = [
    "CELLS",
    "LIST",
    "MOVE_WORDS",
    "ON",
    "Cell",
    "VehicleConflict",
    "VehicleDetail",
    "VehicleEdit",
    "cell",
    "class_in_words",
    "documents_of",
    "due_in_words",
    "due_rows",
    "form_of",
    "form_values",
    "moves_for",
    "odometer_in_words",
    "period_rows",
    "refused_move",
    "source_rows",
    "state_in_words",
    "vehicle_list",
    "views",
    "withheld_in_words",
]

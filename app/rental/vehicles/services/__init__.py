"""What can be done with vehicles."""

from app.rental.vehicles.services.changes import (
    DOCUMENT_TASK,
    FIELD_LABELS,
    Changed,
    PriceNotChangeable,
    carry_out_price,
    change_vehicle,
    count_listed,
    create_vehicle,
    lock_vehicle,
    raise_document_task,
    reprice_vehicle,
    update_vehicle,
)
from app.rental.vehicles.services.hires import Reading, begin_hire, check_reading, end_hire, prolong_hire, swap_hire
from app.rental.vehicles.services.moves import (
    ACTIONS,
    PeriodOverlaps,
    apply_periods,
    begin_move,
    carry_out_retirement,
    move_vehicle,
)

__all__ = [
    "ACTIONS",
    "DOCUMENT_TASK",
    "FIELD_LABELS",
    "Changed",
    "PeriodOverlaps",
    "PriceNotChangeable",
    "Reading",
    "apply_periods",
    "begin_hire",
    "begin_move",
    "carry_out_price",
    "carry_out_retirement",
    "change_vehicle",
    "check_reading",
    "count_listed",
    "create_vehicle",
    "end_hire",
    "lock_vehicle",
    "move_vehicle",
    "prolong_hire",
    "raise_document_task",
    "reprice_vehicle",
    "swap_hire",
    "update_vehicle",
]

"""What can be done with bookings."""

from app.rental.bookings.services.cancelling import cancel_booking
from app.rental.bookings.services.changes import (
    ChangePreview,
    amend_booking,
    assign_vehicle,
    extend_booking,
    preview_change,
    remove_vehicle,
)
from app.rental.bookings.services.creation import HirePreview, create_booking, preview_booking
from app.rental.bookings.services.earning import commission_of, find_margin, margin_now
from app.rental.bookings.services.moves import (
    ChargesOpen,
    close_booking,
    dispute_booking,
    mark_no_show,
    open_in_words,
)
from app.rental.bookings.services.pricing import NoPrice, Priced, hire_of, price, price_again
from app.rental.bookings.services.rebooking import REBOOK, find_lost, who_lost
from app.rental.bookings.services.supplied import find_reservation, follow_reservation
from app.rental.bookings.services.walking import upgrade_booking, walk_booking, walk_within_fleet

FIELD_LABELS = {
    "total_minor": "Total",
    "fee_minor": "Fee",
    "pickup_location": "Pick-up branch",
    "pickup_local": "Pick-up",
    "return_location": "Return branch",
    "return_local": "Return",
    "class_code": "Class",
    "choices": "Choices",
    "driver_name": "Driver",
    "vehicle_id": "Vehicle",
}

__all__ = [
    "FIELD_LABELS",
    "REBOOK",
    "ChangePreview",
    "ChargesOpen",
    "HirePreview",
    "NoPrice",
    "Priced",
    "amend_booking",
    "assign_vehicle",
    "cancel_booking",
    "close_booking",
    "commission_of",
    "create_booking",
    "dispute_booking",
    "extend_booking",
    "find_lost",
    "find_margin",
    "find_reservation",
    "follow_reservation",
    "hire_of",
    "margin_now",
    "mark_no_show",
    "open_in_words",
    "preview_booking",
    "preview_change",
    "price",
    "price_again",
    "remove_vehicle",
    "upgrade_booking",
    "walk_booking",
    "walk_within_fleet",
    "who_lost",
]

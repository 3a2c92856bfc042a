"""Bookings as files show them."""

from typing import Any

from app.core.exporting import FileColumn, Listing
from app.rental.bookings import queries
from app.rental.bookings.schemas.bookings import SOURCE_WORDS, STATE_WORDS, BookingItem


def label(item: BookingItem) -> str:
    """Reference and driver."""
    return f"{item.reference} {item.driver.name}"


def _vehicle(item: BookingItem, name: str) -> Any:
    return getattr(item.vehicle, name) or None if item.vehicle else None


LISTING = Listing(
    queries.bookings,
    queries.SPEC,
    label,
    columns=(
        FileColumn("reference", "Reference"),
        FileColumn("state", "State", "words", words=STATE_WORDS),
        FileColumn("driver", "Driver", value=lambda item: item.driver.name),
        FileColumn("phone", "Phone", value=lambda item: item.driver.phone or None),
        FileColumn("customer", "Customer", value=lambda item: item.customer.name),
        FileColumn("pickup_location", "Pick-up branch", value=lambda item: item.pickup.location, shown_as="branch"),
        FileColumn("pickup_local", "Pick-up, local", value=lambda item: item.pickup.local, shown_as="pickup"),
        FileColumn("return_location", "Return branch", value=lambda item: item.back.location, shown_as="return_branch"),
        FileColumn("return_local", "Return, local", value=lambda item: item.back.local, shown_as="return"),
        FileColumn("class_code", "Class", shown_as="class"),
        FileColumn("plate", "Plate", value=lambda item: _vehicle(item, "plate"), shown_as="vehicle"),
        FileColumn("vehicle", "Vehicle", value=lambda item: _vehicle(item, "title")),
        FileColumn("total", "Total", "money"),
        FileColumn("cancellation_fee", "Fee", "money", shown_as="fee"),
        FileColumn("source", "Source", "words", words=SOURCE_WORDS),
        FileColumn("supplier", "Supplier"),
        FileColumn("supplier_reference", "Supplier's number"),
        FileColumn("market", "Market"),
        FileColumn("created_at", "Booked", "moment", shown_as="created"),
        FileColumn("updated_at", "Changed", "moment", shown_as="updated"),
        FileColumn("id", "Id"),
    ),
)

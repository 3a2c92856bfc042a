"""The list page of the admin, as its documentation shows it."""

from django.contrib import admin

from fleet.models import Booking, Vehicle


@admin.register(Vehicle)
class VehicleAdmin(admin.ModelAdmin):
    list_display = (
        "plate",
        "make",
        "model",
        "year",
        "acriss",
        "location_code",
        "state",
        "odometer_km",
        "day_price_minor",
        "due_on",
    )
    list_filter = ("state",)
    search_fields = ("plate", "make", "model")
    ordering = ("-updated_at", "-id")
    list_per_page = 50


@admin.register(Booking)
class BookingAdmin(admin.ModelAdmin):
    list_display = (
        "reference",
        "driver_name",
        "pickup_local",
        "pickup_location",
        "return_local",
        "return_location",
        "class_code",
        "vehicle",
        "state",
        "total_minor",
    )
    list_filter = ("state",)
    list_select_related = ("vehicle",)
    search_fields = ("reference", "driver_name")
    ordering = ("pickup_at", "id")
    list_per_page = 50

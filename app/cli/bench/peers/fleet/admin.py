"""The list page of the admin, as its documentation shows it."""

from django.contrib import admin

from fleet.models import Vehicle


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

"""The table as it is; Django does not manage it."""

from django.db import models


class Vehicle(models.Model):
    id = models.CharField(primary_key=True, max_length=36)
    plate = models.CharField(max_length=20, null=True)
    make = models.CharField(max_length=60)
    model = models.CharField(max_length=120, null=True)
    year = models.SmallIntegerField(null=True)
    acriss = models.CharField(max_length=4, null=True)
    location_code = models.CharField(max_length=16, null=True)
    state = models.CharField(max_length=32)
    odometer_km = models.IntegerField(null=True)
    day_price_minor = models.BigIntegerField(null=True)
    due_on = models.DateField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "vehicle"

    def __str__(self):
        return f"{self.make} {self.model}"


class Booking(models.Model):
    id = models.CharField(primary_key=True, max_length=36)
    reference = models.CharField(max_length=12)
    state = models.CharField(max_length=32)
    driver_name = models.CharField(max_length=160)
    pickup_location = models.CharField(max_length=16)
    pickup_local = models.DateTimeField()
    return_location = models.CharField(max_length=16)
    return_local = models.DateTimeField()
    class_code = models.CharField(max_length=4)
    vehicle = models.ForeignKey(Vehicle, models.DO_NOTHING, null=True)
    total_minor = models.BigIntegerField()
    total_currency = models.CharField(max_length=3)
    pickup_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "booking"

    def __str__(self):
        return self.reference

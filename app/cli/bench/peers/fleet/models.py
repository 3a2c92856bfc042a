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

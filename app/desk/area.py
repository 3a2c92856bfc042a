"""The desk: people, and the working tools that fit every kind of record."""

from app.core.area import Area

AREA = Area(name="desk", title="Desk")

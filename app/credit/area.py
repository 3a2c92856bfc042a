"""Credit: applications and what becomes of them."""

from app.core.area import Area

AREA = Area(name="credit", title="Credit")

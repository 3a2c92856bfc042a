"""Which booking has which vehicle, or one of which class, from when until when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, Uuid
from sqlmodel import Field, SQLModel

from app.core.records import UtcMicros, ascii_column
from app.kit.ids import new_id
from app.rental.occupancy.rules import Stay

NO_OVERLAP = "uq_occupancy_vehicle"
"""UNIQUE (vehicle_id, held WITHOUT OVERLAPS), where PERIOD held is (starts_at, free_at).

The migration makes both; SQLAlchemy has no words for them. It is what decides that no vehicle is given away twice.
"""


class Occupancy(SQLModel, table=True):
    """One booking's hold; without a vehicle it is a promise of one of the class."""

    __tablename__ = "occupancy"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("ix_occupancy_demand", "pickup_location", "class_code", "free_at", "starts_at", "vehicle_id"),
        Index("ix_occupancy_return", "return_location", "free_at", "vehicle_id"),
        Index("ix_occupancy_starts_at", "starts_at", "vehicle_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    holder_id: UUID = Field(sa_type=Uuid, nullable=False, unique=True)
    class_code: str = Field(sa_type=ascii_column(4), nullable=False)
    vehicle_id: UUID | None = Field(default=None, sa_type=Uuid, foreign_key="vehicle.id")
    pickup_location: str = Field(sa_type=ascii_column(16), nullable=False, foreign_key="location.code")
    return_location: str = Field(sa_type=ascii_column(16), nullable=False, foreign_key="location.code")
    starts_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    ends_at: datetime = Field(sa_type=UtcMicros, nullable=False)
    free_at: datetime = Field(sa_type=UtcMicros, nullable=False)

    @property
    def stay(self) -> Stay:
        """The stretch of time and its branches."""
        return Stay(self.pickup_location, self.return_location, self.starts_at, self.ends_at, self.free_at)


class ClassStock(SQLModel, table=True):
    """A class at a branch: how many may be promised beyond the fleet. Its row is what promises of the class lock."""

    __tablename__ = "class_stock"  # pyright: ignore[reportAssignmentType]

    location_code: str = Field(sa_type=ascii_column(16), primary_key=True, foreign_key="location.code")
    class_code: str = Field(sa_type=ascii_column(4), primary_key=True)
    overbooking_limit: int = Field(default=0, sa_type=SmallInteger, nullable=False)

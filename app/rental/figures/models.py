"""What was hired out, earned and lost on each day, and how late vehicles came back: counted once, read often."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Integer
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.records import UtcMicros, ascii_column


class DayFigure(SQLModel, table=True):
    """A class at a branch on one day by the branch's clocks, in one currency.

    A hire counts on each day with the minutes by which it was agreed to run on it, and its price is spread over the
    days by these minutes: so days and money belong together. What is counted once (a pick-up, a cancellation) counts on
    the day of the agreed pick-up, what was booked on the day on which it was booked.

    A row is of a class at a branch, or the sum of such rows by a coarser `level`, whose other codes are empty.
    """

    __tablename__ = "day_figure"  # pyright: ignore[reportAssignmentType]

    level: str = Field(sa_type=ascii_column(8), primary_key=True)
    day: date = Field(sa_type=Date, primary_key=True)
    market: str = Field(sa_type=ascii_column(2), primary_key=True)
    location_code: str = Field(sa_type=ascii_column(16), primary_key=True)
    class_code: str = Field(sa_type=ascii_column(4), primary_key=True)
    currency: str = Field(sa_type=ascii_column(3), primary_key=True)
    rented_minutes: int = Field(default=0, sa_type=BigInteger, nullable=False)
    revenue_minor: int = Field(default=0, sa_type=BigInteger, nullable=False)
    booked: int = Field(default=0, sa_type=Integer, nullable=False)
    pickups: int = Field(default=0, sa_type=Integer, nullable=False)
    cancelled: int = Field(default=0, sa_type=Integer, nullable=False)
    no_shows: int = Field(default=0, sa_type=Integer, nullable=False)


class DayFleet(SQLModel, table=True):
    """The vehicles of a class in service at a branch on one day, and the minutes in which they could be hired out.

    A vehicle counts where it was, with the minutes of the day on which it was there and not blocked or away otherwise.
    """

    __tablename__ = "day_fleet"  # pyright: ignore[reportAssignmentType]

    level: str = Field(sa_type=ascii_column(8), primary_key=True)
    day: date = Field(sa_type=Date, primary_key=True)
    market: str = Field(sa_type=ascii_column(2), primary_key=True)
    location_code: str = Field(sa_type=ascii_column(16), primary_key=True)
    class_code: str = Field(sa_type=ascii_column(4), primary_key=True)
    vehicles: int = Field(default=0, sa_type=Integer, nullable=False)
    available_minutes: int = Field(default=0, sa_type=BigInteger, nullable=False)


class ReturnDelay(SQLModel, table=True):
    """How many hires of a class came back to a branch so many steps of a quarter of an hour after what was agreed."""

    __tablename__ = "return_delay"  # pyright: ignore[reportAssignmentType]

    market: str = Field(sa_type=ascii_column(2), primary_key=True)
    location_code: str = Field(sa_type=ascii_column(16), primary_key=True)
    class_code: str = Field(sa_type=ascii_column(4), primary_key=True)
    step: int = Field(sa_type=Integer, primary_key=True)
    cases: int = Field(default=0, sa_type=Integer, nullable=False)


class FigureState(SQLModel, table=True):
    """When figures of a kind were counted last, and from which day on."""

    __tablename__ = "figure_state"  # pyright: ignore[reportAssignmentType]

    kind: str = Field(sa_type=ascii_column(16), primary_key=True)
    counted_at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False)
    since: date = Field(sa_type=Date, nullable=False)

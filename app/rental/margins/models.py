"""What suppliers' cars earned, counted by month: read often, and never from the bookings themselves."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Date, Integer, Uuid
from sqlmodel import Field, SQLModel

from app.core.records import ascii_column


class MarginFigure(SQLModel, table=True):
    """A supplier's bookings of one month by the clocks of the pick-up branch, at that branch, in one currency.

    Money is the sum of what was kept with the bookings that stand (`supplier_terms.rules.Margin`); `unkept` are those
    among them of which nothing was kept. Those that were cancelled or not come for are `lost`, and earn nothing here.
    """

    __tablename__ = "margin_figure"  # pyright: ignore[reportAssignmentType]

    month: date = Field(sa_type=Date, primary_key=True)
    supplier_id: UUID = Field(sa_type=Uuid, primary_key=True)
    currency: str = Field(sa_type=ascii_column(3), primary_key=True)
    market: str = Field(sa_type=ascii_column(2), primary_key=True)
    location_code: str = Field(sa_type=ascii_column(16), primary_key=True)
    bookings: int = Field(default=0, sa_type=Integer, nullable=False)
    lost: int = Field(default=0, sa_type=Integer, nullable=False)
    unkept: int = Field(default=0, sa_type=Integer, nullable=False)
    retail_minor: int = Field(default=0, sa_type=BigInteger, nullable=False)
    price_minor: int = Field(default=0, sa_type=BigInteger, nullable=False)
    commission_minor: int = Field(default=0, sa_type=BigInteger, nullable=False)


OF_MONTHS = (
    "b.supplier_code IN :codes AND b.pickup_at >= :since_moment AND b.pickup_at < :until_moment "
    "AND b.pickup_local >= :since AND b.pickup_local < :until"
)
"""Which bookings are of some months: those that are counted are those whose mark is kept."""


class MarginMonth(SQLModel, table=True):
    """Of which bookings a month was counted last: `rules.Mark` tells."""

    __tablename__ = "margin_month"  # pyright: ignore[reportAssignmentType]

    month: date = Field(sa_type=Date, primary_key=True)
    bookings: int = Field(sa_type=Integer, nullable=False)
    versions: int = Field(sa_type=BigInteger, nullable=False)

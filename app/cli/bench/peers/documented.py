"""FastAPI with SQLModel as their own pages show: table and public model, session dependency, token."""

import os
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import OAuth2PasswordBearer
from sqlmodel import JSON, Column, Field, Relationship, Session, SQLModel, create_engine, select

engine = create_engine(os.environ["DATABASE_URL"].replace("+aiomysql:", "+pymysql:").partition("?")[0])
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")


class Staff(SQLModel, table=True):
    id: UUID = Field(primary_key=True)
    name: str
    roles: list[str] = Field(sa_column=Column(JSON))
    is_disabled: bool


class ApiToken(SQLModel, table=True):
    __tablename__ = "api_token"
    id: UUID = Field(primary_key=True)
    kind: str
    token_hash: str
    staff_id: UUID
    expires_at: datetime
    revoked_at: datetime | None = None


class VehicleBase(SQLModel):
    market: str
    make: str
    model: str | None = None
    year: int | None = None
    fleet_number: str | None = None
    plate: str | None = None
    vin: str | None = None
    acriss: str | None = None
    category: str | None = None
    body_type: str | None = None
    transmission: str | None = None
    fuel: str | None = None
    air_conditioning: bool | None = None
    seats: int | None = None
    doors: int | None = None
    bags: int | None = None
    power_kw: int | None = None
    colour: str | None = None
    odometer_km: int | None = None
    fuel_level_percent: int | None = None
    equipment: list[str] = Field(sa_column=Column(JSON))
    day_price_minor: int | None = None
    day_price_currency: str | None = None
    home_location_code: str | None = None
    location_code: str | None = None
    registration_expires_on: date | None = None
    insurance_expires_on: date | None = None
    inspection_expires_on: date | None = None
    owner: str | None = None
    state: str
    version: int
    created_at: datetime
    updated_at: datetime


class Vehicle(VehicleBase, table=True):
    id: UUID = Field(primary_key=True)


class VehiclePublic(VehicleBase):
    id: UUID


class Customer(SQLModel, table=True):
    id: UUID = Field(primary_key=True)
    name: str


class BookingBase(SQLModel):
    reference: str
    market: str
    source: str
    state: str
    customer_id: UUID = Field(foreign_key="customer.id")
    driver_name: str
    driver_phone: str | None = None
    driver_email: str | None = None
    driver_born_on: date | None = None
    pickup_location: str
    pickup_local: datetime
    pickup_zone: str
    pickup_at: datetime
    return_location: str
    return_local: datetime
    return_zone: str
    return_at: datetime
    class_code: str
    vehicle_id: UUID | None = Field(default=None, foreign_key="vehicle.id")
    total_minor: int
    total_currency: str
    price_lines: list[dict[str, Any]] = Field(sa_column=Column(JSON))
    fee_windows: list[dict[str, Any]] = Field(sa_column=Column(JSON))
    fee_minor: int | None = None
    cancel_requested_at: datetime | None = None
    picked_up_at: datetime | None = None
    returned_at: datetime | None = None
    terms_number: int
    supplier_reference: str | None = None
    note: str | None = None
    tags: list[str] = Field(sa_column=Column(JSON))
    version: int
    created_at: datetime
    updated_at: datetime


class Booking(BookingBase, table=True):
    id: UUID = Field(primary_key=True)
    customer: Customer = Relationship()
    vehicle: Vehicle | None = Relationship()


class CustomerPublic(SQLModel):
    id: UUID
    name: str


class BookedVehicle(SQLModel):
    id: UUID
    make: str
    model: str | None = None
    plate: str | None = None
    acriss: str | None = None


class BookingPublic(BookingBase):
    id: UUID
    customer: CustomerPublic
    vehicle: BookedVehicle | None = None


def get_session():
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def get_current_staff(token: Annotated[str, Depends(oauth2_scheme)], session: SessionDep) -> Staff:
    found = session.exec(
        select(ApiToken).where(ApiToken.token_hash == sha256(token.encode()).hexdigest(), ApiToken.kind == "access")
    ).first()
    if not found or found.revoked_at or found.expires_at < datetime.now(UTC):
        raise HTTPException(status_code=401, detail="Invalid authentication credentials")
    staff = session.get(Staff, found.staff_id)
    if not staff or staff.is_disabled:
        raise HTTPException(status_code=401, detail="Invalid authentication credentials")
    return staff


app = FastAPI()


@app.get("/ready")
def ready():
    return {}


@app.get("/vehicles/", response_model=list[VehiclePublic])
def read_vehicles(
    session: SessionDep,
    staff: Annotated[Staff, Depends(get_current_staff)],
    state: str,
    offset: int = 0,
    limit: Annotated[int, Query(le=100)] = 100,
):
    if "admin" not in staff.roles:
        raise HTTPException(status_code=403, detail="Not enough permissions")
    statement = select(Vehicle).where(Vehicle.state == state).order_by(Vehicle.updated_at.desc(), Vehicle.id.desc())
    return session.exec(statement.offset(offset).limit(limit)).all()


@app.get("/bookings/", response_model=list[BookingPublic])
def read_bookings(
    session: SessionDep,
    staff: Annotated[Staff, Depends(get_current_staff)],
    state: str,
    offset: int = 0,
    limit: Annotated[int, Query(le=100)] = 100,
):
    if "admin" not in staff.roles:
        raise HTTPException(status_code=403, detail="Not enough permissions")
    statement = select(Booking).where(Booking.state == state).order_by(Booking.pickup_at, Booking.id)
    return session.exec(statement.offset(offset).limit(limit)).all()

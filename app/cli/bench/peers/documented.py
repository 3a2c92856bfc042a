"""FastAPI with SQLModel as their own pages show: table and public model, session dependency, token."""

import os
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import OAuth2PasswordBearer
from sqlmodel import JSON, Column, Field, Session, SQLModel, create_engine, select

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

"""Reading bookings. The scope is the market and the branch of the pick-up."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, func, literal_column, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.area import DataCheck
from app.core.listing import Filter, ListSpec
from app.core.read_pool import ReadPool
from app.core.reads import ListRead, Query, Sort, ascii_text, scope_sql
from app.core.scoped import Scoped
from app.desk.customers.models import Customer
from app.desk.tags.services import tagged
from app.kit.identifiers import normalise_phone, normalise_plate
from app.kit.ids import normalise_reference
from app.kit.markets import MARKETS
from app.rental.bookings.models import Booking, BookingTerms, VehicleSwap
from app.rental.bookings.rules import HOLDS_STOCK, NEVER_HOLDS, BookingState, Source
from app.rental.bookings.schemas.bookings import SOURCE_WORDS, STATE_WORDS, BookingItem
from app.rental.vehicles.models import Vehicle

_b = Booking.__table__  # type: ignore[attr-defined]  # pyright: ignore
_t = BookingTerms.__table__  # type: ignore[attr-defined]  # pyright: ignore
_w = VehicleSwap.__table__  # type: ignore[attr-defined]  # pyright: ignore
_c = Customer.__table__.alias("hirer")  # type: ignore[attr-defined]  # pyright: ignore
_v = Vehicle.__table__  # type: ignore[attr-defined]  # pyright: ignore
MOST_TERMS, MOST_AROUND = 100, 200
LONGEST_HIRE, EARLIEST_PICKUP = timedelta(days=400), timedelta(days=2)
LEFT = frozenset({BookingState.ON_HIRE, BookingState.RETURNED, BookingState.CLOSED, BookingState.DISPUTED})
"""States of hires whose vehicle has left."""
REPLACED = "Replaced by"


def _object(**columns: Any) -> Any:
    """A JSON object of columns."""
    return func.json_object(
        *(part for name, column in columns.items() for part in (literal_column(f"'{name}'"), column))
    )


def _what_is_there(**columns: Any) -> Any:
    """The same without what is null."""
    return func.json_merge_patch(literal_column("'{}'"), _object(**columns))


def _end(name: str) -> Any:
    """One end of the hire as `HireEnd` writes it."""
    return _object(
        location=_b.c[f"{name}_location"],
        local=func.date_format(_b.c[f"{name}_local"], literal_column("'%Y-%m-%dT%H:%i'")),
        time_zone=_b.c[f"{name}_zone"],
        at=func.date_format(_b.c[f"{name}_at"], literal_column("'%Y-%m-%dT%H:%i:%s.%fZ'")),
    )


_VEHICLE = case(
    (_v.c.id.is_(None), null()),
    else_=_what_is_there(
        id=_v.c.id,
        title=func.concat_ws(literal_column("' '"), _v.c.make, _v.c.model),
        plate=_v.c.plate,
        acriss=_v.c.acriss,
    ),
)
_DRIVER = _what_is_there(
    name=_b.c.driver_name, phone=_b.c.driver_phone, email=_b.c.driver_email, born_on=_b.c.driver_born_on
)

SPEC = ListSpec(
    filters=(
        Filter("state", "State", "choice", tuple(STATE_WORDS.items()), facet="state"),
        Filter(
            "market", "Market", "choice", tuple((code, market.name) for code, market in MARKETS.items()), facet="market"
        ),
        Filter("pickup_location", "Pick-up branch", "code", facet="branch"),
        Filter("return_location", "Return branch", "code", facet="return_location"),
        Filter("class_code", "Class", "code", facet="class_code"),
        Filter("source", "Source", "choice", tuple(SOURCE_WORDS.items()), facet="source"),
        Filter("supplier", "Supplier", "code", facet="supplier"),
        Filter("assigned", "Vehicle", "choice", (("no", "not assigned"),), facet="assigned"),
        Filter("tag", "Tag", "code", facet="tags"),
        Filter("reference", "Reference", "text"),
        Filter("phone", "Phone", "text"),
        Filter("supplier_reference", "Supplier's number", "text"),
        Filter("customer_id", "Customer", "id", is_offered=False),
        Filter("vehicle_id", "Vehicle", "id", is_offered=False),
        Filter("pickup_after", "Pick-up after", "moment", search_field="pickup_at"),
        Filter("pickup_before", "Pick-up before", "moment", search_field="pickup_at"),
        Filter("return_after", "Return after", "moment", search_field="return_at"),
        Filter("return_before", "Return before", "moment", search_field="return_at"),
        Filter("updated_after", "Changed after", "moment", search_field="updated_at"),
        Filter("updated_before", "Changed before", "moment", search_field="updated_at"),
    ),
    sorts=("pickup_at", "return_at", "updated_at", "created_at", "total"),
    default_sort="-updated_at",
)

bookings = ListRead(
    BookingItem,
    table=_b,
    columns={
        **{name: _b.c[name] for name in ("id", "reference", "market", "source", "state")},
        "customer": _object(id=_c.c.id, name=_c.c.name),
        "driver": _DRIVER,
        "pickup": _end("pickup"),
        "back": _end("return"),
        "class_code": _b.c.class_code,
        "choices": _b.c.choices,
        "vehicle": _VEHICLE,
        "total": _b.c.total_minor,
        "total_currency": _b.c.total_currency,
        "price_lines": _b.c.price_lines,
        "fee_windows": _b.c.fee_windows,
        "cancellation_fee": _b.c.fee_minor,
        "fee_currency": _b.c.total_currency,
        **{name: _b.c[name] for name in ("cancel_requested_at", "picked_up_at", "returned_at")},
        "terms_number": _b.c.terms_number,
        "supplier": _b.c.supplier_code,
        **{name: _b.c[name] for name in ("supplier_reference", "replaces_id", "note", "tags")},
        **{name: _b.c[name] for name in ("version", "created_at", "updated_at")},
    },
    joins=lambda page: page.join(_c, _c.c.id == _b.c.customer_id).outerjoin(_v, _v.c.id == _b.c.vehicle_id),
    where={
        **{name: _b.c[name] for name in ("state", "market", "source", "pickup_location", "return_location")},
        **{name: _b.c[name] for name in ("class_code", "customer_id", "vehicle_id")},
        "supplier": _b.c.supplier_code,
        "assigned": _b.c.vehicle_id.is_(None),
        "tag": tagged("booking", _b.c.id),
        "reference": _b.c.reference == bindparam("reference_0"),
        "phone": _b.c.driver_phone == bindparam("phone_0"),
        "supplier_reference": _b.c.supplier_reference == bindparam("supplier_reference_0"),
        "pickup_after": _b.c.pickup_at > bindparam("pickup_after_0"),
        "pickup_before": _b.c.pickup_at < bindparam("pickup_before_0"),
        "return_after": _b.c.return_at > bindparam("return_after_0"),
        "return_before": _b.c.return_at < bindparam("return_before_0"),
        "updated_after": _b.c.updated_at > bindparam("updated_after_0"),
        "updated_before": _b.c.updated_at < bindparam("updated_before_0"),
    },
    sorts={
        "pickup_at": Sort(_b.c.pickup_at, "ix_booking_pickup_at"),
        "return_at": Sort(_b.c.return_at, "ix_booking_return_at"),
        "updated_at": Sort(_b.c.updated_at, "ix_booking_updated_at"),
        "created_at": Sort(_b.c.created_at, "ix_booking_created_at"),
        "total": Sort(_b.c.total_minor, "ix_booking_total_minor"),
    },
    scope={"market": _b.c.market, "branch": _b.c.pickup_location},
    indexes={
        frozenset({"state", "sort:pickup_at"}): "ix_booking_state",
        frozenset({"state", "sort:return_at"}): "ix_booking_state_return",
        frozenset({"class_code", "sort:pickup_at"}): "ix_booking_class",
        frozenset({"pickup_location", "sort:pickup_at"}): "ix_booking_branch",
        frozenset({"return_location", "sort:return_at"}): "ix_booking_return_branch",
        frozenset({"customer_id", "sort:pickup_at"}): "ix_booking_customer",
        frozenset({"vehicle_id", "sort:pickup_at"}): "ix_booking_vehicle",
    },
    prepare={
        "reference": lambda text: normalise_reference(str(text)) or str(text)[:12],
        "phone": lambda text: normalise_phone(str(text), None) or str(text),
    },
)

_NO_LIST, _NO_OBJECT = literal_column("'[]'"), literal_column("'{}'")
shown_bookings = bookings.lighter(price_lines=_NO_LIST, fee_windows=_NO_LIST, choices=_NO_OBJECT)
"""For the page of the list, which shows neither lines nor windows."""


def is_seen(booking: Booking, actor: Actor) -> bool:
    """Whether the booking is in the actor's markets and branches."""
    return actor.sees(market=booking.market, branch=booking.pickup_location)


_one = Scoped(Booking, branch="pickup_location")
find_booking, get_booking, lock_booking = _one.find, _one.get, _one.lock


async def find_customer(session: AsyncSession, customer_id: UUID) -> dict[str, Any]:
    """Who hires, as the API shows them; not asked for again when the unit of work has read them already."""
    customer = await session.get_one(Customer, customer_id)
    return {"id": str(customer.id), "name": customer.name}


async def find_vehicle(session: AsyncSession, vehicle_id: UUID | None) -> dict[str, Any] | None:
    """The assigned vehicle, as the API shows it."""
    vehicle = await session.get(Vehicle, vehicle_id) if vehicle_id else None
    if vehicle is None:
        return None
    return {"id": str(vehicle.id), "title": vehicle.title, "plate": vehicle.plate, "acriss": vehicle.acriss}


async def list_terms(session: AsyncSession, booking_id: UUID) -> list[BookingTerms]:
    """Earlier terms, the latest first."""
    statement = select(BookingTerms).where(_t.c.booking_id == booking_id).order_by(_t.c.number.desc()).limit(MOST_TERMS)
    return list((await session.execute(statement)).scalars())


async def list_swaps(session: AsyncSession, booking_id: UUID) -> list[VehicleSwap]:
    """The swaps of a hire in the order in which they were made."""
    statement = select(VehicleSwap).where(_w.c.booking_id == booking_id).order_by(_w.c.number)
    return list((await session.execute(statement)).scalars())


async def list_around(session: AsyncSession, vehicle_id: UUID, moment: datetime) -> list[Booking]:
    """The hires that may have had a vehicle at a moment, also one that was swapped out, by their pick-up."""
    swapped = select(_w.c.booking_id).where(_w.c.taken_id == vehicle_id)
    statement = select(Booking).where(
        (_b.c.vehicle_id == vehicle_id) | _b.c.id.in_(swapped),
        _b.c.state.in_(sorted(LEFT)),
        _b.c.pickup_at.between(moment - LONGEST_HIRE, moment + EARLIEST_PICKUP),
    )
    return list((await session.execute(statement.order_by(_b.c.pickup_at).limit(MOST_AROUND))).scalars())


async def find_day_price(
    session: AsyncSession, class_code: str, location: str, market: str, vehicle_id: UUID | None = None
) -> tuple[int, str] | None:
    """The day price of a vehicle, else the lowest of a class at a branch, else in a market: minor units and code."""
    statement = (
        select(_v.c.day_price_minor, _v.c.day_price_currency)
        .where(_v.c.acriss == class_code, _v.c.market == market, _v.c.day_price_minor.is_not(None))
        .order_by(
            (_v.c.id == vehicle_id).desc(), (_v.c.location_code == location).desc(), _v.c.day_price_minor, _v.c.id
        )
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    return (int(row[0]), str(row[1])) if row else None


async def list_classes(session: AsyncSession, actor: Actor) -> list[str]:
    """The ACRISS codes of our fleet in the actor's markets."""
    statement = select(_v.c.acriss).distinct().where(_v.c.acriss.is_not(None)).order_by(_v.c.acriss)
    if actor.markets is not None:
        statement = statement.where(_v.c.market.in_(actor.markets))
    return [str(code) for code in (await session.execute(statement)).scalars()]


async def list_of(session: AsyncSession, column: str, key: UUID, actor: Actor, limit: int) -> list[Booking]:
    """The bookings of a customer or a vehicle that the actor may see, the latest pick-up first."""
    statement = select(Booking).where(_b.c[column] == key).order_by(_b.c.pickup_at.desc(), _b.c.id.desc()).limit(limit)
    if actor.markets is not None:
        statement = statement.where(_b.c.market.in_(actor.markets))
    if actor.branches is not None:
        statement = statement.where(_b.c.pickup_location.in_(actor.branches))
    return list((await session.execute(statement)).scalars())


async def has_successor(session: AsyncSession, booking_id: UUID) -> bool:
    """Whether another booking has taken its place."""
    return (await session.execute(select(_b.c.id).where(_b.c.replaces_id == booking_id).limit(1))).first() is not None


async def find_standing_in(session: AsyncSession, booking: Booking) -> list[tuple[str, UUID, str]]:
    """The booking whose place this one took, and the one that took its place: what it is, id, reference."""
    is_one = (_b.c.id == booking.replaces_id) | (_b.c.replaces_id == booking.id)
    rows = await session.execute(select(_b.c.id, _b.c.reference).where(is_one))
    words = {booking.replaces_id: "Instead of"}
    return [(words.get(row.id, REPLACED), row.id, row.reference) for row in rows]


async def find_simply(reads: ReadPool, text: str, actor: Actor, limit: int) -> list[tuple[str, str, str, str]]:
    """Bookings by reference, driver, phone, plate or supplier's number, while the search engine is away."""
    typed = text.replace("%", "").replace("_", "").strip()
    if not typed:
        return []
    scope, values = scope_sql(actor, market="b.market", branch="b.pickup_location")
    digits = "+" + "".join(mark for mark in typed if mark.isascii() and mark.isdigit())
    wanted = [
        ("b.reference", ascii_text("".join(typed.split()).upper())),
        ("b.driver_name", typed),
        ("b.supplier_reference", ascii_text(typed)),
        ("v.plate_key", normalise_plate(typed)),
    ]
    wanted += [("b.driver_phone", digits)] if len(digits) > 4 else []
    branches = " UNION ".join(
        f"(SELECT b.id FROM booking b {'JOIN vehicle v ON v.id = b.vehicle_id ' if column[0] == 'v' else ''}"  # noqa: S608
        f"WHERE {column} LIKE %s{scope} LIMIT {int(limit)})"
        for column, value in wanted
        if value
    )
    parameters = [part for _, value in wanted if value for part in (f"{value}%", *values)]
    sql = (
        "SELECT b.id, b.reference, b.driver_name, CONCAT_WS(', ', b.class_code, b.pickup_location, "  # noqa: S608
        f"DATE_FORMAT(b.pickup_local, '%%Y-%%m-%%d %%H:%%i')) FROM ({branches}) found "
        f"JOIN booking b ON b.id = found.id LIMIT {int(limit)}"
    )
    return [(str(row[0]), row[1], row[2], row[3]) for row in await reads.fetch(sql, parameters)]


async def represent(reads: ReadPool, ids: Sequence[str], actor: Actor) -> dict[str, BookingItem]:
    """Bookings as the API shows them, by id, of those the actor may see."""
    return {item.id: item for item in await bookings.by_ids(reads, ids, actor)}


async def list_rows(reads: ReadPool, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    """What a search document is made of."""
    places = ", ".join(["%s"] * len(ids))
    sql = (
        "SELECT b.id, b.version, b.reference, b.market, b.source, b.state, b.driver_name, b.driver_phone, "  # noqa: S608
        "b.driver_email, b.pickup_location, b.return_location, b.pickup_at, b.return_at, b.pickup_local, b.class_code, "
        "b.supplier_code, b.supplier_reference, b.tags, b.updated_at, c.name, v.plate, p.name, p.city, r.name "
        "FROM booking b JOIN customer c ON c.id = b.customer_id LEFT JOIN vehicle v ON v.id = b.vehicle_id "
        "JOIN location p ON p.code = b.pickup_location JOIN location r ON r.code = b.return_location "
        f"WHERE b.id IN ({places})"
    )
    return await reads.fetch(sql, list(ids))


async def count_for(reads: ReadPool, actor: Actor, filters: Mapping[str, Sequence[str]]) -> int:
    """How many rows the list with these filters has for this person."""
    return await bookings.count(reads, Query(filters, SPEC.default_sort), actor)


_HELD, _ENDED = (", ".join(f"'{state}'" for state in sorted(states)) for states in (HOLDS_STOCK, NEVER_HOLDS))
CHECKS = (
    DataCheck(
        "I3",
        "Own bookings that run without holding a vehicle or a class",
        f"SELECT b.id FROM booking b LEFT JOIN occupancy o ON o.holder_id = b.id "  # noqa: S608
        f"WHERE b.source = '{Source.OWN}' AND b.state IN ({_HELD}) AND o.id IS NULL",
    ),
    DataCheck(
        "I3",
        "Bookings that hold another vehicle or time than they say, or hold one after their end",
        f"SELECT b.id FROM booking b JOIN occupancy o ON o.holder_id = b.id WHERE b.state IN ({_ENDED}) "  # noqa: S608
        "OR NOT (b.vehicle_id <=> o.vehicle_id) OR b.pickup_at <> o.starts_at OR b.return_at <> o.ends_at "
        "OR b.class_code <> o.class_code",
    ),
    DataCheck(
        "I3",
        "Bookings that are another supplier's than their last reservation, or ours and a supplier's",
        "SELECT b.id FROM booking b LEFT JOIN supplier s ON s.code = b.supplier_code "  # noqa: S608
        "LEFT JOIN supplier_reservation r ON r.id = (SELECT MAX(last.id) FROM supplier_reservation last "
        "WHERE last.subject_kind = 'booking' AND last.subject_id = b.id) "
        f"WHERE IF(b.source = '{Source.OWN}', b.supplier_code IS NOT NULL, NOT (r.supplier_id <=> s.id))",
    ),
)
"""What has to be true of bookings and what they hold, whoever wrote it."""

"""Rental: where vehicles are and what may be done with them."""

from datetime import timedelta

from app.core import clock
from app.core.actor import Actor
from app.core.approvals import ApprovalKind
from app.core.area import Area, JobKind, NavItem, NewAction, RecordKind, StateView, TaskKind, Tile, Waiting
from app.core.db import AsyncSession
from app.core.filters import money
from app.core.permissions import CREDIT, FLEET, Permission, Role
from app.core.previews import Preview
from app.core.read_pool import ReadPool
from app.desk.tags.tasks import actions_for as tag_actions
from app.rental.bookings import search as bookings
from app.rental.bookings.api import BookingApi, BookingMoveApi, BookingTermsApi
from app.rental.bookings.pages import details as booking_details
from app.rental.bookings.routes.bookings import BookingController
from app.rental.bookings.routes.moves import MoveController as BookingMoveController
from app.rental.bookings.routes.terms import AmendmentController, AssignmentController
from app.rental.kinds import BOOKING
from app.rental.locations import services as locations
from app.rental.locations.api import LocationApi
from app.rental.locations.models import Location
from app.rental.locations.queries import find_location
from app.rental.locations.queries import list_ids as list_location_ids
from app.rental.locations.queries import represent as represent_locations
from app.rental.locations.routes import LocationController
from app.rental.occupancy import pages as availability
from app.rental.occupancy.api import AvailabilityApi
from app.rental.occupancy.routes import AvailabilityController
from app.rental.overview import pages as overview_pages
from app.rental.overview import services as overview
from app.rental.rates import approvals as rate_approvals
from app.rental.rates import queries as rate_queries
from app.rental.rates import search as rate_search
from app.rental.rates import services as rates
from app.rental.rates.api import RateCardApi, RateCardDraftApi, RateTrialApi
from app.rental.rates.models import RateCard
from app.rental.rates.pages import cards as rate_pages
from app.rental.rates.routes.cards import RateCardController, RateCardDraftController
from app.rental.rates.routes.trials import RateTrialController
from app.rental.rates.schemas import STATE_WORDS as RATE_STATE_WORDS
from app.rental.rates.tasks import follow_dates
from app.rental.suppliers import approvals as supplier_approvals
from app.rental.suppliers import queries as supplier_queries
from app.rental.suppliers import tasks as supplier_tasks
from app.rental.suppliers.api import SupplierApi, SupplierReservationApi, SupplierSearchApi
from app.rental.suppliers.models import Supplier, SupplierReservation
from app.rental.suppliers.pages import reservations as supplier_reservation_pages
from app.rental.suppliers.pages import suppliers as supplier_pages
from app.rental.suppliers.routes.notifications import NotificationController
from app.rental.suppliers.routes.reservations import ReservationController
from app.rental.suppliers.routes.suppliers import SupplierController
from app.rental.suppliers.services.reservations import BY_HAND
from app.rental.suppliers.services.stops import carry_out_stop
from app.rental.vehicles import approvals, pages, queries, search
from app.rental.vehicles.api import VehicleApi, VehicleDisposalApi, VehicleMoveApi
from app.rental.vehicles.importers import VEHICLES
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.pages import ON
from app.rental.vehicles.routes.cells import CellController
from app.rental.vehicles.routes.moves import MoveController
from app.rental.vehicles.routes.vehicles import VehicleController
from app.rental.vehicles.services import DOCUMENT_TASK, FIELD_LABELS, carry_out_price, carry_out_retirement
from app.rental.vehicles.tasks import BULK_ACTIONS, LISTING, UNDOS, follow_periods, raise_document_tasks


async def preview(session: AsyncSession, vehicle: Vehicle, actor: Actor) -> Preview:
    """A vehicle at a glance."""
    places = await locations.by_codes(session, {vehicle.location_code} if vehicle.location_code else set())
    place = places.get(vehicle.location_code or "")
    due = ", ".join(words for _, _, words, _ in pages.due_rows(vehicle.due(clock.today())))
    facts = [
        ("Plate", vehicle.plate or ""), ("Branch", place.name if place else ""),
        ("Class", pages.class_in_words(vehicle)), ("Odometer", pages.odometer_in_words(vehicle)),
        ("Day price", money(vehicle.day_price)), ("Documents due", due or "none"),
    ]  # fmt: skip
    moves = [(move.words.label, f"/vehicles/{vehicle.id}#moves") for move in pages.moves_for(vehicle, actor)]
    return Preview(
        vehicle.title,
        vehicle.plate or "",
        pages.state_in_words(vehicle.state),
        is_on=vehicle.state in pages.ON,
        facts=facts,
        moves=moves,
    )


VEHICLE = RecordKind(
    key="vehicle",
    title="Vehicle",
    plural="Vehicles",
    icon="car",
    permission=search.PERMISSION,
    model=Vehicle,
    address=lambda record_id: f"/vehicles/{record_id}",
    name=lambda vehicle: vehicle.title,
    find=queries.find_vehicle,
    search=search.KIND,
    load_documents=search.load_documents,
    list_ids=queries.list_ids,
    find_simply=queries.find_simply,
    represent=queries.represent,
    state=lambda item: StateView(item.state_words, is_on=item.state in ON),
    importer=VEHICLES,
    listing=LISTING,
    bulk_actions=(*BULK_ACTIONS, *tag_actions(queries.find_vehicle)),
    list_address="/vehicles",
    record_list=pages.LIST,
    preview=preview,
    labels=FIELD_LABELS,
    branch_of=lambda vehicle: vehicle.location_code,
    has_notes=True,
    has_tags=True,
)

LOCATION = RecordKind(
    key="location",
    title="Branch",
    plural="Branches",
    icon="building",
    permission="locations.view",
    model=Location,
    address=lambda record_id: f"/locations/{record_id}",
    name=lambda location: location.name,
    find=find_location,
    list_ids=list_location_ids,
    represent=represent_locations,
    list_address="/locations",
    is_audited=False,
    labels=locations.FIELD_LABELS,
    branch_of=lambda location: location.code,
)

SUPPLIER = RecordKind(
    key="supplier",
    title="Supplier",
    plural="Suppliers",
    icon="building",
    permission="suppliers.view",
    model=Supplier,
    address=lambda record_id: f"/suppliers/{record_id}",
    name=lambda supplier: supplier.name,
    find=supplier_queries.find_supplier,
    list_address="/suppliers",
    record_list=supplier_pages.LIST,
    is_branch_scoped=False,
    labels=supplier_pages.FIELD_LABELS,
    has_notes=True,
)

SUPPLIER_RESERVATION = RecordKind(
    key="supplier_reservation",
    title="Supplier reservation",
    plural="Supplier reservations",
    icon="calendar",
    permission="suppliers.view",
    model=SupplierReservation,
    address=lambda record_id: f"/supplier-reservations/{record_id}",
    name=lambda reservation: reservation.reference,
    find=supplier_queries.find_reservation,
    list_address="/supplier-reservations",
    record_list=supplier_reservation_pages.LIST,
    labels=supplier_reservation_pages.FIELD_LABELS,
    has_notes=True,
)

RATE_CARD = RecordKind(
    key="rate_card",
    title="Rate card",
    plural="Rate cards",
    icon="receipt",
    permission=rate_search.PERMISSION,
    model=RateCard,
    address=lambda record_id: f"/rate-cards/{record_id}",
    name=lambda card: card.name,
    find=rate_queries.find_card,
    search=rate_search.KIND,
    load_documents=rate_search.load_documents,
    list_ids=rate_queries.list_ids,
    find_simply=rate_queries.find_simply,
    represent=rate_queries.represent,
    state=lambda item: StateView(RATE_STATE_WORDS[item.state], is_on=item.state == "active"),
    list_address="/rate-cards",
    record_list=rate_pages.LIST,
    preview=rate_pages.preview,
    labels=rates.FIELD_LABELS,
    is_branch_scoped=False,
    has_notes=True,
    checks=rate_queries.CHECKS,
)

LOOKS_AFTER = "vehicles.move"


async def tiles(reads: ReadPool, actor: Actor) -> list[Tile]:
    """Numbers of the fleet for those who look after it."""
    if not actor.may(LOOKS_AFTER):
        return []
    today = clock.today()
    before, long = await overview.count_compared(reads, actor, clock.now())
    listed = await overview.count_lists(reads, actor, today)
    counts = overview_pages.Counts(**listed, in_maintenance_before=before, long_in_transit=long)
    return overview_pages.tiles(counts, overview.lists(today))


async def waiting(reads: ReadPool, actor: Actor) -> list[Waiting]:
    """Documents that are over and vehicles that do not arrive, for those who look after them."""
    if not actor.may(LOOKS_AFTER):
        return []
    over = await overview.list_documents_over(reads, actor, clock.today())
    late = await overview.list_long_transits(reads, actor, clock.now())
    return [
        *overview_pages.documents_over(over, clock.today()),
        *overview_pages.long_transits(late, clock.now()),
    ]


AREA = Area(
    name="rental",
    title="Rental",
    controllers=(
        VehicleController,
        MoveController,
        CellController,
        LocationController,
        AvailabilityController,
        BookingController,
        BookingMoveController,
        AssignmentController,
        AmendmentController,
        VehicleApi,
        VehicleMoveApi,
        VehicleDisposalApi,
        LocationApi,
        AvailabilityApi,
        BookingApi,
        BookingTermsApi,
        BookingMoveApi,
        RateTrialApi,
        RateCardApi,
        RateCardDraftApi,
        RateTrialController,
        RateCardController,
        RateCardDraftController,
        SupplierController,
        ReservationController,
        NotificationController,
        SupplierApi,
        SupplierSearchApi,
        SupplierReservationApi,
    ),
    kinds=(BOOKING, VEHICLE, SUPPLIER, SUPPLIER_RESERVATION, LOCATION, RATE_CARD),
    undos=UNDOS,
    nav=(
        NavItem("Bookings", "/bookings", bookings.PERMISSION, "Rental", "calendar", "g k"),
        NavItem("Availability", "/availability", "availability.view", "Rental", "calendar-due", "g u"),
        NavItem("Vehicles", "/vehicles", "vehicles.view", "Rental", "car", "g v"),
        NavItem("Supplier reservations", "/supplier-reservations", "suppliers.view", "Rental", "calendar"),
        NavItem("Suppliers", "/suppliers", "suppliers.view", "Rental", "arrows-exchange"),
        NavItem("Branches", "/locations", "locations.view", "Rental", "building", "g b"),
        NavItem("Rate cards", "/rate-cards", "rates.view", "Rental", "receipt", "g r"),
        NavItem("Try a rate", "/rates/try", "rates.view", "Rental", "calculator"),
    ),
    permissions=(
        Permission(bookings.PERMISSION, "See bookings", (*FLEET, *CREDIT, Role.ENGINEER, Role.AUDITOR, Role.ADMIN)),
        Permission("availability.view", "See what branches have left", (*FLEET, Role.AUDITOR, Role.ADMIN)),
        Permission(availability.EDIT, "Set overbooking limits", (Role.FLEET_MANAGER, Role.ADMIN)),
        Permission(booking_details.EDIT, "Book, amend and assign vehicles", (*FLEET, Role.ADMIN)),
        Permission(booking_details.CANCEL, "Cancel bookings", (*FLEET, Role.ADMIN)),
        Permission(booking_details.CLOSE, "Close and dispute bookings", (Role.FLEET_MANAGER, Role.ADMIN)),
        Permission(
            "vehicles.view",
            "See vehicles",
            (*FLEET, Role.RATE_MANAGER, *CREDIT, Role.ENGINEER, Role.AUDITOR, Role.ADMIN),
        ),
        Permission("vehicles.edit", "Add and edit vehicles", (*FLEET, Role.ADMIN)),
        Permission("vehicles.move", "Block, maintain and transfer vehicles", (*FLEET, Role.ADMIN)),
        Permission("vehicles.dispose", "Commission, sell and retire vehicles", (Role.FLEET_MANAGER, Role.ADMIN)),
        Permission(approvals.PRICE_PERMISSION, "Agree to large changes of price", approvals.DECIDERS),
        Permission(approvals.RETIREMENT_PERMISSION, "Agree to the retirement of vehicles", approvals.DECIDERS),
        Permission(
            "suppliers.view", "See suppliers and search their cars", (*FLEET, Role.ENGINEER, Role.AUDITOR, Role.ADMIN)
        ),
        Permission("suppliers.settle", "Cancel and settle reservations with suppliers", (*FLEET, Role.ADMIN)),
        Permission("suppliers.map", "Say which location a branch of a supplier is", (Role.FLEET_MANAGER, Role.ADMIN)),
        Permission("suppliers.stop", "Ask for a supplier to be switched off or on", (*FLEET, Role.ADMIN)),
        Permission(supplier_approvals.PERMISSION, "Agree to stops of suppliers", supplier_approvals.DECIDERS),
        Permission("locations.edit", "Change the hours of branches", (Role.FLEET_MANAGER, Role.ADMIN)),
        Permission("rates.edit", "Write versions of rate cards", (Role.RATE_MANAGER, Role.ADMIN)),
        Permission(rate_approvals.PERMISSION, "Agree to versions of rate cards", rate_approvals.DECIDERS),
        Permission(
            "rates.view", "See and try rates", (*FLEET, Role.RATE_MANAGER, Role.ENGINEER, Role.AUDITOR, Role.ADMIN)
        ),
        Permission(
            "locations.view",
            "See branches",
            (*FLEET, Role.RATE_MANAGER, *CREDIT, Role.ENGINEER, Role.AUDITOR, Role.ADMIN),
        ),
    ),
    tasks=(
        *supplier_tasks.KINDS,
        JobKind("vehicles.follow_periods", "Follow planned periods", follow_periods, every=timedelta(seconds=30)),
        JobKind("rates.follow_dates", "Put versions of rate cards in force", follow_dates, every=timedelta(minutes=5)),
        JobKind(
            "vehicles.document_tasks",
            "Make tasks of documents that fall due",
            raise_document_tasks,
            every=timedelta(hours=1),
        ),
    ),
    task_kinds=(
        TaskKind(
            DOCUMENT_TASK,
            "Vehicle document falls due",
            "fleet",
            "vehicles.edit",
            timedelta(hours=50),
            outcomes=(("renewed", "Renewed"), ("ordered", "Ordered"), ("taken_out", "Vehicle taken out of hire")),
        ),
        TaskKind(
            BY_HAND,
            "Settle a reservation with a supplier",
            "fleet",
            "suppliers.settle",
            timedelta(hours=2),
            priority="high",
        ),
        TaskKind(
            "vehicle_check",
            "Check a vehicle",
            "fleet",
            "vehicles.move",
            timedelta(hours=10),
            outcomes=(("in_order", "In order"), ("repaired", "Repaired"), ("blocked", "Blocked or in maintenance")),
            is_made_by_hand=True,
        ),
    ),
    approval_kinds=(
        ApprovalKind(supplier_approvals.STOP, carry_out_stop),
        ApprovalKind(approvals.PRICE_CHANGE, carry_out_price),
        ApprovalKind(approvals.RETIREMENT, carry_out_retirement),
        ApprovalKind(rate_approvals.ACTIVATION, rates.carry_out_activation),
    ),
    tiles=(tiles,),
    waiting=(waiting,),
    actions=(
        NewAction("New booking", "/bookings/new", booking_details.EDIT),
        NewAction("New vehicle", "/vehicles/new", "vehicles.edit"),
        NewAction("New rate card", "/rate-cards/new", "rates.edit"),
    ),
)

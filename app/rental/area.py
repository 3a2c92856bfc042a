"""Rental: where vehicles are and what may be done with them."""

from datetime import timedelta

from app.core.area import Area, JobKind, NavItem, NewAction, RecordKind
from app.core.permissions import CREDIT, FLEET, Permission, Role
from app.rental.locations.routes import LocationController
from app.rental.vehicles import queries, search
from app.rental.vehicles.importers import VEHICLES
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.routes.cells import CellController
from app.rental.vehicles.routes.moves import MoveController
from app.rental.vehicles.routes.vehicles import VehicleController
from app.rental.vehicles.services import FIELD_LABELS
from app.rental.vehicles.tasks import follow_periods

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
    importer=VEHICLES,
    list_address="/vehicles",
    labels=FIELD_LABELS,
)

AREA = Area(
    name="rental",
    title="Rental",
    controllers=(VehicleController, MoveController, CellController, LocationController),
    kinds=(VEHICLE,),
    nav=(
        NavItem("Vehicles", "/vehicles", "vehicles.view", "Rental", "car", "g v"),
        NavItem("Branches", "/locations", "locations.view", "Rental", "building", "g b"),
    ),
    permissions=(
        Permission("vehicles.view", "See vehicles", (*FLEET, *CREDIT, Role.ENGINEER, Role.AUDITOR, Role.ADMIN)),
        Permission("vehicles.edit", "Add and edit vehicles", (*FLEET, Role.ADMIN)),
        Permission("vehicles.move", "Block, maintain and transfer vehicles", (*FLEET, Role.ADMIN)),
        Permission("vehicles.dispose", "Commission, sell and retire vehicles", (Role.FLEET_MANAGER, Role.ADMIN)),
        Permission("locations.view", "See branches", (*FLEET, *CREDIT, Role.ENGINEER, Role.AUDITOR, Role.ADMIN)),
    ),
    tasks=(
        JobKind("vehicles.follow_periods", "Follow planned periods", follow_periods, every=timedelta(seconds=30)),
    ),
    actions=(NewAction("New vehicle", "/vehicles/new", "vehicles.edit"),),
)

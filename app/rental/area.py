"""Rental: where vehicles are and what may be done with them."""

from datetime import timedelta

from app.core import clock
from app.core.actor import Actor
from app.core.approvals import ApprovalKind
from app.core.area import Area, ExchangeAction, JobKind, NavItem, NewAction, TaskKind, Tile, Waiting
from app.core.read_pool import ReadPool
from app.rental.agreed_sheets.services import ends_without_consent
from app.rental.bookings import search as bookings
from app.rental.bookings.api.bookings import BookingApi, BookingMoveApi, BookingPreviewApi, BookingTermsApi
from app.rental.bookings.api.walks import BookingWalkApi
from app.rental.bookings.pages import details as booking_details
from app.rental.bookings.routes.bookings import BookingController
from app.rental.bookings.routes.moves import MoveController as BookingMoveController
from app.rental.bookings.routes.terms import AmendmentController, AssignmentController
from app.rental.bookings.routes.walks import WalkController
from app.rental.bookings.services import REBOOK, follow_reservation
from app.rental.damages import pages as damage_pages
from app.rental.damages.api import DamageCaseApi
from app.rental.damages.routes import DamageCaseController
from app.rental.exchange_rates import approvals as exchange_rate_approvals
from app.rental.exchange_rates import pages as exchange_rate_pages
from app.rental.exchange_rates.api import ExchangeRateApi, ExchangeRateSheetApi
from app.rental.exchange_rates.models import ExchangeRateSheet
from app.rental.exchange_rates.routes import ExchangeRateController
from app.rental.exchange_rates.services import carry_out_agreement
from app.rental.figures.api import FiguresApi
from app.rental.figures.routes import FiguresController
from app.rental.figures.tasks import recount_recent
from app.rental.fines import pages as fine_pages
from app.rental.fines.api import FineApi
from app.rental.fines.routes import FineController
from app.rental.handovers import tasks as handover_tasks
from app.rental.handovers.api import CheckInApi, CheckOutApi, VehicleSwapApi
from app.rental.handovers.routes.handovers import HandoverBeginController, HandoverController
from app.rental.handovers.routes.swaps import SwapController
from app.rental.handovers.services import GIVE_BACK
from app.rental.kinds import KINDS
from app.rental.limbo import pages as limbo_pages
from app.rental.limbo.api import LimboApi
from app.rental.limbo.routes import LimboController
from app.rental.locations.api import LocationApi
from app.rental.locations.routes import LocationController
from app.rental.manifests.api import ManifestApi
from app.rental.manifests.routes import ManifestController
from app.rental.margins import pages as margin_pages
from app.rental.margins.api import SupplierMarginsApi
from app.rental.margins.routes import MarginsController
from app.rental.margins.tasks import recount_recent as recount_margins
from app.rental.occupancy.api import AvailabilityApi
from app.rental.occupancy.routes import AvailabilityController
from app.rental.overview import pages as overview_pages
from app.rental.overview import services as overview
from app.rental.papers.api import InvoiceApi, PaperApi
from app.rental.papers.routes import InvoiceController, PaperController
from app.rental.permissions import PERMISSIONS
from app.rental.planner.api import PlannerApi
from app.rental.planner.routes.moves import PlanMoveController
from app.rental.planner.routes.sheets import PlannerController
from app.rental.planner.services.moves import UNDO as PLAN_UNDO
from app.rental.quotes import tasks as quote_tasks
from app.rental.quotes.api.quotes import QuoteApi
from app.rental.quotes.api.searches import CarSearchApi
from app.rental.quotes.routes.quotes import QuoteController
from app.rental.quotes.routes.searches import CarSearchController
from app.rental.rates import approvals as rate_approvals
from app.rental.rates import services as rates
from app.rental.rates.api import RateCardApi, RateCardDraftApi, RateTrialApi
from app.rental.rates.routes.cards import RateCardController, RateCardDraftController
from app.rental.rates.routes.files import RateCardFileController
from app.rental.rates.routes.trials import RateTrialController
from app.rental.rates.tasks import follow_dates
from app.rental.supplier_invoices import approvals as invoice_approvals
from app.rental.supplier_invoices import pages as invoice_pages
from app.rental.supplier_invoices.api import SupplierInvoiceApi, SupplierInvoiceLineApi
from app.rental.supplier_invoices.queries import PERMISSION as INVOICES_VIEW
from app.rental.supplier_invoices.routes import SupplierInvoiceController, SupplierInvoiceLineController
from app.rental.supplier_invoices.services import MATCHED, carry_out_acceptance
from app.rental.supplier_invoices.tasks import MATCH_JOB
from app.rental.supplier_terms import approvals as terms_approvals
from app.rental.supplier_terms import pages as terms_pages
from app.rental.supplier_terms.api import SupplierTermsApi, SupplierTermsTrialApi
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.routes import SupplierTermsController
from app.rental.supplier_terms.services.sheets import carry_out_agreement as carry_out_terms
from app.rental.suppliers import approvals as supplier_approvals
from app.rental.suppliers import tasks as supplier_tasks
from app.rental.suppliers.api.health import SupplierHealthApi
from app.rental.suppliers.api.replays import SupplierReplayApi
from app.rental.suppliers.api.reservations import SupplierReservationApi
from app.rental.suppliers.api.searches import SupplierSearchApi
from app.rental.suppliers.api.suppliers import SupplierApi
from app.rental.suppliers.routes.editing import ReplayController, SupplierEditController
from app.rental.suppliers.routes.health import HealthController
from app.rental.suppliers.routes.notifications import NotificationController
from app.rental.suppliers.routes.reservations import ReservationController
from app.rental.suppliers.routes.suppliers import SupplierController
from app.rental.suppliers.services.branches import LOST_BRANCHES
from app.rental.suppliers.services.following import follow
from app.rental.suppliers.services.probing import replay_address
from app.rental.suppliers.services.reservations import BY_HAND
from app.rental.suppliers.services.stops import carry_out_stop
from app.rental.vehicles import approvals
from app.rental.vehicles.api import VehicleApi, VehicleDisposalApi, VehicleMoveApi
from app.rental.vehicles.routes.cells import CellController
from app.rental.vehicles.routes.moves import MoveController
from app.rental.vehicles.routes.vehicles import VehicleController
from app.rental.vehicles.services import DOCUMENT_TASK, carry_out_price, carry_out_retirement
from app.rental.vehicles.tasks import UNDOS, follow_periods, raise_document_tasks

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


follow("booking", follow_reservation)

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
        WalkController,
        AssignmentController,
        AmendmentController,
        VehicleApi,
        VehicleMoveApi,
        VehicleDisposalApi,
        LocationApi,
        AvailabilityApi,
        BookingApi,
        BookingTermsApi,
        BookingPreviewApi,
        BookingMoveApi,
        BookingWalkApi,
        CarSearchApi,
        QuoteApi,
        CarSearchController,
        QuoteController,
        RateTrialApi,
        RateCardApi,
        RateCardDraftApi,
        RateTrialController,
        ExchangeRateController,
        ExchangeRateApi,
        ExchangeRateSheetApi,
        RateCardController,
        RateCardDraftController,
        RateCardFileController,
        SupplierController,
        HealthController,
        SupplierEditController,
        ReplayController,
        ReservationController,
        NotificationController,
        PlannerController,
        PlanMoveController,
        PlannerApi,
        FiguresController,
        FiguresApi,
        MarginsController,
        SupplierMarginsApi,
        ManifestController,
        ManifestApi,
        SupplierApi,
        SupplierSearchApi,
        SupplierHealthApi,
        SupplierReplayApi,
        SupplierReservationApi,
        SupplierTermsController,
        SupplierTermsApi,
        SupplierTermsTrialApi,
        SupplierInvoiceController,
        SupplierInvoiceLineController,
        SupplierInvoiceApi,
        SupplierInvoiceLineApi,
        LimboController,
        LimboApi,
        HandoverBeginController,
        HandoverController,
        SwapController,
        CheckOutApi,
        CheckInApi,
        VehicleSwapApi,
        DamageCaseController,
        DamageCaseApi,
        FineController,
        FineApi,
        PaperController,
        InvoiceController,
        PaperApi,
        InvoiceApi,
    ),
    kinds=KINDS,
    undos=(*UNDOS, PLAN_UNDO),
    nav=(
        NavItem("Search cars", "/car-searches", "quotes.view", "Rental", "search", "g s"),
        NavItem("Quotes", "/quotes", "quotes.view", "Rental", "clock"),
        NavItem("Bookings", "/bookings", bookings.PERMISSION, "Rental", "calendar", "g k"),
        NavItem("Planner", "/planner", "planner.view", "Rental", "calendar", "g p"),
        NavItem("Manifest", "/manifest", "planner.view", "Rental", "clipboard-list", "g m"),
        NavItem("Rental figures", "/rental/figures", "figures.view", "Rental", "gauge", "g f"),
        NavItem("Availability", "/availability", "availability.view", "Rental", "calendar-due", "g u"),
        NavItem("Vehicles", "/vehicles", "vehicles.view", "Rental", "car", "g v"),
        NavItem("Damage cases", damage_pages.PATH, damage_pages.VIEW, "Rental", "alert-triangle", "g d"),
        NavItem("Fines and tolls", fine_pages.PATH, fine_pages.VIEW, "Rental", "receipt"),
        NavItem("Limbo desk", limbo_pages.PATH, "suppliers.view", "Rental", "alert-triangle", "g l"),
        NavItem("Supplier reservations", "/supplier-reservations", "suppliers.view", "Rental", "calendar"),
        NavItem("Supplier invoices", invoice_pages.PATH, INVOICES_VIEW, "Rental", "receipt"),
        NavItem("Suppliers", "/suppliers", "suppliers.view", "Rental", "arrows-exchange"),
        NavItem("Supplier margins", margin_pages.PATH, terms_pages.VIEW, "Rental", "gauge"),
        NavItem("Supplier terms", terms_pages.PATH, terms_pages.VIEW, "Rental", "calculator"),
        NavItem("Branches", "/locations", "locations.view", "Rental", "building", "g b"),
        NavItem("Rate cards", "/rate-cards", "rates.view", "Rental", "receipt", "g r"),
        NavItem("Exchange rates", exchange_rate_pages.PATH, exchange_rate_pages.VIEW, "Rental", "arrows-exchange"),
        NavItem("Try a rate", "/rates/try", "rates.view", "Rental", "calculator"),
    ),
    permissions=PERMISSIONS,
    tasks=(
        *supplier_tasks.KINDS,
        *quote_tasks.KINDS,
        *handover_tasks.KINDS,
        MATCH_JOB,
        JobKind("figures.recount", "Count the rental's figures", recount_recent, every=timedelta(minutes=15)),
        JobKind("margins.recount", "Count what suppliers' cars earn", recount_margins, every=timedelta(minutes=15)),
        JobKind("vehicles.follow_periods", "Follow planned periods", follow_periods, every=timedelta(seconds=30)),
        JobKind("rates.follow_dates", "Put versions of rate cards in force", follow_dates, every=timedelta(minutes=5)),
        JobKind(
            "vehicles.document_tasks",
            "Make tasks of documents that fall due",
            raise_document_tasks,
            every=timedelta(hours=1),
        ),
    ),
    notification_kinds=(MATCHED,),
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
            LOST_BRANCHES,
            "Look after branches that a supplier no longer names",
            "fleet",
            "suppliers.map",
            timedelta(hours=8),
        ),
        TaskKind(
            GIVE_BACK, "Give back a part of a hire", "fleet", "charges.refund", timedelta(hours=24), priority="high"
        ),
        TaskKind(
            REBOOK,
            "Find another car for a customer",
            "fleet",
            "bookings.edit",
            timedelta(hours=1),
            priority="high",
            outcomes=(("rebooked", "Another car is booked"), ("refunded", "The customer takes none")),
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
        ApprovalKind(invoice_approvals.ACCEPTANCE, carry_out_acceptance),
        ApprovalKind(approvals.PRICE_CHANGE, carry_out_price),
        ApprovalKind(approvals.RETIREMENT, carry_out_retirement),
        ApprovalKind(exchange_rate_approvals.SHEET, carry_out_agreement, ends_without_consent(ExchangeRateSheet)),
        ApprovalKind(terms_approvals.SHEET, carry_out_terms, ends_without_consent(SupplierTerms)),
        ApprovalKind(rate_approvals.ACTIVATION, rates.carry_out_activation),
    ),
    exchange_actions=(ExchangeAction("Send again", "suppliers.replay", replay_address),),
    tiles=(tiles,),
    waiting=(waiting,),
    actions=(
        NewAction("Search cars", "/car-searches", "quotes.view"),
        NewAction("New booking", "/bookings/new", booking_details.EDIT),
        NewAction("Record a fine or a toll", f"{fine_pages.PATH}/new", fine_pages.EDIT),
        NewAction("New supplier", "/suppliers/new", "suppliers.edit"),
        NewAction("New vehicle", "/vehicles/new", "vehicles.edit"),
        NewAction("Enter exchange rates", f"{exchange_rate_pages.PATH}/new", exchange_rate_pages.EDIT),
        NewAction("New rate card", "/rate-cards/new", "rates.edit"),
    ),
)

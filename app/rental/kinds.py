"""The records of the rental, as every tool of the desk sees them."""

from app.core.area import DataCheck, RecordKind, StateView
from app.desk.tags.tasks import actions_for as tag_actions
from app.rental import previews
from app.rental.bookings import queries as booking_queries
from app.rental.bookings import search as booking_search
from app.rental.bookings import services as bookings
from app.rental.bookings.models import Booking
from app.rental.bookings.pages import lists as booking_lists
from app.rental.bookings.tasks import LISTING as BOOKING_LISTING
from app.rental.damages import pages as damage_pages
from app.rental.damages import queries as damage_queries
from app.rental.damages import services as damages
from app.rental.damages.models import DamageCase
from app.rental.exchange_rates import pages as exchange_rate_pages
from app.rental.exchange_rates import queries as exchange_rate_queries
from app.rental.exchange_rates import services as exchange_rates
from app.rental.exchange_rates.models import ExchangeRateSheet
from app.rental.fines import pages as fine_pages
from app.rental.fines import queries as fine_queries
from app.rental.fines import search as fine_search
from app.rental.fines import services as fines
from app.rental.fines.models import Fine
from app.rental.handovers import pages as handover_pages
from app.rental.handovers import queries as handover_queries
from app.rental.handovers.models import Handover
from app.rental.limbo import pages as limbo_pages
from app.rental.locations import queries as location_queries
from app.rental.locations import services as locations
from app.rental.locations.models import Location
from app.rental.quotes import queries as quote_queries
from app.rental.quotes import search as quote_search
from app.rental.quotes.models import Quote
from app.rental.quotes.pages import quotes as quote_pages
from app.rental.quotes.services import quoting
from app.rental.rates import queries as rate_queries
from app.rental.rates import search as rate_search
from app.rental.rates import services as rates
from app.rental.rates.models import RateCard
from app.rental.rates.pages import cards as rate_pages
from app.rental.rates.schemas import STATE_WORDS as RATE_STATE_WORDS
from app.rental.rates.tasks import LISTING as RATE_LISTING
from app.rental.supplier_invoices import pages as invoice_pages
from app.rental.supplier_invoices import queries as invoice_queries
from app.rental.supplier_invoices import services as invoices
from app.rental.supplier_invoices.importers import LINES as INVOICE_LINES
from app.rental.supplier_invoices.models import SupplierInvoice, SupplierInvoiceLine
from app.rental.supplier_invoices.tasks import BULK_ACTIONS as INVOICE_ACTIONS
from app.rental.supplier_invoices.tasks import LISTING as INVOICE_LISTING
from app.rental.supplier_terms import pages as terms_pages
from app.rental.supplier_terms import queries as terms_queries
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.services import sheets as terms
from app.rental.suppliers import queries as supplier_queries
from app.rental.suppliers.models import Supplier, SupplierReservation
from app.rental.suppliers.pages import reservations as supplier_reservation_pages
from app.rental.suppliers.pages import suppliers as supplier_pages
from app.rental.suppliers.services import editing as supplier_editing
from app.rental.vehicles import pages as vehicle_pages
from app.rental.vehicles import queries as vehicle_queries
from app.rental.vehicles import search as vehicle_search
from app.rental.vehicles.importers import VEHICLES
from app.rental.vehicles.models import Vehicle
from app.rental.vehicles.services import FIELD_LABELS as VEHICLE_LABELS
from app.rental.vehicles.tasks import BULK_ACTIONS as VEHICLE_ACTIONS
from app.rental.vehicles.tasks import LISTING as VEHICLE_LISTING

BOOKING = RecordKind(
    key="booking",
    title="Booking",
    plural="Bookings",
    icon="calendar",
    permission=booking_search.PERMISSION,
    model=Booking,
    address=lambda record_id: f"/bookings/{record_id}",
    name=lambda booking: booking.reference,
    find=booking_queries.find_booking,
    search=booking_search.KIND,
    load_documents=booking_search.load_documents,
    find_simply=booking_queries.find_simply,
    represent=booking_queries.represent,
    state=booking_lists.state_view,
    listing=BOOKING_LISTING,
    bulk_actions=tag_actions(booking_queries.find_booking),
    list_address="/bookings",
    record_list=booking_lists.LIST,
    preview=previews.preview_booking,
    labels=bookings.FIELD_LABELS,
    branch_of=lambda booking: booking.pickup_location,
    related={"customer": previews.bookings_of_customer, "vehicle": previews.bookings_of_vehicle},
    related_filters={"customer": "customer_id", "vehicle": "vehicle_id"},
    has_notes=True,
    has_tags=True,
    is_charged=True,
    checks=booking_queries.CHECKS,
)

VEHICLE = RecordKind(
    key="vehicle",
    title="Vehicle",
    plural="Vehicles",
    icon="car",
    permission=vehicle_search.PERMISSION,
    model=Vehicle,
    address=lambda record_id: f"/vehicles/{record_id}",
    name=lambda vehicle: vehicle.title,
    find=vehicle_queries.find_vehicle,
    search=vehicle_search.KIND,
    load_documents=vehicle_search.load_documents,
    find_simply=vehicle_queries.find_simply,
    represent=vehicle_queries.represent,
    state=lambda item: StateView(item.state_words, is_on=item.state in vehicle_pages.ON),
    importer=VEHICLES,
    listing=VEHICLE_LISTING,
    bulk_actions=(*VEHICLE_ACTIONS, *tag_actions(vehicle_queries.find_vehicle)),
    list_address="/vehicles",
    record_list=vehicle_pages.LIST,
    checks=vehicle_queries.STAYS,
    preview=previews.preview_vehicle,
    labels=VEHICLE_LABELS,
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
    find=location_queries.find_location,
    represent=location_queries.represent,
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
    labels=supplier_editing.FIELD_LABELS,
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
    represent=supplier_queries.represent,
    state=lambda item: supplier_reservation_pages.state_view(item.state),
    list_address="/supplier-reservations",
    record_list=supplier_reservation_pages.LIST,
    other_lists=(limbo_pages.PATH,),
    labels=supplier_reservation_pages.FIELD_LABELS,
    has_notes=True,
)

SUPPLIER_INVOICE = RecordKind(
    key="supplier_invoice",
    title="Supplier invoice",
    plural="Supplier invoices",
    icon="receipt",
    permission=invoice_queries.PERMISSION,
    model=SupplierInvoice,
    address=lambda record_id: f"{invoice_pages.PATH}/{record_id}",
    name=lambda invoice: f"Invoice {invoice.number}",
    find=invoice_queries.find_invoice,
    represent=invoice_queries.represent_invoices,
    list_address=invoice_pages.PATH,
    record_list=invoice_pages.LIST,
    labels=invoices.FIELD_LABELS,
    is_branch_scoped=False,
    has_notes=True,
)

SUPPLIER_INVOICE_LINE = RecordKind(
    key="supplier_invoice_line",
    title="Line of a supplier invoice",
    plural="Lines of supplier invoices",
    icon="receipt",
    permission=invoice_queries.PERMISSION,
    model=SupplierInvoiceLine,
    address=lambda record_id: f"{invoice_pages.LINES_PATH}/{record_id}",
    name=lambda line: line.name,
    find=invoice_queries.find_line,
    represent=invoice_queries.represent_lines,
    state=lambda item: invoice_pages.state_view(item.state),
    importer=INVOICE_LINES,
    listing=INVOICE_LISTING,
    bulk_actions=INVOICE_ACTIONS,
    list_address=invoice_pages.LINES_PATH,
    record_list=invoice_pages.LINES_LIST,
    labels=invoices.FIELD_LABELS,
    is_branch_scoped=False,
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
    find_simply=rate_queries.find_simply,
    represent=rate_queries.represent,
    state=lambda item: StateView(RATE_STATE_WORDS[item.state], is_on=item.state == "active"),
    list_address="/rate-cards",
    record_list=rate_pages.LIST,
    listing=RATE_LISTING,
    preview=rate_pages.preview,
    labels=rates.FIELD_LABELS,
    is_branch_scoped=False,
    has_notes=True,
    checks=rate_queries.CHECKS,
)

EXCHANGE_RATE_SHEET = RecordKind(
    key="exchange_rate_sheet",
    title="Sheet of exchange rates",
    plural="Exchange rates",
    icon="arrows-exchange",
    permission=exchange_rate_pages.VIEW,
    model=ExchangeRateSheet,
    address=lambda record_id: f"{exchange_rate_pages.PATH}/{record_id}",
    name=lambda sheet: sheet.name,
    find=exchange_rate_queries.find_sheet,
    represent=exchange_rate_queries.represent,
    list_address=exchange_rate_pages.PATH,
    labels=exchange_rates.FIELD_LABELS,
    is_branch_scoped=False,
    has_notes=True,
)

SUPPLIER_TERMS = RecordKind(
    key="supplier_terms",
    title="Terms with a supplier",
    plural="Supplier terms",
    icon="calculator",
    permission=terms_pages.VIEW,
    model=SupplierTerms,
    address=lambda record_id: f"{terms_pages.PATH}/{record_id}",
    name=lambda sheet: sheet.name,
    find=terms_queries.find_sheet,
    represent=terms_queries.represent,
    list_address=terms_pages.PATH,
    labels=terms.FIELD_LABELS,
    is_branch_scoped=False,
    has_notes=True,
)

HANDOVER = RecordKind(
    key="handover",
    title="Handover",
    plural="Check-out and check-in",
    icon="clipboard-list",
    permission=handover_pages.VIEW,
    model=Handover,
    address=lambda record_id: f"{handover_pages.PATH}/{record_id}",
    name=lambda handover: f"{handover_pages.TITLES[handover.direction]} {handover.booking_reference}",
    find=handover_queries.find_handover,
    branch_of=lambda handover: handover.branch,
    related={"booking": previews.handovers_of_booking},
    offers={"booking": previews.offer_handover},
    has_notes=True,
)

DAMAGE_CASE = RecordKind(
    key="damage_case",
    title="Damage case",
    plural="Damage cases",
    icon="alert-triangle",
    permission=damage_pages.VIEW,
    model=DamageCase,
    address=lambda record_id: f"{damage_pages.PATH}/{record_id}",
    name=lambda case: case.reference,
    find=damage_queries.find_case,
    represent=damage_queries.represent,
    state=damage_pages.state_view,
    list_address=damage_pages.PATH,
    record_list=damage_pages.LIST,
    labels=damages.FIELD_LABELS,
    branch_of=lambda case: case.branch,
    related={"booking": previews.damage_of_booking, "vehicle": previews.damage_of_vehicle},
    related_filters={"booking": "booking_id", "vehicle": "vehicle_id"},
    has_notes=True,
)

FINE = RecordKind(
    key="fine",
    title="Fine or toll",
    plural="Fines and tolls",
    icon="receipt",
    permission=fine_pages.VIEW,
    model=Fine,
    address=lambda record_id: f"{fine_pages.PATH}/{record_id}",
    name=lambda fine: fine.reference,
    find=fine_queries.find_fine,
    search=fine_search.KIND,
    load_documents=fine_search.load_documents,
    find_simply=fine_queries.find_simply,
    represent=fine_queries.represent,
    state=fine_pages.state_view,
    list_address=fine_pages.PATH,
    record_list=fine_pages.LIST,
    labels=fines.FIELD_LABELS,
    branch_of=lambda fine: fine.branch,
    related={"booking": previews.fines_of_booking, "vehicle": previews.fines_of_vehicle},
    related_filters={"booking": "booking_id", "vehicle": "vehicle_id"},
    has_notes=True,
    checks=(
        DataCheck(
            "I7",
            "Fines that are charged without a charge, or know a driver without a hire",
            "SELECT id FROM fine WHERE (state = 'charged') <> (charge_id IS NOT NULL) "
            "OR (state IN ('matched', 'charged') AND booking_id IS NULL)",
        ),
    ),
)

QUOTE = RecordKind(
    key="quote",
    title="Quote",
    plural="Quotes",
    icon="calculator",
    permission=quote_search.PERMISSION,
    model=Quote,
    address=lambda record_id: f"/quotes/{record_id}",
    name=lambda quote: quote.reference,
    find=quote_queries.find_quote,
    search=quote_search.KIND,
    load_documents=quote_search.load_documents,
    find_simply=quote_queries.find_simply,
    represent=quote_queries.represent,
    list_address="/quotes",
    record_list=quote_pages.LIST,
    labels=quoting.FIELD_LABELS,
    branch_of=lambda quote: quote.pickup_location,
    related={"booking": previews.quote_of_booking},
    has_notes=True,
    checks=(
        DataCheck(
            "I4",
            "Quotes that were booked and name nothing that was made of them, or that name something and were not",
            "SELECT id FROM quote WHERE (state = 'consumed') <> (booking_id IS NOT NULL)",
        ),
    ),
)

KINDS = (
    BOOKING,
    QUOTE,
    VEHICLE,
    HANDOVER,
    DAMAGE_CASE,
    FINE,
    SUPPLIER,
    SUPPLIER_TERMS,
    SUPPLIER_RESERVATION,
    SUPPLIER_INVOICE,
    SUPPLIER_INVOICE_LINE,
    LOCATION,
    RATE_CARD,
    EXCHANGE_RATE_SHEET,
)

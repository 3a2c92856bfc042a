"""Who may do what in the rental."""

from app.core.permissions import CREDIT, FLEET, Permission, Role
from app.rental.bookings import search as bookings
from app.rental.bookings.pages import details as booking_details
from app.rental.bookings.services.hires import LATE_ARRIVAL
from app.rental.damages import pages as damages
from app.rental.exchange_rates import approvals as exchange_rate_approvals
from app.rental.exchange_rates import pages as exchange_rates
from app.rental.fines import pages as fines
from app.rental.handovers import pages as handovers
from app.rental.occupancy import pages as availability
from app.rental.papers.pages import papers
from app.rental.rates import approvals as rate_approvals
from app.rental.supplier_invoices import approvals as invoice_approvals
from app.rental.supplier_terms import approvals as terms_approvals
from app.rental.supplier_terms import pages as terms
from app.rental.suppliers import approvals as supplier_approvals
from app.rental.vehicles import approvals

PERMISSIONS = (
    Permission(bookings.PERMISSION, "See bookings", (*FLEET, *CREDIT, Role.ENGINEER, Role.AUDITOR, Role.ADMIN)),
    Permission("quotes.view", "Search cars and see quotes", (*FLEET, Role.ENGINEER, Role.AUDITOR, Role.ADMIN)),
    Permission("quotes.edit", "Quote offers", (*FLEET, Role.ADMIN)),
    Permission("availability.view", "See what branches have left", (*FLEET, Role.AUDITOR, Role.ADMIN)),
    Permission(availability.EDIT, "Set overbooking limits", (Role.FLEET_MANAGER, Role.ADMIN)),
    Permission("figures.view", "See the rental's figures", (*FLEET, Role.RATE_MANAGER, Role.AUDITOR, Role.ADMIN)),
    Permission("planner.view", "See the planner", (*FLEET, Role.AUDITOR, Role.ADMIN)),
    Permission(booking_details.EDIT, "Book, amend and assign vehicles", (*FLEET, Role.ADMIN)),
    Permission(booking_details.CANCEL, "Cancel bookings", (*FLEET, Role.ADMIN)),
    Permission(booking_details.CLOSE, "Close and dispute bookings", (Role.FLEET_MANAGER, Role.ADMIN)),
    Permission(LATE_ARRIVAL, "Honour the late arrival of a no-show", (Role.FLEET_MANAGER, Role.ADMIN)),
    Permission(handovers.VIEW, "See check-outs and check-ins", (*FLEET, Role.AUDITOR, Role.ADMIN)),
    Permission(handovers.EDIT, "Hand vehicles over and take them back", (*FLEET, Role.ADMIN)),
    Permission(handovers.REVEAL, "See the licence numbers of drivers", (Role.FLEET_MANAGER, Role.ADMIN)),
    Permission(papers.PRINT, "Print agreements, vouchers and invoices", (*FLEET, Role.AUDITOR, Role.ADMIN)),
    Permission(papers.BILL, "Issue invoices", (*FLEET, Role.ADMIN)),
    Permission(papers.CREDIT, "Issue credit notes", (Role.FLEET_MANAGER, Role.ADMIN)),
    Permission(fines.VIEW, "See fines and tolls", (*FLEET, Role.AUDITOR, Role.ADMIN)),
    Permission(fines.EDIT, "Record fines and tolls and charge them", (*FLEET, Role.ADMIN)),
    Permission(damages.VIEW, "See damage cases", (*FLEET, Role.AUDITOR, Role.ADMIN)),
    Permission(damages.SETTLE, "Estimate, charge and close damage cases", (*FLEET, Role.ADMIN)),
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
    Permission("suppliers.edit", "Add and change suppliers, and test connections", (Role.FLEET_MANAGER, Role.ADMIN)),
    Permission(
        "suppliers.replay", "Send a kept request to a supplier again", (Role.FLEET_MANAGER, Role.ENGINEER, Role.ADMIN)
    ),
    Permission(
        terms.VIEW,
        "See what suppliers charge us and what we earn",
        (Role.FLEET_MANAGER, Role.RATE_MANAGER, Role.AUDITOR, Role.ADMIN),
    ),
    Permission(terms.EDIT, "Enter terms with suppliers", (Role.RATE_MANAGER, Role.FLEET_MANAGER, Role.ADMIN)),
    Permission(terms_approvals.PERMISSION, "Agree to terms with suppliers", terms_approvals.SHEET.roles),
    Permission("supplier_invoices.view", "See suppliers' invoices", (*FLEET, Role.AUDITOR, Role.ADMIN)),
    Permission("supplier_invoices.match", "Take in, accept and dispute suppliers' invoices", (*FLEET, Role.ADMIN)),
    Permission(
        invoice_approvals.PERMISSION, "Agree to large differences on suppliers' invoices", invoice_approvals.DECIDERS
    ),
    Permission("suppliers.stop", "Ask for a supplier to be switched off or on", (*FLEET, Role.ADMIN)),
    Permission(supplier_approvals.PERMISSION, "Agree to stops of suppliers", supplier_approvals.DECIDERS),
    Permission("locations.edit", "Change the hours of branches", (Role.FLEET_MANAGER, Role.ADMIN)),
    Permission(
        exchange_rates.VIEW,
        "See exchange rates",
        (*FLEET, Role.RATE_MANAGER, Role.ENGINEER, Role.AUDITOR, Role.ADMIN),
    ),
    Permission(exchange_rates.EDIT, "Enter exchange rates", (Role.RATE_MANAGER, Role.FLEET_MANAGER, Role.ADMIN)),
    Permission(exchange_rate_approvals.PERMISSION, "Agree to exchange rates", exchange_rate_approvals.SHEET.roles),
    Permission("rates.edit", "Write versions of rate cards", (Role.RATE_MANAGER, Role.ADMIN)),
    Permission(rate_approvals.PERMISSION, "Agree to versions of rate cards", rate_approvals.DECIDERS),
    Permission("rates.view", "See and try rates", (*FLEET, Role.RATE_MANAGER, Role.ENGINEER, Role.AUDITOR, Role.ADMIN)),
    Permission(
        "locations.view",
        "See branches",
        (*FLEET, Role.RATE_MANAGER, *CREDIT, Role.ENGINEER, Role.AUDITOR, Role.ADMIN),
    ),
)

"""What the pages about suppliers show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.core.columns import Column
from app.core.filters import money
from app.core.lists import Frame, RecordList
from app.desk.audit_trail.services import TimelineEntry
from app.desk.exchanges.services import ExchangeLine
from app.desk.records.services import Beside
from app.kit.hire_limits import HireLimits
from app.kit.markets import MARKETS
from app.rental.locations.services import DELIVERY_WORDS
from app.rental.suppliers.forms import SearchForm, StopForm
from app.rental.suppliers.models import Supplier, SupplierBranch
from app.rental.suppliers.pages.health import Row as HealthRow
from app.rental.suppliers.pages.words import HIDDEN, OPERATION_WORDS, REASON_WORDS
from app.rental.suppliers.queries import DIALECT_WORDS, SPEC
from app.rental.suppliers.rules import EVERYWHERE, Stop
from app.rental.suppliers.rules.mapping import Candidate
from app.rental.suppliers.schemas import SupplierItem
from app.rental.suppliers.services.searching import Absent, Found, Result

LIST = RecordList(
    key="suppliers",
    title="Suppliers",
    path="/suppliers",
    spec=SPEC,
    columns=(
        Column("name", "Supplier", "name", is_fixed=True),
        Column("code", "Code", "code", css="mono"),
        Column("dialect", "Speaks"),
        Column("state", "Sale"),
        Column("branches", "Branches", align="number"),
        Column("unmapped", "Not mapped", align="number"),
        Column("read", "Branches read"),
    ),
    cells="rental/suppliers/_cells.html",
    kind="supplier",
)
STOP_WORDS = {Stop.SALE.value: "No new sales", Stop.ALL.value: "Switched off"}
SHOWN_OFFERS = 200
NEW_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Row:
    """One supplier in the list."""

    id: str
    name: str
    code: str
    dialect: str
    state: str
    tone: str
    branches: int
    unmapped: int
    read_at: str | None


@dataclass(frozen=True, slots=True)
class SupplierList:
    """The list page."""

    frame: Frame
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class StopLine:
    """Something that is switched off."""

    market: str
    words: str


@dataclass(frozen=True, slots=True)
class SupplierDetail:
    """One supplier: what it can do, how it does, what is switched off."""

    supplier: Supplier
    dialect: str
    capabilities: list[tuple[str, bool]]
    limits: str
    stops: list[StopLine]
    health: HealthRow
    exchanges: list[ExchangeLine]
    mapped: int
    unmapped: int
    can_map: bool
    can_stop: bool
    can_edit: bool
    sees_margins: bool
    stop_form: StopForm
    markets: list[tuple[str, str]]
    beside: Beside
    timeline: list[TimelineEntry]


@dataclass(frozen=True, slots=True)
class CapabilityMatrix:
    """Every supplier against every operation."""

    operations: list[str]
    rows: list[tuple[Supplier, str, list[bool]]]
    """The supplier, what it speaks, and whether each operation is done by machine."""


@dataclass(frozen=True, slots=True)
class BranchRow:
    """One branch in the mapping console."""

    id: UUID
    code: str
    name: str
    city: str
    country: str
    iata: str
    delivery: str
    location: str
    location_name: str
    is_gone: bool
    candidates: list[Candidate]
    since: datetime
    changed: datetime
    is_new: bool
    """It came with a reading of these days, after the first one."""


@dataclass(frozen=True, slots=True)
class BranchPage:
    """The mapping console of one supplier."""

    supplier: Supplier
    rows: list[BranchRow]
    locations: list[tuple[str, str]]
    can_map: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One offer of a search."""

    supplier: str
    acriss: str
    model: str
    total: str
    lines: str
    mileage: str
    is_doubtful: bool
    state: str
    excess: str


@dataclass(frozen=True, slots=True)
class AbsentRow:
    """A supplier without an offer."""

    supplier: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Trying a search at every supplier."""

    form: SearchForm
    locations: list[tuple[str, str]]
    is_asked: bool = False
    offers: list[OfferRow] = field(default_factory=list[OfferRow])
    absent: list[AbsentRow] = field(default_factory=list[AbsentRow])
    milliseconds: int = 0


def row(item: SupplierItem) -> Row:
    """A line of the list."""
    words, tone = state_of(item.stops)
    return Row(
        id=item.id,
        name=item.name,
        code=item.code,
        dialect=DIALECT_WORDS[item.dialect],
        state=words,
        tone=tone,
        branches=item.branches,
        unmapped=item.unmapped_branches,
        read_at=item.branches_read_at if isinstance(item.branches_read_at, str) else None,
    )


def state_of(stops: Mapping[str, Any]) -> tuple[str, str]:
    """What is switched off, in few words, with the tone."""
    if not stops:
        return "On sale", ""
    if EVERYWHERE in stops:
        return STOP_WORDS[stops[EVERYWHERE]], "act"
    return f"Stopped in {', '.join(sorted(stops))}", "soon"


def stop_lines(stops: Mapping[str, Any]) -> list[StopLine]:
    """Everything that is switched off."""
    return [StopLine(market_name(market), STOP_WORDS[stop]) for market, stop in sorted(stops.items())]


def market_name(market: str) -> str:
    return "Everywhere" if market == EVERYWHERE else MARKETS[market].name if market in MARKETS else market


def market_choices(markets: frozenset[str] | None) -> list[tuple[str, str]]:
    """Where somebody may ask for a stop."""
    own = [(code, market.name) for code, market in MARKETS.items() if markets is None or code in markets]
    return [(EVERYWHERE, "Everywhere"), *own] if markets is None else own


def limits_in_words(supplier: Supplier) -> str:
    """`from 2 days, drivers from 23`; nothing where it hires out everything."""
    return ", ".join(HireLimits.read(supplier.limits).words())


def capabilities(supplier: Supplier) -> list[tuple[str, bool]]:
    """Each operation in words, and whether the supplier can do it."""
    return [(words, operation.value in supplier.capabilities) for operation, words in OPERATION_WORDS.items()]


def matrix(suppliers: Sequence[Supplier]) -> CapabilityMatrix:
    """What each supplier can do by machine; the rest becomes a task."""
    return CapabilityMatrix(
        operations=list(OPERATION_WORDS.values()),
        rows=[
            (supplier, DIALECT_WORDS[supplier.dialect.value], [is_there for _, is_there in capabilities(supplier)])
            for supplier in suppliers
        ],
    )


def branch_rows(
    branches: Sequence[SupplierBranch],
    candidates: Mapping[UUID, list[Candidate]],
    names: Mapping[str, str],
    now: datetime,
) -> list[BranchRow]:
    """The lines of the mapping console."""
    first = min((branch.created_at for branch in branches), default=now)
    return [
        BranchRow(
            id=branch.id,
            code=branch.code,
            name=branch.name,
            city=branch.city,
            country=branch.country,
            iata=branch.iata,
            delivery=DELIVERY_WORDS[branch.delivery] if branch.delivery else "",
            location=branch.location_code or "",
            location_name=names.get(branch.location_code or "", ""),
            is_gone=branch.is_gone,
            candidates=candidates.get(branch.id, []),
            since=branch.created_at,
            changed=branch.updated_at,
            is_new=branch.created_at > max(first + timedelta(days=1), now - NEW_FOR),
        )
        for branch in branches
    ]


def search_page(
    form: SearchForm, locations: list[tuple[str, str]], result: Result | None, *, sees_margins: bool
) -> SearchPage:
    """The form, and below it what came of it; net prices are for those who may see margins."""
    if result is None:
        return SearchPage(form, locations)
    return SearchPage(
        form,
        locations,
        is_asked=True,
        offers=[_offer(found, is_hidden=found.is_net and not sees_margins) for found in result.offers[:SHOWN_OFFERS]],
        absent=[_absent(each) for each in result.absent],
        milliseconds=result.milliseconds,
    )


def _offer(found: Found, *, is_hidden: bool) -> OfferRow:
    offer = found.offer
    km = "unlimited" if offer.mileage.included_km is None else f"{offer.mileage.included_km:,} km"
    excess = next((cover.excess for cover in offer.covers if cover.excess), None)
    return OfferRow(
        supplier=found.name,
        acriss=offer.acriss,
        model=offer.model,
        total=HIDDEN if is_hidden else money(offer.total),
        lines="" if is_hidden else ", ".join(f"{line.words or line.code} {money(line.amount)}" for line in offer.lines),
        mileage=km,
        is_doubtful=offer.mileage.is_doubtful,
        state="On request" if offer.is_on_request else "Available",
        excess=money(excess),
    )


def _absent(each: Absent) -> AbsentRow:
    return AbsentRow(each.name, REASON_WORDS[each.reason], each.detail)


def usual_form(now: datetime) -> dict[str, str]:
    """Tomorrow week for three days, as the form is first shown."""
    pickup = (now + timedelta(days=8)).replace(hour=10, minute=0, second=0, microsecond=0, tzinfo=None)
    return {
        "pickup_local": f"{pickup:%Y-%m-%dT%H:%M}",
        "return_local": f"{pickup + timedelta(days=3):%Y-%m-%dT%H:%M}",
        "driver_age": "35",
    }

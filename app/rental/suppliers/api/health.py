"""How suppliers do, in the JSON API."""

from decimal import Decimal

from litestar import Controller, Response, get

from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, answer
from app.core.openapi_vocabulary import QueryField
from app.core.values import UNSET, UnsetType, timestamp
from app.kit.markets import MARKETS
from app.kit.problems import Problem
from app.rental.suppliers.pages.health import error_words
from app.rental.suppliers.rules.measuring import Drift, Measured, Window
from app.rental.suppliers.schemas import (
    DriftItem,
    ErrorCount,
    HealthPoint,
    MeasuredItem,
    OperationHealth,
    SupplierHealth,
    SupplierHealthList,
)
from app.rental.suppliers.services import health
from app.rental.suppliers.services.health import Health, Point

WINDOW = QueryField(
    "window", "How far back.", {"type": "string", "enum": [each.value for each in Window], "default": "24h"}
)
MARKET = QueryField("market", "Only calls of this market.", {"type": "string", "enum": sorted(MARKETS)})
SUPPLIER = QueryField(
    "supplier",
    "Only this supplier, with its operations and the times of each slot.",
    {"type": "string", "maxLength": 32},
)


class SupplierHealthApi(Controller):
    """How suppliers do."""

    path = "/api/v1/supplier-health"
    tags = ("Suppliers",)
    opt = {"permission": "suppliers.view"}

    @get(
        name="api.supplier_health.index",
        operation_id="listSupplierHealth",
        summary="Read how suppliers do",
        query=(WINDOW, MARKET, SUPPLIER),
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[SupplierHealthList]:
        """Times, errors, confirmations and drift of the last hour, day or week.

        Calls are counted while they are kept, so that any number of them is read as fast. A window begins with a whole
        slot: 5 minutes, an hour or six hours.
        """
        window, market, code = _asked(request)
        runtime = request.runtime
        found = await health.board_of(
            runtime.database.reads, runtime.partners, actor, window=window, market=market, code=code
        )
        items = [_item(each, is_detailed=bool(code)) for each in found.suppliers]
        return answer(SupplierHealthList(window.value, market or UNSET, timestamp(found.since), items))


def _asked(request: Request) -> tuple[Window, str, str]:
    window, market, code = (request.query_params.get(name, "") for name in ("window", "market", "supplier"))
    problems: list[Problem] = []
    if "window" in request.query_params and window not in set(Window):
        problems.append(Problem("window", "unknown_value", f"One of {', '.join(Window)}"))
    if "market" in request.query_params and market not in MARKETS:
        problems.append(Problem("market", "unknown_value", "There is no such market"))
    if "supplier" in request.query_params and not (0 < len(code) <= 32):
        problems.append(Problem("supplier", "invalid", "A supplier's code"))
    if problems:
        raise InvalidFields(problems)
    return Window(window or Window.DAY), market, code


def _item(found: Health, *, is_detailed: bool) -> SupplierHealth:
    return SupplierHealth(
        supplier=found.code,
        name=found.name,
        is_held_off=found.is_held_off,
        measured=_measured(found.measured),
        confirmed=found.confirmed,
        decided=found.decided,
        confirmed_percent=_number(found.confirmed_percent),
        at_recheck=_drift(found.at_recheck),
        at_confirmation=_drift(found.at_confirmation),
        last_success_at=timestamp(found.last_success_at) if found.last_success_at else UNSET,
        points=[_point(point, is_detailed=is_detailed) for point in found.points],
        operations=[OperationHealth(name, _measured(each)) for name, each in sorted(found.operations.items())],
    )


def _measured(measured: Measured) -> MeasuredItem:
    errors = [ErrorCount(kind, error_words(kind), calls) for kind, calls in measured.errors.items()]
    return MeasuredItem(measured.calls, measured.p50_ms, measured.p95_ms, _number(measured.answered_percent), errors)


def _point(point: Point, *, is_detailed: bool) -> HealthPoint:
    measured = point.measured
    return HealthPoint(
        timestamp(point.at), measured.calls, sum(measured.errors.values()), measured.p95_ms if is_detailed else UNSET
    )


def _drift(drift: Drift) -> DriftItem:
    return DriftItem(drift.compared, drift.moved, _number(drift.mean_percent))


def _number(value: Decimal | None) -> float | UnsetType:
    return UNSET if value is None else float(value)

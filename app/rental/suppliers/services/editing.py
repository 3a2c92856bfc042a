"""Suppliers that people add and change. Secrets go in and never come out, nor to an address they were not meant for."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from app.core.actor import Actor
from app.core.changes import apply, record
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, InvalidFields, StaleVersion
from app.core.partners.addresses import AddressBlocked, require_open
from app.kit.ids import new_id
from app.kit.problems import Problem
from app.rental.suppliers import queries, rules
from app.rental.suppliers.models import Supplier
from app.rental.suppliers.rules import Dialect
from app.rental.suppliers.services.gateway import SANDBOX, seal_secret, seal_webhook
from app.settings import Settings

PLAIN = (
    "name", "dialect", "base_url", "account", "currency", "phone", "capabilities", "has_period_quirk",
    "search_milliseconds", "most_calls", "limits", "is_active",
)  # fmt: skip
FIELD_LABELS = {
    "name": "Name", "dialect": "Dialect", "base_url": "Address", "account": "Account", "currency": "Currency",
    "phone": "Telephone", "capabilities": "What it can do", "has_period_quirk": "RentalPeriod means Day",
    "search_milliseconds": "Time in a search", "most_calls": "Calls at once", "is_active": "In use",
    "limits": "What it hires out", "has_net_prices": "Prices are net", "secret": "Secret",
    "webhook_key": "Key of its messages", "stops": "Stops", "location_code": "Location",
}  # fmt: skip


class CodeTaken(AlreadyThere):
    code = "code_taken"
    title = "There is a supplier of this code"


async def mark_net(session: AsyncSession, supplier_id: UUID, *, actor: Actor) -> None:
    """From now on what the supplier asks for is not everybody's to see; that is never taken back."""
    supplier = await queries.lock_supplier(session, supplier_id)
    if not supplier.has_net_prices:
        supplier.has_net_prices = True
        await record(session, "supplier.marked_net", supplier, actor=actor, changes={"has_net_prices": (False, True)})


async def create_supplier(
    session: AsyncSession,
    settings: Settings,
    *,
    fields: Mapping[str, Any],
    actor: Actor,
    supplier_id: UUID | None = None,
) -> Supplier:
    """Somebody new whose cars are sold. Raises InvalidFields, CodeTaken."""
    given = _given(fields)
    problems = rules.check_supplier(given, is_new=True)
    _check_address(given, settings, problems)
    if problems:
        raise InvalidFields(problems)
    if await queries.find_by_code(session, given["code"]) is not None:
        raise CodeTaken(f"{given['code']} is taken.", problems=[Problem("code", "taken", "There is one of this code")])
    values = {name: given[name] for name in PLAIN if given.get(name) is not None}
    values["dialect"] = Dialect(values["dialect"])
    supplier = Supplier(id=supplier_id or new_id(), code=given["code"], **values)
    session.add(supplier)
    changes: dict[str, tuple[Any, Any]] = {name: (None, value) for name, value in values.items()}
    changes |= _seal(supplier, given, settings)
    await record(session, "supplier.created", supplier, actor=actor, changes=changes)
    return supplier


async def change_supplier(
    session: AsyncSession,
    settings: Settings,
    supplier_id: UUID,
    *,
    fields: Mapping[str, Any],
    actor: Actor,
    version: int | None = None,
) -> Supplier:
    """Change what is given. Raises InvalidFields, StaleVersion, NotFound.

    Another address needs the secret again: otherwise whoever may edit could have it sent to a server of their own.
    """
    supplier = await queries.lock_supplier(session, supplier_id)
    if version is not None and supplier.version != version:
        raise StaleVersion
    given = _given(fields)
    given.pop("code", None)
    problems = rules.check_supplier(given, is_new=False)
    _check_address(given, settings, problems)
    is_elsewhere = "base_url" in given and _place(given["base_url"]) != _place(supplier.base_url)
    if is_elsewhere and supplier.secret_sealed is not None and not given.get("secret"):
        detail = "Enter the secret again: it is not sent to another address unseen"
        problems.append(Problem("secret", "required", detail))
    if problems:
        raise InvalidFields(problems)
    values = {name: given[name] for name in PLAIN if name in given and given[name] is not None}
    if "dialect" in values:
        values["dialect"] = Dialect(values["dialect"])
    changes = apply(supplier, values) | _seal(supplier, given, settings)
    if changes:
        await record(session, "supplier.changed", supplier, actor=actor, changes=changes)
    return supplier


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent; limits that are none are not kept."""
    given = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    limits: Any = fields.get("limits")
    if isinstance(limits, Mapping):
        given["limits"] = {
            name: value for name, value in cast("Mapping[str, Any]", limits).items() if value is not None
        }
    return given


def _check_address(given: Mapping[str, Any], settings: Settings, problems: list[Problem]) -> None:
    url = given.get("base_url")
    if not isinstance(url, str) or not url or any(problem.field == "base_url" for problem in problems):
        return
    if url.startswith(SANDBOX):
        if not settings.sandbox_url:
            problems.append(Problem("base_url", "invalid", "The sandbox plays no partner here"))
        return
    try:
        require_open(url, settings.opened_networks)
    except (AddressBlocked, ValueError) as refused:
        problems.append(Problem("base_url", "invalid", str(refused)))


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _seal(supplier: Supplier, given: Mapping[str, Any], settings: Settings) -> dict[str, tuple[Any, Any]]:
    """Keep new secrets; the timeline tells only that there are new ones."""
    changes: dict[str, tuple[Any, Any]] = {}
    if secret := given.get("secret"):
        had = supplier.secret_sealed is not None
        supplier.secret_sealed = seal_secret(settings, supplier.id, secret)
        changes["secret"] = ("kept" if had else None, "a new one")
    if key := given.get("webhook_key"):
        had = supplier.webhook_sealed is not None
        supplier.webhook_before_sealed = supplier.webhook_sealed
        supplier.webhook_sealed = seal_webhook(settings, supplier.id, key)
        changes["webhook_key"] = ("kept" if had else None, "a new one")
    return changes

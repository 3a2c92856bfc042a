"""What can be done with customers: one function per change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.actor import Actor
from app.core.changes import apply, record
from app.core.crypto import decrypt, encrypt, keyed_hash
from app.core.db import AsyncSession
from app.core.errors import AlreadyThere, Forbidden, InvalidFields, NotFound, StaleVersion
from app.core.read_pool import ReadPool
from app.core.sealing import Resealed, Sealed, reseal_rows
from app.desk.customers import queries, rules
from app.desk.customers.models import Customer
from app.kit.identifiers import mask
from app.kit.problems import Problem
from app.settings import Settings

SEALED = ("identity_number", "iban")
FIELD_LABELS = {
    "identity_number_masked": "Identity number",
    "iban_masked": "IBAN",
    "email": "E-mail",
    "born_on": "Born",
}
_HIDDEN = frozenset({"identity_number_sealed", "identity_number_hash", "iban_sealed", "name", "source_fields"})
_COLUMN_OF_KEY = {"identity_number": "identity_number_hash", "email": "email", "phone": "phone"}


class DuplicateCustomer(AlreadyThere):
    """Another customer of the market has the identity number; `duplicates` names them."""

    code = "duplicate_customer"
    title = "This identity number is already known"


@dataclass(frozen=True, slots=True)
class CustomerKeys:
    """The keys that seal secrets and those that hash them for comparison: the first writes, all of them read."""

    sealing: Sequence[bytes]
    hashing: Sequence[bytes]

    @classmethod
    def of(cls, settings: Settings) -> "CustomerKeys":
        return cls(settings.keys("identity"), settings.keys("identity/dedupe"))


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A customer who may be the same one, and what the two share."""

    customer: Customer
    reason: str


async def create_customer(
    session: AsyncSession,
    *,
    fields: Mapping[str, Any],
    actor: Actor,
    keys: CustomerKeys,
    confirm_duplicate: bool = False,
    customer_id: UUID | None = None,
) -> Customer:
    """Add a customer. Raises InvalidFields; DuplicateCustomer for a known identity number unless it is confirmed."""
    given = {name: value for name, value in fields.items() if value is not None}
    _refuse(rules.check_customer(given, is_new=True, today=clock.today()))
    customer = Customer(market=given["market"], kind=rules.CustomerKind(rules.kind_of(given)), name="")
    if customer_id is not None:
        if await session.get(Customer, customer_id):
            raise AlreadyThere("A customer with this id exists.")
        customer.id = customer_id
    _refuse_outside(customer.market, actor)
    changed = apply(customer, _columns(customer, given, keys))
    if not confirm_duplicate:
        await _refuse_known_number(session, customer, {}, actor, keys)
    session.add(customer)
    changes = {"market": (None, customer.market), "kind": (None, customer.kind)} | changed
    await record(session, "customer.created", customer, actor=actor, changes=_for_people(changes))
    return customer


async def update_customer(
    session: AsyncSession,
    customer_id: UUID,
    *,
    fields: Mapping[str, Any],
    actor: Actor,
    keys: CustomerKeys,
    version: int | None = None,
    confirm_duplicate: bool = False,
) -> Customer:
    """Change the given fields; None clears one. Raises StaleVersion when `version` is no longer the present one."""
    customer = await queries.lock_customer(session, customer_id, actor)
    if version is not None and version != customer.version:
        raise StaleVersion("Somebody else has changed this customer.", extra={"etag": customer.etag})
    given = dict(fields)
    moves_market = given.get("market") not in (None, customer.market)
    if moves_market and "identity_number" not in given:
        given["identity_number"] = _open(customer, "identity_number", keys)
    current = customer.model_dump(include={"market", "kind", "given_name", "family_name", "company_name"})
    _refuse(rules.check_customer(given, is_new=False, today=clock.today(), current=current))
    values = _columns(customer, given, keys)
    _refuse_outside(values.get("market", customer.market), actor)
    if not confirm_duplicate and values.get("identity_number_hash") != customer.identity_number_hash:
        await _refuse_known_number(session, customer, values, actor, keys)
    changed = apply(customer, values)
    if not changed:
        return customer
    await record(session, "customer.updated", customer, actor=actor, changes=_for_people(changed))
    return customer


async def find_duplicates(
    session: AsyncSession, *, fields: Mapping[str, Any], actor: Actor, keys: CustomerKeys, besides: UUID | None = None
) -> list[Duplicate]:
    """Customers the actor may see who share identity number, e-mail or phone; none for fields that are refused."""
    given = {name: value for name, value in fields.items() if value is not None}
    if rules.check_customer(given, is_new=besides is None, today=clock.today()):
        return []
    wanted = _dedupe_columns(given, given.get("market"), keys)
    found = await queries.list_sharing(session, wanted, actor, besides=besides)
    return [Duplicate(customer, _shared(customer, wanted)) for customer in found]


async def reveal_identity_number(session: AsyncSession, customer_id: UUID, *, actor: Actor, keys: CustomerKeys) -> str:
    """The identity number in clear; that it was looked at is kept. Raises NotFound when there is none."""
    customer = await queries.get_customer(session, customer_id, actor)
    number = _open(customer, "identity_number", keys)
    if number is None:
        raise NotFound("No identity number is kept.")
    await record(session, "customer.identity_number_revealed", customer, actor=actor)
    return number


async def reseal_customers(session: AsyncSession, keys: CustomerKeys, after: UUID | None) -> Resealed:
    """Seal the numbers of the next customers with the present key, and hash them with it."""

    def derive(row: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, str]:
        number = texts.get("identity_number_sealed")
        return {"identity_number_hash": _number_hashes(keys, f"{row['market']}:{number}")[0]} if number else {}

    sealed = [Sealed(f"{name}_sealed", f"customer.{name}") for name in SEALED]
    return await reseal_rows(session, Customer, sealed, keys.sealing, after=after, derive=derive)


async def find_customer(session: AsyncSession, customer_id: UUID, actor: Actor) -> Customer | None:
    """A customer for other features; None when there is none in the actor's scope."""
    return await queries.find_customer(session, customer_id, actor)


async def find_matches(reads: ReadPool, text: str, actor: Actor, limit: int) -> list[tuple[str, str, str]]:
    """Id, name and a second line of customers whose name, e-mail or phone begins like the text."""
    return [(found, name, line) for found, _, name, line in await queries.find_simply(reads, text, actor, limit)]


def _columns(customer: Customer, fields: Mapping[str, Any], keys: CustomerKeys) -> dict[str, Any]:
    """Checked field values as column values; secrets sealed, and left alone when they are what is kept already."""
    after: dict[str, Any] = {**customer.model_dump(), **fields}
    kind, market = rules.kind_of(after), after.get("market") or customer.market
    values = rules.normalise_customer({**fields, "kind": kind}, market=market)
    values["kind"] = rules.CustomerKind(kind)
    for name in SEALED:
        if name in values:
            values |= _sealed(customer, name, values.pop(name), market, keys)
    if "address" in values:
        given: Mapping[str, Any] = values["address"] or {}
        values["address"] = {name: text.strip() for name, text in given.items() if text and text.strip()}
    names = {name: values.get(name, getattr(customer, name)) for name in ("given_name", "family_name", "company_name")}
    values["name"] = rules.display_name(kind=kind, **names)
    return values


def _sealed(customer: Customer, name: str, value: str | None, market: str, keys: CustomerKeys) -> dict[str, Any]:
    is_number = name == "identity_number"
    hashed = _number_hashes(keys, f"{market}:{value}")[0] if is_number and value else None
    if value is not None and value == _open(customer, name, keys):
        return {"identity_number_hash": hashed} if is_number else {}
    sealed = encrypt(keys.sealing[0], value, _context(customer, name)) if value else None
    columns = {f"{name}_sealed": sealed, f"{name}_masked": mask(value) if value else None}
    return columns | ({"identity_number_hash": hashed} if is_number else {})


def _open(customer: Customer, name: str, keys: CustomerKeys) -> str | None:
    sealed: bytes | None = getattr(customer, f"{name}_sealed")
    return decrypt(keys.sealing, sealed, _context(customer, name)) if sealed else None


def _context(customer: Customer, name: str) -> str:
    return f"customer.{name}/{customer.id}"


def _dedupe_columns(fields: Mapping[str, Any], market: str | None, keys: CustomerKeys) -> dict[str, list[str]]:
    return {
        _COLUMN_OF_KEY[key.kind]: _number_hashes(keys, key.value) if key.kind == "identity_number" else [key.value]
        for key in rules.dedupe_keys(fields, market=market)
    }


def _number_hashes(keys: CustomerKeys, number: str) -> list[str]:
    """An identity number, with its market, as each key hashes it: the first is kept, all of them are looked for."""
    return [keyed_hash(key, f"identity_number:{number}") for key in keys.hashing]


def _shared(customer: Customer, wanted: Mapping[str, Sequence[str]]) -> str:
    given = ((name, column) for name, column in _COLUMN_OF_KEY.items() if column in wanted)
    return next((name for name, column in given if getattr(customer, column) in wanted[column]), "email")


async def _refuse_known_number(
    session: AsyncSession, customer: Customer, values: Mapping[str, Any], actor: Actor, keys: CustomerKeys
) -> None:
    sealed = values.get("identity_number_sealed", customer.identity_number_sealed)
    if sealed is None:
        return
    number = decrypt(keys.sealing, sealed, _context(customer, "identity_number"))
    hashes = _number_hashes(keys, f"{values.get('market', customer.market)}:{number}")
    if values and customer.identity_number_hash in hashes:
        return
    known = await queries.list_sharing(session, {"identity_number_hash": hashes}, actor, besides=customer.id)
    if known:
        raise DuplicateCustomer(
            "Send confirm_duplicate when it is another person all the same.",
            extra={"duplicates": [{"id": str(other.id), "reason": "identity_number"} for other in known]},
        )


def _for_people(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """Changes as the audit trail keeps them: of secrets only the masks."""
    return {
        name: (before, after)
        for name, (before, after) in changes.items()
        if name not in _HIDDEN and (before or None) != (after or None)
    } | {f"{name}_masked": changes[f"{name}_masked"] for name in SEALED if f"{name}_masked" in changes}


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidFields(problems)


def _refuse_outside(market: str, actor: Actor) -> None:
    if actor.markets is not None and market not in actor.markets:
        raise Forbidden("The market is outside your scope.")

"""Terms with suppliers in the JSON API."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core.api import list_answer
from app.core.db import AsyncSession
from app.core.errors import InvalidFields
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL
from app.core.values import MoneyValue
from app.kit.cells import read_decimal
from app.kit.money import Money, MoneyError
from app.kit.problems import Problem
from app.rental.agreed_sheets import services as agreed
from app.rental.supplier_terms import pages, queries
from app.rental.supplier_terms.models import SupplierTerms
from app.rental.supplier_terms.pages import EDIT, VIEW
from app.rental.supplier_terms.schemas import (
    MarginItem,
    NewSupplierTerms,
    NewSupplierTermsTrial,
    SupplierTermsAnswer,
    SupplierTermsItem,
    SupplierTermsLine,
    SupplierTermsPage,
    margin_item,
)
from app.rental.supplier_terms.services import sheets
from app.rental.suppliers.services import billing

ADDRESS = "/api/v1/supplier-terms"
TAGS = ("Suppliers",)
PERCENTS, AMOUNTS = ("commission_percent", "markup_percent"), ("markup_per_hire", "markup_least")


class SupplierTermsApi(Controller):
    """What suppliers' prices are to us, and what we earn by them."""

    path = ADDRESS
    tags = TAGS
    opt = {"permission": VIEW}

    @get(
        name="api.supplier_terms.index",
        operation_id="listSupplierTerms",
        summary="List terms with suppliers",
        spec=queries.SPEC,
        query=(TOTAL,),
        selects=SupplierTermsItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[SupplierTermsPage]:
        """The terms of all suppliers, those of the latest day first."""
        return await list_answer(request, actor, queries.sheets, queries.SPEC)

    @get(
        "/{sheet_id:uuid}",
        name="api.supplier_terms.show",
        operation_id="getSupplierTerms",
        summary="Read terms with a supplier",
    )
    async def show(self, session: Session, sheet_id: FromPath[UUID]) -> Response[SupplierTermsAnswer]:
        """Terms with their lines."""
        sheet = await agreed.get_sheet(session, SupplierTerms, sheet_id)
        return answer(await _told(session, sheet), etag=sheet.etag)

    @post(
        name="api.supplier_terms.create",
        operation_id="createSupplierTerms",
        summary="Enter terms with a supplier",
        permission=EDIT,
        refuses=(409,),
    )
    async def create(
        self, session: Session, actor: CurrentActor, data: JSONBody[NewSupplierTerms]
    ) -> Response[SupplierTermsAnswer]:
        """They hold from their day on once somebody else has agreed, until later ones take their place."""
        fields: dict[str, Any] = {
            "supplier": data.supplier,
            "valid_from": data.valid_from,
            "note": data.note if isinstance(data.note, str) else None,
            "lines": _lines(data.lines),
        }
        chosen = data.id if isinstance(data.id, UUID) else None
        sheet, approval = await sheets.enter_terms(session, fields=fields, actor=actor, sheet_id=chosen)
        made = await _told(session, sheet, str(approval.id))
        return answer(made, status=201, etag=sheet.etag, location=f"{ADDRESS}/{sheet.id}")

    @post(
        "/{sheet_id:uuid}/withdrawal",
        name="api.supplier_terms.withdrawal.create",
        operation_id="withdrawSupplierTerms",
        summary="Withdraw terms with a supplier",
        permission=EDIT,
        refuses=(409,),
    )
    async def withdraw(
        self, request: Request, session: Session, actor: CurrentActor, sheet_id: FromPath[UUID]
    ) -> Response[SupplierTermsAnswer]:
        """Take back terms that nobody has agreed to."""
        honour_match(request, await agreed.lock_sheet(session, SupplierTerms, sheet_id))
        sheet = await sheets.withdraw_terms(session, sheet_id, actor=actor)
        return answer(await _told(session, sheet), status=201, etag=sheet.etag)


class SupplierTermsTrialApi(Controller):
    """Trying terms before anybody agrees to them."""

    path = "/api/v1/supplier-term-trials"
    tags = TAGS
    opt = {"permission": VIEW, "idempotent": False}

    @post(
        name="api.supplier_term_trials.create",
        operation_id="trySupplierTerms",
        summary="Try terms on a price",
        status_code=200,
    )
    async def create(self, data: JSONBody[NewSupplierTermsTrial]) -> Response[MarginItem]:
        """What a customer would pay, and what we would earn. It changes nothing."""
        currency = data.price.currency
        trial: dict[str, Any] = {"market": data.market, "class_code": data.class_code}
        trial["price"] = _money(data.price, "price")
        trial["time"] = _money(data.time, "time") if isinstance(data.time, MoneyValue) else None
        sold = sheets.try_terms({"lines": _lines(data.lines)}, trial, currency)
        return answer(margin_item(sold.margin))


async def _told(session: AsyncSession, sheet: SupplierTerms, approval_id: str = "") -> SupplierTermsAnswer:
    return pages.terms_item(sheet, await billing.get_supplier(session, sheet.supplier_id), approval_id)


def _lines(given: list[SupplierTermsLine]) -> list[dict[str, Any]]:
    """Lines as services take them. Raises InvalidFields for amounts that are none."""
    found: list[dict[str, Any]] = []
    for place, line in enumerate(given):
        values = {name: getattr(line, name) for name in SupplierTermsLine.__struct_fields__}
        fields: dict[str, Any] = {name: value for name, value in values.items() if isinstance(value, str)}
        fields |= {name: read_decimal(fields[name]) for name in PERCENTS if name in fields}
        amounts = {name: values[name] for name in AMOUNTS if isinstance(values[name], MoneyValue)}
        found.append(fields | {name: _money(each, f"lines.{place}.{name}") for name, each in amounts.items()})
    return found


def _money(value: MoneyValue, field: str) -> Money:
    try:
        return value.to_money()
    except MoneyError as error:
        raise InvalidFields([Problem(f"{field}.amount", "malformed", str(error))]) from None

"""Rows of a file as applications. Who applies is not known from a file, so the applicant is added by hand."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.actor import Actor
from app.core.importing import Existing, ImportRow, Saved
from app.credit.applications import queries, rules, services
from app.credit.applications.rules import ApplicationState, EmploymentKind, Housing, Product
from app.kit.cells import CellField, read_cells
from app.kit.markets import MARKETS
from app.kit.problems import Problem

STATES = (ApplicationState.DRAFT, ApplicationState.SUBMITTED)
"""Where an imported application may stand; it is submitted by the move itself, which asks for what is missing."""


def _words(values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), str(value).replace("_", " ").capitalize()) for value in values)


_MARKETS = tuple((code, market.name) for code, market in MARKETS.items())
_CURRENCIES = tuple((code, code) for code in sorted({market.currency for market in MARKETS.values()}))
_FIELDS = (
    CellField("market", "Market", "choice", choices=_MARKETS, is_required=True, is_constant=True),
    CellField("product", "Product", "choice", choices=_words(tuple(Product)), is_required=True, is_constant=True),
    CellField("amount.amount", "Amount", "amount", is_required=True),
    CellField(
        "amount.currency", "Currency of the amount", "currency", choices=_CURRENCIES, is_required=True, is_constant=True
    ),
    CellField("term_months", "Term, months", "whole", is_required=True),
    CellField("purpose", "Purpose"),
    CellField("household.dependants", "Dependants", "whole"),
    CellField("household.housing", "Housing", "choice", choices=_words(tuple(Housing))),
    CellField("household.housing_cost.amount", "Housing cost per month", "amount"),
    CellField("household.housing_cost.currency", "Currency of the housing cost", "currency", choices=_CURRENCIES),
    CellField("employment.kind", "Employment", "choice", choices=_words(tuple(EmploymentKind))),
    CellField("employment.employer", "Employer"),
    CellField("employment.since_on", "Employed since", "day"),
    CellField("employment.net_income_per_month.amount", "Net income per month", "amount"),
    CellField("employment.net_income_per_month.currency", "Currency of the income", "currency", choices=_CURRENCIES),
    CellField("channel", "Channel", is_constant=True),
    CellField("campaign", "Campaign", is_constant=True),
    CellField("tags", "Tags", "slugs"),
    CellField("state", "State", "choice", choices=_words(STATES), is_constant=True),
)


class ApplicationImporter:
    """Drafts, or applications that are submitted at once when nothing is missing."""

    key = "applications"
    title = "Applications"
    permission = "imports.applications"
    list_address = "/applications"
    fields: Mapping[str, CellField] = {field.name: field for field in _FIELDS}

    def address(self, record_id: UUID) -> str:
        return f"/applications/{record_id}"

    async def menus(self, session: AsyncSession, actor: Actor) -> Mapping[str, Sequence[tuple[str, str]]]:  # noqa: ARG002 - as the protocol calls it
        return {}

    def prepare(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
        """Typed fields of the service and what the rules refuse."""
        values, problems = read_cells(cells, self.fields)
        refused = {self.fields[problem.field].record_field for problem in problems}
        if values.get("state", ApplicationState.DRAFT) not in STATES:
            problems.append(Problem("state", "unknown_value", f"Not one of {', '.join(STATES)}"))
        checked = rules.check_application(values, is_new=True, today=clock.today())
        return values, problems + [problem for problem in checked if problem.field not in refused]

    async def find_existing(self, session: AsyncSession, source: str, keys: Sequence[str]) -> dict[str, Existing]:
        found = await queries.list_by_source(session, source, keys)
        return {key: Existing(record_id, version) for key, record_id, version in found}

    async def save(
        self, session: AsyncSession, row: ImportRow, existing: Existing | None, *, source: str, actor: Actor
    ) -> Saved:
        fields = {**row.fields, "source_fields": dict(row.source_fields)}
        state = fields.pop("state", ApplicationState.DRAFT)
        if existing is not None:
            fields |= await _merged(session, existing.id, fields, actor)
            return Saved(await services.update_application(session, existing.id, fields=fields, actor=actor))
        fields |= {"source": source, "source_key": row.key}
        application = await services.create_application(session, fields=fields, actor=actor)
        if state == ApplicationState.SUBMITTED:
            await session.flush()
            await services.move_application(session, application.id, "submission", fields={}, actor=actor)
        return Saved(application)


async def _merged(
    session: AsyncSession, application_id: UUID, fields: Mapping[str, Any], actor: Actor
) -> dict[str, dict[str, Any]]:
    """The groups of fields with what staff added to them: a file replaces only what it says."""
    application = await queries.lock_application(session, application_id, actor)
    return {
        name: {**{part: _typed(value) for part, value in getattr(application, name).items()}, **fields[name]}
        for name in ("household", "employment")
        if name in fields
    }


def _typed(stored: Any) -> Any:
    """A value of stored JSON as the rules know it."""
    if isinstance(stored, dict):
        return rules.stored_money(stored)
    try:
        return date.fromisoformat(stored) if isinstance(stored, str) else stored
    except ValueError:
        return stored


APPLICATIONS = ApplicationImporter()

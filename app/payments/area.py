"""Payments: what is charged for the business of the other areas, and the providers that move the money."""

from datetime import timedelta
from uuid import UUID

from app.core.actor import Actor
from app.core.approvals import ApprovalKind
from app.core.area import Area, NavItem, RecordKind, RelatedLine, TaskKind
from app.core.db import AsyncSession
from app.core.filters import money
from app.core.permissions import CREDIT, FLEET, Permission, Role
from app.core.previews import Preview
from app.payments.charges import approvals, pages, queries, services, tasks
from app.payments.charges.api import ChargeApi, ChargeMoveApi
from app.payments.charges.models import Charge
from app.payments.charges.routes import ChargeController, ChargeMoveController
from app.payments.charges.services.settling import BY_HAND


async def of_booking(session: AsyncSession, subject_id: UUID, actor: Actor) -> list[RelatedLine]:
    """The charges of a booking in the order in which they were made."""
    found = [
        charge
        for charge in await queries.list_about(session, "booking", subject_id)
        if actor.sees(market=charge.market, branch=charge.branch)
    ]
    being = await queries.list_open(session, [charge.id for charge in found])
    return [pages.related_line(charge, being.get(charge.id)) for charge in found]


async def preview(session: AsyncSession, charge: Charge, actor: Actor) -> Preview:
    """A charge at a glance."""
    being = await queries.find_open(session, charge.id)
    words, tone, is_on = pages.in_words(charge, being)
    facts = [
        ("For", pages.PURPOSE_WORDS[charge.purpose]), ("About", charge.subject_name),
        ("Amount", money(charge.amount)), ("Held", money(charge.money(charge.held_minor))),
        ("Captured", money(charge.money(charge.captured_minor))),
        ("Refunded", money(charge.money(charge.refunded_minor))), ("Card", charge.card_words),
    ]  # fmt: skip
    offered = pages.moves_for(charge, actor, is_busy=being is not None)
    moves = [(move.words.label, f"/charges/{charge.id}#moves") for move in offered]
    return Preview(charge.reference, "", words, tone, is_on=is_on, facts=facts, moves=moves)


CHARGE = RecordKind(
    key="charge",
    title="Charge",
    plural="Charges",
    icon="receipt",
    permission=pages.VIEW,
    model=Charge,
    address=lambda record_id: f"/charges/{record_id}",
    name=lambda charge: charge.reference,
    find=queries.find_charge,
    represent=queries.represent,
    state=pages.state_view,
    list_address="/charges",
    record_list=pages.LIST,
    preview=preview,
    labels=services.FIELD_LABELS,
    branch_of=lambda charge: charge.branch,
    related={"booking": of_booking},
    related_filters={"booking": "subject_id"},
    has_notes=True,
    checks=queries.CHECKS,
)

AREA = Area(
    name="payments",
    title="Payments",
    controllers=(ChargeController, ChargeMoveController, ChargeApi, ChargeMoveApi),
    kinds=(CHARGE,),
    nav=(NavItem("Charges", "/charges", pages.VIEW, "Payments", "receipt", "g h"),),
    permissions=(
        Permission(pages.VIEW, "See charges", (*FLEET, *CREDIT, Role.ENGINEER, Role.AUDITOR, Role.ADMIN)),
        Permission(pages.TAKE, "Hold, capture and release charges", (*FLEET, Role.ADMIN)),
        Permission(pages.REFUND, "Ask for refunds, and waive charges", (Role.FLEET_MANAGER, Role.ADMIN)),
        Permission(approvals.PERMISSION, "Decide about refunds and larger waivers", approvals.DECIDERS),
    ),
    tasks=tasks.KINDS,
    approval_kinds=(
        ApprovalKind(approvals.REFUND, services.carry_out_refund),
        ApprovalKind(approvals.WAIVER, services.carry_out_waiver),
    ),
    task_kinds=(
        TaskKind(
            BY_HAND,
            "Find out what came of a payment",
            "fleet",
            pages.TAKE,
            timedelta(hours=2),
            priority="high",
            is_round_the_clock=True,
        ),
    ),
)

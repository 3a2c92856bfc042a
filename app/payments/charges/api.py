"""Charges in the JSON API."""

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody

from app.core import registry
from app.core.actor import Actor
from app.core.api import given_fields, list_answer, record_answer
from app.core.db import AsyncSession
from app.core.errors import InvalidFields, NotFound
from app.core.http import CurrentActor, Request, Session, answer, honour_match
from app.core.openapi_vocabulary import TOTAL
from app.desk.approvals.services import ApprovalItem, as_item
from app.kit.problems import Problem
from app.payments.charges import queries, services
from app.payments.charges.models import Charge
from app.payments.charges.pages import REFUND, TAKE, VIEW
from app.payments.charges.schemas import (
    AmountBody,
    CaptureBody,
    ChargeItem,
    ChargePage,
    ChargeReasonBody,
    HoldBody,
    NewCharge,
    OperationList,
    charge_item,
    operation_item,
)
from app.payments.charges.services import ChargeSubject, Consent

ADDRESS = "/api/v1/charges"
TAGS = ("Charges",)
ChargeId = FromPath[UUID]
Answer = Response[ChargeItem]


class ChargeApi(Controller):
    """What somebody owes for something, and how much of it was held, taken and given back."""

    path = ADDRESS
    tags = TAGS
    opt = {"permission": VIEW}

    @get(
        name="api.charges.index",
        operation_id="listCharges",
        summary="List charges",
        spec=queries.SPEC,
        query=(TOTAL,),
        selects=ChargeItem,
    )
    async def index(self, request: Request, actor: CurrentActor) -> Response[ChargePage]:
        """The charges of one's markets and branches, the last changed first; `subject_id` gives those of a record."""
        return await list_answer(request, actor, queries.charges, queries.SPEC)

    @post(name="api.charges.create", operation_id="planCharge", summary="Plan a charge", permission=TAKE)
    async def create(self, session: Session, actor: CurrentActor, data: JSONBody[NewCharge]) -> Answer:
        """Something is to be paid for a record. Nothing is moved by it."""
        given = given_fields(data, without=("subject_kind", "subject_id", "id"))
        chosen = data.id if isinstance(data.id, UUID) else None
        subject = await _subject(session, data.subject_kind, data.subject_id, actor)
        made = await services.plan_charge(session, subject, **given, actor=actor, charge_id=chosen)
        return answer(charge_item(made), status=201, etag=made.etag, location=f"{ADDRESS}/{made.id}")

    @get(
        "/{charge_id:uuid}",
        name="api.charges.show",
        operation_id="getCharge",
        summary="Read a charge",
        selects=ChargeItem,
    )
    async def show(self, request: Request, actor: CurrentActor, charge_id: ChargeId) -> Answer:
        """Where it is: `unknown` while the provider's answer is lost and nobody knows what came of it."""
        found = await queries.charges.by_ids(request.runtime.database.reads, [str(charge_id)], actor)
        if not found:
            raise NotFound
        return record_answer(request, found[0], found[0].version)

    @get(
        "/{charge_id:uuid}/operations",
        name="api.charges.operations.index",
        operation_id="listChargeOperations",
        summary="List what was asked of the provider about a charge",
    )
    async def operations(self, session: Session, actor: CurrentActor, charge_id: ChargeId) -> Response[OperationList]:
        """The newest first; one at most is neither `done` nor `refused`."""
        charge = await queries.get_charge(session, charge_id, actor)
        found = await queries.list_operations(session, charge.id)
        return answer(OperationList([operation_item(each, charge.currency) for each in found]))


class ChargeMoveApi(Controller):
    """What moves money. The intent is kept and the charge answered as it is; the worker asks the provider, once."""

    path = f"{ADDRESS}/{{charge_id:uuid}}"
    tags = TAGS
    opt = {"permission": TAKE}

    @post("/hold", name="api.charges.hold.create", operation_id="holdCharge", summary="Hold a charge on a card")
    async def hold(
        self, request: Request, session: Session, actor: CurrentActor, charge_id: ChargeId, data: JSONBody[HoldBody]
    ) -> Answer:
        """What is planned, or a part of it."""
        await _honour(request, session, actor, charge_id)
        return await _told(services.hold(session, charge_id, **given_fields(data), actor=actor))

    @post("/increase", name="api.charges.increase.create", operation_id="increaseCharge", summary="Raise a hold")
    async def increase(
        self, request: Request, session: Session, actor: CurrentActor, charge_id: ChargeId, data: JSONBody[AmountBody]
    ) -> Answer:
        """`amount` is the new amount that is held."""
        await _honour(request, session, actor, charge_id)
        given = given_fields(data, without=("reason",))
        return await _told(services.increase(session, charge_id, **given, actor=actor))

    @post("/capture", name="api.charges.capture.create", operation_id="captureCharge", summary="Take a charge")
    async def capture(
        self, request: Request, session: Session, actor: CurrentActor, charge_id: ChargeId, data: JSONBody[CaptureBody]
    ) -> Answer:
        """From what is held, whose rest is let go of; with a `payment_token` from a card at once."""
        await _honour(request, session, actor, charge_id)
        given = given_fields(data)
        take = services.charge_card if "payment_token" in given else services.capture
        return await _told(take(session, charge_id, **given, actor=actor))

    @post("/release", name="api.charges.release.create", operation_id="releaseCharge", summary="Let go of a hold")
    async def release(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        charge_id: ChargeId,
        data: JSONBody[ChargeReasonBody],
    ) -> Answer:
        """Nothing is held any more."""
        await _honour(request, session, actor, charge_id)
        return await _told(services.release(session, charge_id, reason=data.reason, actor=actor))

    @post(
        "/refund",
        name="api.charges.refund.create",
        operation_id="refundCharge",
        summary="Give back what was taken",
        permission=REFUND,
        status_code=202,
    )
    async def refund(
        self, request: Request, session: Session, actor: CurrentActor, charge_id: ChargeId, data: JSONBody[AmountBody]
    ) -> Response[ApprovalItem]:
        """All of it or a part, with a reason: the approval that waits for another person."""
        await _honour(request, session, actor, charge_id)
        asked = await services.ask_refund(session, charge_id, **given_fields(data), actor=actor)
        return _waiting(asked)

    @post(
        "/waiver",
        name="api.charges.waiver.create",
        operation_id="waiveCharge",
        summary="Let go of a charge that was not taken",
        permission=REFUND,
        waits=ApprovalItem,
    )
    async def waive(
        self,
        request: Request,
        session: Session,
        actor: CurrentActor,
        charge_id: ChargeId,
        data: JSONBody[ChargeReasonBody],
    ) -> Answer:
        """Nobody has to pay it. 202 with the approval that waits where it is more than one person lets go of."""
        await _honour(request, session, actor, charge_id)
        asked = await services.ask_waiver(session, charge_id, reason=data.reason, actor=actor)
        if asked.waits is not None:
            return _waiting(asked)
        return answer(charge_item(asked.charge), status=201, etag=asked.charge.etag)


async def _subject(session: AsyncSession, kind: str, record_id: UUID, actor: Actor) -> ChargeSubject:
    known = registry.record_kinds.get(kind)
    found = None
    if known is not None and known.is_charged and actor.may(known.permission):
        found = await known.find(session, record_id, actor)
    if known is None or found is None:
        raise InvalidFields([Problem("subject_id", "unknown_subject", "There is no such record to charge for")])
    branch = known.branch_of(found) if known.branch_of else None
    market: Any = getattr(found, "market", "")
    return services.subject_of(found, name=known.name(found), market=market, branch=branch)


async def _honour(request: Request, session: AsyncSession, actor: Actor, charge_id: UUID) -> None:
    honour_match(request, await queries.lock_charge(session, charge_id, actor))


def _waiting(asked: Consent) -> Response[Any]:
    assert asked.waits is not None
    address = f"/api/v1/approvals/{asked.waits.id}"
    return answer(as_item(asked.waits), status=202, etag=asked.waits.etag, location=address)


async def _told(done: Awaitable[Charge]) -> Answer:
    charge = await done
    return answer(charge_item(charge), status=201, etag=charge.etag)

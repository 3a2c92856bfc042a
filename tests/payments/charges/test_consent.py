"""Money is given back, and larger charges are let go of, by two people."""

import pytest
from sqlalchemy import select

from app.core.errors import Conflict, IllegalState
from app.desk.approvals.models import Approval
from app.desk.approvals.rules import ApprovalState
from app.kit.money import Money
from app.payments.charges import services
from app.payments.charges.rules import WAIVED_ALONE_MINOR, ChargeState, OperationState, Purpose
from tests.payments.charges.test_routes import charge_of


async def captured(desk):
    booking, charge = await charge_of(desk, minor=30_000, purpose=Purpose.HIRE)
    await desk.do(services.charge_card, charge, payment_token="tok_good")
    return booking, await desk.kept(charge.id)


def refund(minor):
    return {"amount.amount": f"{minor / 100:.2f}", "amount.currency": "EUR", "reason": "Came back early"}


async def asked(desk):
    return (await desk.session.execute(select(Approval).execution_options(populate_existing=True))).scalars().one()


class TestRefund:
    async def test_is_asked_by_one_and_decided_by_another(self, client_for, desk):
        _, charge = await captured(desk)
        maker, other = await client_for("fleet_manager"), await client_for("fleet_manager", name="Tiit Saar")
        address = f"/charges/{charge.id}"
        assert (await maker.post(f"{address}/refund", data=refund(0))).status_code == 422
        assert (await maker.post(f"{address}/refund", data=refund(5_000))).status_code == 303
        page = (await maker.get(address)).text
        for words in ("Waits for consent", "50.00 EUR", "Withdraw"):
            assert words in page
        waits = await asked(desk)
        typed = {"version": str(waits.version), "confirmation": waits.reference}
        own = await maker.post(f"/approvals/{waits.id}/approval", data=typed)
        assert own.status_code == 403
        assert len(await desk.operations(charge)) == 1, "nothing was asked of the provider"
        decided = await other.post(f"/approvals/{waits.id}/approval", data=typed)
        assert decided.status_code == 303
        again = await other.post(f"/approvals/{waits.id}/approval", data=typed)
        assert again.status_code == 409
        assert await desk.settle(charge) is OperationState.DONE
        kept = await desk.kept(charge.id)
        assert (kept.state, kept.refunded_minor, desk.real(charge)[0]["refunded"]) == (
            ChargeState.CAPTURED,
            5_000,
            5_000,
        )
        assert ((await asked(desk)).state, (await desk.operations(charge))[0].asked_by) == (
            ApprovalState.EXECUTED, "Tiit Saar",
        )  # fmt: skip

    async def test_an_answer_that_is_lost_is_asked_for_and_nothing_is_given_back_twice(self, api_for, desk):
        _, charge = await captured(desk)
        maker, other = await api_for("fleet_manager"), await api_for("fleet_manager", name="Tiit Saar")
        body = {"amount": {"amount": "50.00", "currency": "EUR"}, "reason": "Came back early"}
        made = (await maker.post(f"/charges/{charge.id}/refund", json=body)).json()
        desk.provider.switch_on("lost", "refund", times=1)
        assert (await other.post(f"/approvals/{made['id']}/approval")).json()["state"] == "executed"
        assert await desk.settle(charge) is OperationState.UNKNOWN
        assert (await maker.post(f"/charges/{charge.id}/refund", json=body)).status_code == 409
        assert await desk.settle(charge) is OperationState.DONE
        assert desk.real(charge)[0]["refunded"] == 5_000

    async def test_what_changed_meanwhile_is_not_given_back(self, api_for, desk):
        _, charge = await captured(desk)
        maker, other = await api_for("fleet_manager"), await api_for("fleet_manager", name="Tiit Saar")
        body = {"amount": {"amount": "300.00", "currency": "EUR"}, "reason": "All of it"}
        made = (await maker.post(f"/charges/{charge.id}/refund", json=body)).json()
        await desk.do(services.refund, charge, amount=Money(1_000, "EUR"), reason="A part")
        refused = await other.post(f"/approvals/{made['id']}/approval")
        assert (refused.status_code, refused.json()["code"]) == (409, "approval_lapsed")
        assert desk.real(charge)[0]["refunded"] == 1_000

    async def test_what_a_deposit_paid_for_is_not_even_asked(self, desk):
        deposit, fuel = await desk.held(), await desk.plan(4_500, Purpose.FUEL)
        await desk.do(services.capture, deposit, amount=fuel.amount, covers=[fuel.id])
        for charge, error in ((fuel, Conflict), (await desk.plan(), IllegalState)):
            with pytest.raises(error):
                await desk.do(services.ask_refund, charge, amount=Money(1, "EUR"), reason="No")


class TestWaiver:
    async def test_a_larger_one_waits_for_somebody_else(self, api_for, desk):
        limit = WAIVED_ALONE_MINOR["EUR"]
        _, charge = await charge_of(desk, minor=limit + 1, purpose=Purpose.DAMAGE)
        small = await desk.plan(limit, Purpose.FUEL)
        maker, other = await api_for("fleet_manager"), await api_for("fleet_manager", name="Tiit Saar")
        body = {"reason": "Our own fault"}
        assert (await maker.post(f"/charges/{small.id}/waiver", json=body)).json()["state"] == "waived"
        waits = await maker.post(f"/charges/{charge.id}/waiver", json=body)
        assert (waits.status_code, (await desk.kept(charge.id)).state) == (202, ChargeState.PLANNED)
        assert (await maker.post(f"/approvals/{waits.json()['id']}/approval")).status_code == 403
        await other.post(f"/approvals/{waits.json()['id']}/approval")
        assert (await desk.kept(charge.id)).state is ChargeState.WAIVED

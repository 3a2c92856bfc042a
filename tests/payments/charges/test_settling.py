"""Moving money, against the provider's own record: whatever is lost on the way, it happens once or not at all."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core.actor import SYSTEM
from app.core.errors import Conflict, IllegalState, InvalidFields
from app.core.partners.models import PartnerExchange
from app.desk.tasks.models import Task
from app.kit.money import Money
from app.payments.charges import queries, rules, services
from app.payments.charges.rules import ChargeState, OperationState, Purpose

S, O = ChargeState, OperationState  # noqa: E741 - states of charges and of operations


class TestHold:
    async def test_is_held_once_and_known_by_its_card(self, desk):
        charge = await desk.held()
        (real,) = desk.real(charge)
        assert (charge.state, charge.held_minor, charge.provider_number) == (S.HELD, 80_000, real["id"])
        assert (real["authorised"], real["captured"]) == (80_000, 0)
        assert charge.card_words.split()[-1] == real["card"]["last_four"]
        assert await desk.settle(charge) is O.DONE
        assert len(desk.real(charge)) == 1

    async def test_a_declined_card_fails_and_another_one_may_be_read(self, desk):
        charge = await desk.plan()
        assert await desk.do(services.hold, charge, payment_token="tok_declined") is O.REFUSED
        kept = await desk.kept(charge.id)
        assert (kept.state, kept.held_minor, kept.reason) == (S.FAILED, 0, "declined")
        assert await desk.do(services.hold, charge, payment_token="tok_good") is O.DONE
        assert (await desk.kept(charge.id)).state is S.HELD

    @pytest.mark.parametrize("fault", ["lost", "error_after", "malformed"])
    async def test_an_answer_that_is_lost_after_the_effect_is_not_known_until_it_is_asked_for(self, desk, fault):
        charge = await desk.plan()
        desk.provider.switch_on(fault, "create", times=1)
        assert await desk.do(services.hold, charge, payment_token="tok_good") is O.UNKNOWN
        assert (await desk.kept(charge.id)).state is S.UNKNOWN
        with pytest.raises(IllegalState):
            await services.hold(desk.session, charge.id, payment_token="tok_good", actor=SYSTEM)
        assert await desk.settle(charge) is O.DONE
        assert (await desk.kept(charge.id)).state is S.HELD
        assert [each["authorised"] for each in desk.real(charge)] == [80_000]

    async def test_an_error_before_the_effect_is_sent_again_under_the_same_key(self, desk):
        charge = await desk.plan()
        desk.provider.switch_on("error", "create", times=1)
        assert await desk.do(services.hold, charge, payment_token="tok_good") is O.UNKNOWN
        assert await desk.settle(charge) is O.UNKNOWN, "the provider never heard of it"
        assert await desk.settle(charge) is O.DONE
        assert [each["authorised"] for each in desk.real(charge)] == [80_000]

    async def test_who_dies_after_asking_leaves_a_mark_by_which_nobody_asks_twice(self, desk):
        charge = await desk.plan()
        await services.hold(desk.session, charge.id, payment_token="tok_good", actor=SYSTEM)
        await desk.session.commit()
        answer = await desk.settle(charge)
        (operation,) = await desk.operations(charge)
        operation.state, operation.ended_at = O.PENDING, None
        kept = await desk.kept(charge.id)
        kept.state, kept.held_minor, kept.provider_number = S.PLANNED, 0, None
        await desk.session.commit()
        created = desk.provider.calls("create")
        assert (answer, await desk.settle(charge)) == (O.DONE, O.DONE)
        assert desk.provider.calls("create") == created
        assert (await desk.kept(charge.id)).held_minor == 80_000

    async def test_a_provider_that_is_not_reached_was_not_asked(self, desk):
        charge = await desk.plan()
        await services.hold(desk.session, charge.id, payment_token="tok_good", actor=SYSTEM)
        await desk.session.commit()
        nowhere = desk.settings.model_copy(update={"sandbox_url": "http://127.0.0.1:9"})
        states = [await desk.settle(charge, nowhere) for _ in range(rules.MOST_UNSENT)]
        assert states == [O.PENDING] * (rules.MOST_UNSENT - 1) + [O.REFUSED]
        kept = await desk.kept(charge.id)
        assert (kept.state, kept.reason) == (S.FAILED, "no connection came about")

    async def test_people_are_told_when_nobody_knows_for_long(self, desk):
        charge = await desk.plan()
        desk.provider.switch_on("lost", "create", times=1)
        await desk.do(services.hold, charge, payment_token="tok_good")
        desk.provider.switch_on("malformed", "retrieve")
        for _ in range(rules.POLLS_BEFORE_TASK):
            assert await desk.settle(charge) is O.UNKNOWN
        tasks = (await desk.session.execute(select(Task).where(Task.subject_id == charge.id))).scalars().all()
        assert [task.kind for task in tasks] == ["charge_by_hand"]

    async def test_what_is_said_is_kept_without_the_secret(self, desk):
        charge = await desk.held()
        statement = select(PartnerExchange).where(PartnerExchange.subject_id == charge.id)
        (exchange,) = (await desk.session.execute(statement)).scalars().all()
        assert exchange.partner == "payments"
        assert "sandbox-payments-secret" not in str(exchange.request_headers) + exchange.request_body


class TestAfterTheHold:
    async def test_is_raised_then_captured_in_part_and_given_back_in_parts(self, desk):
        charge = await desk.held()
        assert await desk.do(services.increase, charge, amount=Money(95_000, "EUR")) is O.DONE
        assert await desk.do(services.capture, charge, amount=Money(30_000, "EUR")) is O.DONE
        for minor, state in ((10_000, S.CAPTURED), (20_000, S.REFUNDED)):
            await desk.do(services.refund, charge, amount=Money(minor, "EUR"), reason="Agreed")
            assert (await desk.kept(charge.id)).state is state
        (real,) = desk.real(charge)
        assert (real["authorised"], real["captured"], real["refunded"]) == (95_000, 30_000, 30_000)

    async def test_a_refused_increase_leaves_the_hold(self, desk):
        charge = await desk.held(40_000, card="tok_limit_500")
        assert await desk.do(services.increase, charge, amount=Money(60_000, "EUR")) is O.REFUSED
        kept = await desk.kept(charge.id)
        assert (kept.state, kept.held_minor, kept.amount_minor) == (S.HELD, 40_000, 40_000)

    async def test_is_released(self, desk):
        charge = await desk.held()
        assert await desk.do(services.release, charge) is O.DONE
        assert ((await desk.kept(charge.id)).state, desk.real(charge)[0]["voided"]) == (S.RELEASED, True)

    async def test_a_deposit_pays_for_what_is_due(self, desk):
        deposit = await desk.held()
        fuel = await desk.plan(4_500, Purpose.FUEL)
        done = await desk.do(services.capture, deposit, amount=Money(4_500, "EUR"), covers=[fuel.id])
        kept = await desk.kept(fuel.id)
        assert (done, kept.state, kept.covered_by_id) == (O.DONE, S.CAPTURED, deposit.id)
        assert desk.real(fuel) == []
        with pytest.raises(Conflict, match="deposit"):
            await services.refund(desk.session, fuel.id, amount=Money(1, "EUR"), reason="No", actor=SYSTEM)

    async def test_more_than_is_held_is_refused_with_how_much_it_is(self, desk):
        charge = await desk.held()
        with pytest.raises(services.AmountRefused, match=r"800\.00 EUR"):
            await services.capture(desk.session, charge.id, amount=Money(80_001, "EUR"), actor=SYSTEM)


class TestPlan:
    async def test_is_planned_anew_or_waived_as_long_as_nobody_was_asked(self, desk):
        charge = await desk.plan(5_000, Purpose.FUEL)
        await services.replan_charge(desk.session, charge.id, amount=Money(6_000, "EUR"), words="3/8", actor=SYSTEM)
        await services.waive_charge(desk.session, charge.id, reason="A good customer", actor=SYSTEM)
        assert (charge.state, charge.amount_minor) == (S.WAIVED, 6_000)
        with pytest.raises(IllegalState):
            await services.replan_charge(desk.session, charge.id, amount=Money(1, "EUR"), words="", actor=SYSTEM)

    async def test_a_card_number_is_no_token(self, desk):
        charge = await desk.plan()
        for token in ("", "4111 1111 1111 1111", "x" * 65):
            with pytest.raises(InvalidFields):
                await services.hold(desk.session, charge.id, payment_token=token, actor=SYSTEM)

    async def test_the_database_refuses_more_than_was_agreed(self, desk):
        charge = await desk.held()
        statement = text("UPDATE charge SET captured_minor = held_minor + 1 WHERE reference = :reference")
        with pytest.raises(DBAPIError, match="ck_charge_sound"):
            await desk.session.execute(statement, {"reference": charge.reference})

    async def test_the_invariants_hold(self, desk):
        await desk.held()
        for check in queries.CHECKS:
            assert (await desk.session.execute(text(check.sql))).all() == []

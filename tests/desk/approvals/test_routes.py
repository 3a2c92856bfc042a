"""The pages of approvals: who sees which buttons, and what a decision answers."""

from html import unescape
from urllib.parse import quote

import pytest
from sqlalchemy import select, text

from app.desk.approvals.models import Approval
from app.desk.notifications.models import Notification
from app.kit.money import Money
from app.rental.vehicles import services as vehicles
from app.rental.vehicles.models import Vehicle
from tests.factories.rental import make_vehicle

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}
BUTTONS = {name: f'commandfor="dialog-{name}"' for name in ("approval", "rejection", "withdrawal")}


@pytest.fixture
async def maker(client_for):
    return await client_for("fleet_clerk")


@pytest.fixture
async def boss(client_for):
    return await client_for("fleet_manager")


async def ask(session, maker, minor=11_000, **fields) -> tuple[Vehicle, Approval]:
    vehicle = await make_vehicle(session, **fields)
    wanted = {"day_price": Money(minor, "EUR")}
    changed = await vehicles.change_vehicle(session, vehicle.id, fields=wanted, actor=maker.actor)
    await session.commit()
    assert changed.waits is not None
    return vehicle, changed.waits


async def shown(client, path, status=200) -> str:
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


def offered(page: str) -> set[str]:
    return {name for name, mark in BUTTONS.items() if mark in page}


def agreed(approval: Approval, **given: str) -> dict[str, str]:
    return {"version": str(approval.version), "confirmation": approval.reference, "comment": ""} | given


class TestList:
    async def test_tabs_lead_to_ones_queues(self, session, maker, boss):
        _, approval = await ask(session, maker, plate="123 ABC")
        page = await shown(boss, "/approvals")
        assert approval.reference in page
        assert "78.00 EUR to 110.00 EUR" in page
        assert f'href="/approvals/{approval.id}"' in page
        assert "Decide the next" in page
        assert approval.reference in await shown(boss, "/approvals?queue=waiting&sort=expires_at")
        mine = await shown(maker, "/approvals?queue=mine")
        assert approval.reference in mine
        assert "Decide the next" not in mine

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("", "Nothing has been asked for yet"),
            ("?queue=waiting", "Nothing waits for you"),
            ("?queue=mine", "You have asked for nothing"),
            ("?queue=decided", "Nothing is decided yet"),
            ("?queue=mine&state=rejected", "No approval matches"),
        ],
    )
    async def test_says_why_it_is_empty(self, boss, query, words):
        assert words in await shown(boss, f"/approvals{query}")

    async def test_the_reference_is_found_in_a_queue_without_the_search_engine(self, session, maker, boss):
        _, approval = await ask(session, maker)
        page = await shown(boss, f"/approvals?queue=waiting&q={quote(approval.reference)}")
        assert "The search engine is away" in page
        assert f'href="/approvals/{approval.id}"' in page

    async def test_the_sidebar_counts_what_waits_for_me(self, session, maker, boss):
        for _ in range(2):
            await ask(session, maker)
        _, own = await ask(session, boss)
        assert (await boss.get("/approvals/badge", headers=PARTIAL)).text.strip() == '<span class="count">2</span>'
        assert (await maker.get("/approvals/badge", headers=PARTIAL)).text.strip() == '<span class="count"></span>'
        await session.execute(
            text("UPDATE approval SET expires_at = UTC_TIMESTAMP(6) + INTERVAL 2 HOUR WHERE id <> :own"),
            {"own": str(own.id)},
        )
        await session.commit()
        assert 'data-tone="soon"' in (await boss.get("/approvals/badge", headers=PARTIAL)).text
        assert (await boss.get("/approvals/badge")).status_code == 303

    async def test_needs_the_permission(self, client_for):
        officer = await client_for("credit_officer")
        for path in ("/approvals", "/approvals/badge"):
            assert (await officer.get(path)).status_code == 403


class TestShow:
    async def test_tells_before_and_after_and_who_may_decide(self, session, maker, boss):
        _, approval = await ask(session, maker, plate="123 ABC")
        page = await shown(boss, f"/approvals/{approval.id}")
        assert "Price change: Škoda Octavia Combi 123 ABC" in page
        assert "<del>78.00 EUR</del>" in page
        assert "<ins>110.00 EUR</ins>" in page
        assert "+41 %" in page
        assert "Fleet manager, up to 250.00 EUR" in page
        assert "Administrator, any amount" in page
        assert approval.digest[:12] in page

    @pytest.mark.parametrize(
        ("minor", "role", "buttons", "words"),
        [
            (11_000, "fleet_manager", {"approval", "rejection"}, ""),
            (25_001, "fleet_manager", {"rejection"}, "The amount is above what your roles may approve."),
            (11_000, "fleet_clerk", set(), "Your roles do not decide about this."),
            (11_000, "auditor", set(), "Your roles do not decide about this."),
        ],
    )
    async def test_offers_what_one_may_do(self, session, maker, client_for, minor, role, buttons, words):
        _, approval = await ask(session, maker, minor=minor)
        page = await shown(await client_for(role), f"/approvals/{approval.id}")
        assert offered(page) == buttons
        assert words in page

    async def test_ones_own_can_only_be_taken_back(self, session, boss):
        _, approval = await ask(session, boss)
        page = await shown(boss, f"/approvals/{approval.id}")
        assert offered(page) == {"withdrawal"}
        assert "You asked for it yourself; somebody else decides." in page

    async def test_leads_on_to_the_next_that_one_may_decide(self, session, maker, boss):
        _, first = await ask(session, maker)
        _, second = await ask(session, maker)
        page = await shown(boss, f"/approvals/{first.id}")
        assert f'href="/approvals/{second.id}"' in page
        assert 'data-key="n"' not in await shown(maker, f"/approvals/{first.id}")

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ("state = 'expired', note = 'Nobody decided in time.'", "Nobody decided in time."),
            ("state = 'voided', note = 'It was changed by Other.'", "It was changed by Other."),
        ],
    )
    async def test_what_ended_by_itself_says_why_and_offers_nothing(self, session, maker, boss, change, words):
        _, approval = await ask(session, maker)
        await session.execute(
            text(f"UPDATE approval SET {change}, closed_at = UTC_TIMESTAMP(6) WHERE id = :id"), {"id": str(approval.id)}
        )
        await session.commit()
        session.expunge_all()
        page = await shown(boss, f"/approvals/{approval.id}")
        assert offered(page) == set()
        assert words in page
        assert "What was asked for" in page

    async def test_the_record_says_what_waits_about_it(self, session, maker, boss):
        vehicle, approval = await ask(session, maker)
        page = await shown(boss, f"/vehicles/{vehicle.id}")
        assert "Waits for consent" in page
        assert "Look and decide" in page
        own = await shown(maker, f"/vehicles/{vehicle.id}")
        assert f'action="/approvals/{approval.id}/withdrawal"' in own
        assert "Look and decide" not in own


class TestDecide:
    async def test_agreeing_does_it_and_tells_the_maker(self, session, maker, boss):
        vehicle, approval = await ask(session, maker)
        answer = await boss.post(f"/approvals/{approval.id}/approval", data=agreed(approval, comment="Fine"))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/approvals/{approval.id}")
        await session.refresh(vehicle)
        assert vehicle.day_price == Money(11_000, "EUR")
        told = (
            await session.execute(select(Notification).where(Notification.recipient_id == maker.staff.id))
        ).scalar_one()
        assert told.title == f"{approval.reference} about {approval.subject_title}: approved and done"
        assert told.href == f"/approvals/{approval.id}"

    @pytest.mark.parametrize("typed", ["", "APV", "yes"])
    async def test_agreeing_takes_the_reference_typed_again(self, session, maker, boss, typed):
        vehicle, approval = await ask(session, maker)
        given = agreed(approval, confirmation=typed)
        answer = await boss.post(f"/approvals/{approval.id}/approval", data=given, headers=PARTIAL)
        assert answer.status_code == 422
        assert answer.text.lstrip().startswith('<form id="move-approval"')
        assert f"Type {approval.reference} to agree" in answer.text
        await session.refresh(vehicle)
        assert vehicle.day_price == Money(7_800, "EUR")

    async def test_the_reference_may_be_typed_as_people_do(self, session, maker, boss):
        _, approval = await ask(session, maker)
        typed = f" {approval.reference.lower()} "
        answer = await boss.post(f"/approvals/{approval.id}/approval", data=agreed(approval, confirmation=typed))
        assert answer.status_code == 303

    async def test_a_refusal_without_a_reason_is_shown_again(self, session, maker, boss):
        _, approval = await ask(session, maker)
        path = f"/approvals/{approval.id}/rejection"
        answer = await boss.post(path, data={"version": "1", "reason": " "}, headers=PARTIAL)
        assert answer.status_code == 422
        assert "Say why it is not to happen" in answer.text
        assert (await boss.post(path, data={"version": "1", "reason": "Too much"})).status_code == 303
        assert "Too much" in await shown(maker, f"/approvals/{approval.id}")

    @pytest.mark.parametrize("move", ["approval", "rejection"])
    async def test_ones_own_request_is_refused_however_it_is_sent(self, session, client_for, move):
        owner = await client_for("admin")
        vehicle, approval = await ask(session, owner)
        answer = await owner.post(f"/approvals/{approval.id}/{move}", data=agreed(approval, reason="Mine"))
        assert answer.status_code == 403
        assert "You asked for it yourself" in unescape(answer.text)
        await session.refresh(vehicle)
        assert vehicle.day_price == Money(7_800, "EUR")

    async def test_a_page_that_is_behind_is_told(self, session, maker, boss):
        _, approval = await ask(session, maker)
        path = f"/approvals/{approval.id}"
        stale = await boss.post(f"{path}/approval", data=agreed(approval, version="7"), headers=PARTIAL)
        assert stale.status_code == 422
        assert "decided or changed meanwhile" in stale.text
        await maker.post(f"{path}/withdrawal", data={"version": "1"})
        assert (await boss.post(f"{path}/approval", data=agreed(approval))).status_code == 409

    async def test_what_lapsed_meanwhile_is_closed_and_told(self, session, maker, boss):
        vehicle, approval = await ask(session, maker)
        await session.execute(text("UPDATE vehicle SET make = 'Lada' WHERE id = :id"), {"id": str(vehicle.id)})
        await session.commit()
        session.expunge_all()
        answer = await boss.post(f"/approvals/{approval.id}/approval", data=agreed(approval))
        assert answer.status_code == 409
        assert "is no longer what it was" in unescape(answer.text)
        assert "Void" in await shown(boss, f"/approvals/{approval.id}")

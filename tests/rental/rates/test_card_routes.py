"""Pages of rate cards: list, record, editor, comparison, and what is done with a draft."""

import csv
import re
from datetime import timedelta

from app.core import clock
from tests.factories.rental import make_card_in_force, make_rate_card

PARTIAL = {"hx-request": "true", "hx-request-type": "partial"}
NEW = {
    "name": "Compact Estonia",
    "market": "EE",
    "acriss": "c***",
    "branches": "TLL, TLL-C",
    "priced_by": "blocks",
    "prices": "1 day 45.00\n7 days 250.00",
    "grace_minutes": "29",
    "season_strategy": "per_day",
    "covers": "CDW included, excess 900.00, deposit 300.00",
    "routes": "* to * 90.00",
    "products": "PREPAID -7%: 48 h 0%, 24 h 50%",
    "tax_percent": "24",
    "is_tax_included": "true",
    "is_one_way_allowed": "true",
}


def new(**changed) -> dict[str, str]:
    return NEW | {"valid_from": clock.today().isoformat()} | changed


class TestList:
    async def test_shows_the_cards_of_ones_markets(self, client_for, session):
        await make_rate_card(session)
        await make_rate_card(session, market="LV", name="Compact Latvia")
        page = (await (await client_for("fleet_clerk", markets=["EE"])).get("/rate-cards")).text
        assert "Compact Estonia" in page
        assert "Compact Latvia" not in page
        assert "New rate card" not in page

    async def test_can_be_narrowed(self, client_for, session):
        await make_rate_card(session)
        manager = await client_for("rate_manager")
        assert "Compact Estonia" in (await manager.get("/rate-cards?has_draft=yes&acriss=C***")).text
        assert "No rate card matches" in (await manager.get("/rate-cards?state=active")).text

    async def test_is_for_those_who_see_rates(self, client_for):
        assert (await (await client_for("credit_officer")).get("/rate-cards")).status_code == 403


class TestEditor:
    async def test_writes_a_card_with_its_draft(self, client_for):
        manager = await client_for("rate_manager")
        assert (await manager.get("/rate-cards/new")).status_code == 200
        answer = await manager.post("/rate-cards", data=new())
        assert answer.status_code == 303, answer.text
        page = (await manager.get(answer.headers["location"])).text
        for words in (
            "TLL, TLL-C",
            "7 days 250.00",
            "CDW included, excess 900.00, deposit 300.00",
            "Draft of version 1",
        ):
            assert words in page
        again = await manager.post("/rate-cards", data=new())
        assert again.status_code == 422
        assert "is for them; write a new version" in again.text

    async def test_says_what_is_wrong_and_keeps_what_was_typed(self, client_for):
        manager = await client_for("rate_manager")
        for changed, name, words in (
            ({"prices": "1 day 45.00\nmore"}, "prices", "Line 2: Not a block"),
            ({"covers": "CDW 12.00 per day"}, "covers", "Line 1: Not a cover"),
            ({"products": "A: 24 h 0%\nB: 24 h 200%"}, "products", "Line 2: From 0 to 100"),
            ({"min_days": "9", "max_days": "3"}, "max_days", "Ends before it starts"),
            ({"valid_from": ""}, "valid_from", "Enter a date"),
            ({"valid_from": "2020-01-01"}, "valid_from", "Is over already"),
            ({"acriss": "A***"}, "acriss", "There is no category A"),
            ({"market": ""}, "market", "Missing"),
            ({"tax_percent": "lots"}, "tax_percent", "A percentage"),
            ({"additional_driver": "free"}, "additional_driver", "Not a fee"),
        ):
            answer = await manager.post("/rate-cards", data=new(**changed), headers=PARTIAL)
            assert answer.status_code == 422, changed
            assert answer.text.lstrip().startswith('<form id="card-form"')
            assert f'id="field-{name}-error"' in answer.text, name
            assert words in answer.text, name
            assert "* to * 90.00" in answer.text

    async def test_changes_the_draft_and_tries_it(self, client_for, session):
        card = await make_rate_card(session)
        manager = await client_for("rate_manager")
        page = (await manager.get(f"/rate-cards/{card.id}/draft")).text
        assert "CDW 12.00 per day, excess 900.00, deposit 300.00" in page
        assert "price-total" in page
        given = new(version=str(card.version), prices="1 day 99.00")
        saved = await manager.post(f"/rate-cards/{card.id}/draft", data=given)
        assert saved.status_code == 303
        assert "1 day 99.00" in (await manager.get(f"/rate-cards/{card.id}")).text
        stale = await manager.post(f"/rate-cards/{card.id}/draft", data=given | {"prices": "1 day 88.00"})
        assert stale.status_code == 422
        assert "Somebody else has changed the card" in stale.text

    async def test_tries_what_is_typed_without_keeping_it(self, client_for):
        manager = await client_for("rate_manager")
        hire = {"pickup": "2026-06-01T10:00", "back": "2026-06-08T10:00", "pickup_zone": "Europe/Tallinn"}
        answer = await manager.post(
            "/rates/try", data=new() | hire, headers=PARTIAL | {"hx-target": "section#rate-result"}
        )
        assert answer.status_code == 200
        assert "<b>250.00</b>" in answer.text
        assert "hx-replace-url" not in answer.headers

    async def test_is_not_for_those_who_only_see(self, client_for, session):
        card = await make_rate_card(session)
        clerk = await client_for("fleet_clerk")
        assert (await clerk.get("/rate-cards/new")).status_code == 403
        assert (await clerk.get(f"/rate-cards/{card.id}/draft")).status_code == 403
        assert (await clerk.post(f"/rate-cards/{card.id}/activation")).status_code == 403
        page = (await clerk.get(f"/rate-cards/{card.id}")).text
        assert "What can happen next" not in page


class TestActivation:
    async def test_waits_for_somebody_else(self, client_for, session):
        card = await make_rate_card(session)
        manager, boss = await client_for("rate_manager"), await client_for("fleet_manager")
        asked = await manager.post(f"/rate-cards/{card.id}/activation", data={"reason": "Summer"})
        assert asked.status_code == 303
        page = (await manager.get(f"/rate-cards/{card.id}")).text
        assert "Waits for consent" in page
        assert "Ask for it to come into force" not in page
        link = (await boss.get(f"/rate-cards/{card.id}")).text.partition('href="/approvals/')[2].partition('"')[0]
        decision = (await boss.get(f"/approvals/{link}")).text
        assert "Prices of days" in decision
        version = decision.partition('name="version" value="')[2].partition('"')[0]
        reference = re.search(r"APV-[0-9A-Z]{6}", decision)
        assert reference is not None
        agreed = await boss.post(
            f"/approvals/{link}/approval", data={"version": version, "confirmation": reference.group()}
        )
        assert agreed.status_code == 303, agreed.text
        page = (await manager.get(f"/rate-cards/{card.id}")).text
        assert "In force" in page
        assert "Write a new version" in page

    async def test_a_draft_can_be_discarded(self, client_for, session):
        card = await make_rate_card(session)
        manager = await client_for("rate_manager")
        assert (await manager.post(f"/rate-cards/{card.id}/draft/removal")).status_code == 303
        assert "Discarded" in (await manager.get(f"/rate-cards/{card.id}")).text
        assert (await manager.post(f"/rate-cards/{card.id}/draft/removal")).status_code == 409


class TestVersions:
    async def test_are_shown_and_compared(self, client_for, session):
        card = await make_rate_card(session)
        manager = await client_for("rate_manager")
        await manager.post(f"/rate-cards/{card.id}/draft/removal")
        await manager.post(f"/rate-cards/{card.id}/draft", data=new(prices="1 day 50.00\n7 days 450.00"))
        page = (await manager.get(f"/rate-cards/{card.id}?version=1")).text
        assert "12.00 per day" in page
        compared = (await manager.get(f"/rate-cards/{card.id}/comparison?of=2&with=1")).text
        assert "<del>1 day 78.00</del>" in compared
        assert "<ins>1 day 50.00</ins>" in compared
        assert "<span>7 days 450.00</span>" in compared
        assert (await manager.get(f"/rate-cards/{card.id}/comparison?of=2&with=9")).status_code == 404
        assert (await manager.get(f"/rate-cards/{card.id}/comparison?of=x")).status_code == 404

    async def test_of_another_market_are_not_there(self, client_for, session):
        card = await make_rate_card(session, valid_from=clock.today() + timedelta(days=9))
        manager = await client_for("rate_manager", markets=["LV"])
        assert (await manager.get(f"/rate-cards/{card.id}")).status_code == 404
        assert (await manager.post(f"/rate-cards/{card.id}/activation")).status_code == 404


class TestFiles:
    async def test_the_prices_of_a_version_are_a_file_with_one_price_in_each_row(self, session, client_for):
        card = await make_card_in_force(session)
        await session.commit()
        manager = await client_for("rate_manager")
        page = (await manager.get(f"/rate-cards/{card.id}")).text
        assert f"/rate-cards/{card.id}/prices?version=1&amp;format=csv" in page
        answer = await manager.get(f"/rate-cards/{card.id}/prices?format=csv")
        assert answer.headers["content-disposition"].startswith(
            'attachment; filename="Intermediate Estonia, version 1.csv"'
        )
        head, *rows = list(csv.reader(answer.text.lstrip("\ufeff").splitlines()))
        assert head == ["What", "Code", "From", "To", "Price", "Currency", "Per", "At most", "Note"]
        assert ["Days", "", "", "", "78.00", "EUR", "day", "", ""] in rows
        assert ["Season", "", "2026-07-01", "2026-08-31", "120.00", "EUR", "day", "", ""] in rows
        assert ["Cover", "CDW", "", "", "12.00", "EUR", "day", "", "excess 900.00, deposit 300.00"] in rows
        assert ["Extra", "GPS", "", "", "7.00", "EUR", "day", "60.00", ""] in rows
        assert ["One-way", "", "*", "*", "150.00", "EUR", "hire", "", ""] in rows
        sheet = await manager.get(f"/rate-cards/{card.id}/prices?format=xlsx")
        assert sheet.content.startswith(b"PK")
        assert (await manager.get(f"/rate-cards/{card.id}/prices?version=9")).status_code == 404

    async def test_nobody_without_the_right_to_export_gets_it(self, session, client_for):
        card = await make_card_in_force(session)
        await session.commit()
        engineer = await client_for("engineer")
        assert "format=csv" not in (await engineer.get(f"/rate-cards/{card.id}")).text
        assert (await engineer.get(f"/rate-cards/{card.id}/prices")).status_code == 403

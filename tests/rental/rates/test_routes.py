"""The page that tries a rate: whole, as its result alone, and without permission."""

PARTIAL = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#rate-result"}
GIVEN = {
    "currency": "EUR",
    "prices": "1 day 78.00\n7 days 450.00",
    "seasons": "2026-07-01 to 2026-08-31: 1 day 120.00",
    "extras": "CDW 12.00 per day",
    "adjustment_percent": "10",
    "km_per_day": "300",
    "km_price": "0.60",
    "driven_km": "1500",
    "pickup": "2026-06-29T10:00",
    "pickup_zone": "Europe/Paris",
    "back": "2026-07-04T10:00",
}


class TestTrial:
    async def test_begins_with_an_example(self, client_for):
        manager = await client_for("rate_manager")
        page = (await manager.get("/rates/try")).text
        assert "<h1>Try a rate</h1>" in page
        assert "3 days 210.00" in page
        assert "season" in page.partition('id="rate-result"')[2]

    async def test_prices_what_the_address_says(self, client_for):
        manager = await client_for("rate_manager")
        page = (await manager.get("/rates/try", params=GIVEN)).text
        assert "<b>627.60</b>" in page
        assert "2 days at 78.00, 3 days at 120.00 (season 1 Jul - 31 Aug)" in page
        assert "10 % of 516.00" in page

    async def test_gives_htmx_the_result_alone_and_an_address_to_share(self, client_for):
        manager = await client_for("rate_manager")
        answer = await manager.get("/rates/try", params=GIVEN | {"tiers": ""}, headers=PARTIAL)
        assert answer.text.lstrip().startswith('<section class="panel price" id="rate-result"')
        address = answer.headers["hx-replace-url"]
        assert "tiers" not in address
        assert "<b>627.60</b>" in (await manager.get(address)).text

    async def test_says_what_is_missing_beside_its_field(self, client_for):
        manager = await client_for("rate_manager")
        for changed, name, words in (
            ({"prices": "1 day 78.00\n\n7 days 450.001"}, "prices", "Line 3: EUR has 2 decimals"),
            ({"prices": "seven 450.00"}, "prices", "Line 1: Not a block"),
            ({"prices": ""}, "prices", "Blocks or brackets are needed"),
            ({"grace_minutes": "1440"}, "grace_minutes", "This is too large"),
            ({"extras": "TIME 5.00 per day"}, "extras", "Line 1: Stands for another line"),
            ({"back": "2026-06-29T10:00"}, "back", "The return is not after the pick-up"),
            ({"pickup": "2026-03-29T02:30"}, "pickup", "does not exist in Europe/Paris"),
            ({"tiers": "0-100 km 0.50\n150+ km 1.00", "km_price": ""}, "tiers", "Line 2: Goes on at 100 or 101"),
            ({"currency": "XXX"}, "currency", "Not an ISO 4217 currency"),
            ({"adjustment_percent": "ten"}, "adjustment_percent", "A percentage such as 10"),
        ):
            page = (await manager.get("/rates/try", params=GIVEN | changed)).text
            assert f'id="field-{name}-error"' in page, name
            assert words in page, name
            assert "<b>" not in page.partition('id="rate-result"')[2].partition("</section>")[0]

    async def test_counts_zones_of_both_branches(self, client_for):
        manager = await client_for("rate_manager")
        given = GIVEN | {"back_zone": "Europe/Helsinki"}
        assert "<b>627.60</b>" in (await manager.get("/rates/try", params=given)).text

    async def test_is_for_those_who_see_rates(self, client_for):
        officer = await client_for("credit_officer")
        assert (await officer.get("/rates/try")).status_code == 403

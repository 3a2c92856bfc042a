import pytest

from tests.rental.rates.trials import COVER, DAY, FOUR, SUMMER, refused, total, tried

NINE_DAYS = {
    "blocks": [{"days": 1, "price": "78.00"}, {"days": 7, "price": "450.00"}],
    "seasons": [{"starts_on": "2026-06-05", "ends_on": "2026-06-05", "blocks": [{"days": 1, "price": "120.00"}]}],
}
TIERS = [
    {"from_km": 0, "to_km": 100, "price_per_km": "0.50"},
    {"from_km": 101, "to_km": 200, "price_per_km": "1.00"},
]


def after(days: int, hours: int = 0, minutes: int = 0) -> tuple[str, str]:
    """A hire of so long from the first of March on."""
    hours += 10
    return "2024-03-01T10:00", f"2024-03-{1 + days + hours // 24:02}T{hours % 24:02}:{minutes:02}"


class TestDays:
    @pytest.mark.parametrize(
        ("end", "amount", "days"),
        [
            ("2024-03-04T10:00", "234.00", 3),
            ("2024-03-04T10:01", "234.00", 3),
            ("2024-03-04T10:29", "234.00", 3),
            ("2024-03-04T10:30", "312.00", 4),
            ("2024-03-01T16:00", "78.00", 1),
            ("2024-03-01T10:20", "78.00", 1),
            ("2024-03-02T10:00", "78.00", 1),
        ],
    )
    def test_of_24_hours_and_a_grace(self, end, amount, days):
        price = tried("2024-03-01T10:00", end)
        assert (price.total.amount, price.charged.days, price.charged.hours) == (amount, days, 0)

    @pytest.mark.parametrize(("grace", "amount"), [(0, "312.00"), (1, "234.00"), (60, "234.00")])
    def test_by_the_grace_of_the_rate(self, grace, amount):
        assert total("2024-03-01T10:00", "2024-03-04T10:01", blocks=DAY, grace_minutes=grace) == amount

    @pytest.mark.parametrize(
        ("time", "amount", "charged"),
        [
            (after(0, 6), "54.00", (0, 6)),
            (after(0, 6, 20), "63.00", (0, 7)),
            (after(0, 23), "78.00", (1, 0)),
            (after(0, 0, 20), "9.00", (0, 1)),
            (after(1, 1), "87.00", (1, 1)),
            (after(1, 0, 29), "78.00", (1, 0)),
            (after(1, 9), "156.00", (2, 0)),
        ],
    )
    def test_with_started_hours_that_never_cost_more_than_a_day(self, time, amount, charged):
        price = tried(*time, blocks=DAY, hour_price="9.00")
        assert (price.total.amount, (price.charged.days, price.charged.hours)) == (amount, charged)

    def test_by_the_clocks_on_the_wall(self):
        assert total("2026-10-24T10:00", "2026-10-27T10:00") == "234.00"
        assert total("2026-03-28T10:00", "2026-03-31T10:00") == "234.00"
        assert total("2026-06-01T10:00", "2026-06-04T10:00", back_zone="Europe/Lisbon") == "234.00"


class TestBlocks:
    @pytest.mark.parametrize(
        ("days", "amount"),
        [(1, "78"), (2, "156"), (3, "210"), (6, "420"), (7, "450"), (8, "528"), (20, "1320"), (28, "1700")],
    )
    def test_cheapest_cover(self, days, amount):
        assert total(*after(days), blocks=FOUR) == f"{amount}.00"

    @pytest.mark.parametrize(("time", "amount"), [(after(2, 23), "210.00"), (after(6, 5), "450.00")])
    def test_with_hours(self, time, amount):
        price = tried(*time, blocks=FOUR, hour_price="9.00")
        assert (price.total.amount, price.charged.hours) == (amount, 0)

    def test_need_no_single_day(self):
        assert total(*after(8), blocks=[{"days": 7, "price": "450"}]) == "900.00"

    def test_are_told(self):
        assert tried(*after(8), blocks=FOUR).lines[0].explanation == "7 days for 450.00, 1 day at 78.00"
        assert tried(*after(6), blocks=FOUR).lines[0].explanation == "2 x 3 days at 210.00"


class TestBrackets:
    BRACKETS = (
        {"from_days": 1, "to_days": 2, "price_per_day": "40.00"},
        {"from_days": 3, "to_days": 6, "price_per_day": "25.00"},
    )

    @pytest.mark.parametrize(
        ("time", "amount"),
        [(after(1), "40"), (after(2), "80"), (after(3), "75"), (after(6), "150"), (after(2, 5), "75")],
    )
    def test_price_each_day_by_the_length(self, time, amount):
        assert total(*time, brackets=list(self.BRACKETS)) == f"{amount}.00"

    def test_take_hours_as_long_as_they_are_cheaper(self):
        assert total(*after(1, 2), brackets=list(self.BRACKETS), hour_price="9.00") == "58.00"
        assert total(*after(2, 2), brackets=list(self.BRACKETS), hour_price="9.00") == "75.00"

    @pytest.mark.parametrize("time", [after(7), after(6, 1)])
    def test_refuse_a_length_that_none_holds(self, time):
        assert refused(*time, brackets=list(self.BRACKETS)) == ["rate.brackets"]
        assert refused(*time, brackets=list(self.BRACKETS), hour_price="1.00") == ["rate.brackets"]

    def test_the_last_may_have_no_end(self):
        brackets = [*self.BRACKETS, {"from_days": 7, "price_per_day": "20.00"}]
        assert total(*after(9), brackets=brackets) == "180.00"

    def test_of_a_season_are_chosen_by_the_whole_hire(self):
        season = {
            "starts_on": "2024-03-03",
            "ends_on": "2024-03-09",
            "brackets": [
                {"from_days": 1, "to_days": 1, "price_per_day": "90"},
                {"from_days": 3, "to_days": 3, "price_per_day": "60"},
            ],
        }
        assert total(*after(3), brackets=list(self.BRACKETS), seasons=[season]) == "110.00"
        assert refused(*after(4), brackets=list(self.BRACKETS), seasons=[season]) == ["rate.seasons.0.brackets"]


class TestSeasons:
    TIME = ("2026-06-29T10:00", "2026-07-04T10:00")

    @pytest.mark.parametrize("zone", ["Europe/Paris", "America/Mexico_City", "Pacific/Auckland", "Asia/Kathmandu"])
    def test_price_the_days_that_start_in_them(self, zone):
        price = tried(*self.TIME, zone=zone, blocks=DAY, seasons=[SUMMER])
        assert price.total.amount == "516.00"
        assert price.lines[0].explanation == "2 days at 78.00, 3 days at 120.00 (season 1 Jul - 31 Aug)"

    def test_price_the_extra_day_by_its_own_date(self):
        time = ("2026-06-30T10:00", "2026-07-01T20:00")
        assert total(*time, blocks=DAY, seasons=[SUMMER], hour_price="9.00") == "168.00"
        assert total(*time, blocks=DAY, seasons=[SUMMER]) == "198.00"

    def test_part_the_runs_that_blocks_cover(self):
        assert total("2026-06-01T10:00", "2026-06-10T10:00", **NINE_DAYS) == "744.00"

    def test_price_the_whole_hire_by_the_first_day(self):
        by_first = {"blocks": DAY, "seasons": [SUMMER], "season_strategy": "first_day"}
        assert total(*self.TIME, **by_first) == "390.00"
        assert total("2026-08-30T10:00", "2026-09-04T10:00", **by_first) == "600.00"

    def test_of_several_the_shortest_wins_and_then_the_later(self):
        week = {"starts_on": "2026-07-06", "ends_on": "2026-07-12", "blocks": [{"days": 1, "price": "200"}]}
        other = week | {"blocks": [{"days": 1, "price": "300"}]}
        time = ("2026-07-06T10:00", "2026-07-07T10:00")
        assert total(*time, blocks=DAY, seasons=[week, SUMMER]) == "200.00"
        assert total(*time, blocks=DAY, seasons=[week, SUMMER, other]) == "300.00"
        assert total(*time, blocks=DAY, seasons=[other, week]) == "200.00"


class TestOtherLines:
    def test_of_the_example(self):
        price = tried(
            "2026-06-29T10:00",
            "2026-07-04T10:00",
            blocks=[*DAY, {"days": 7, "price": "450.00"}],
            hour_price="9.00",
            seasons=[SUMMER],
            extras=[COVER],
            adjustment_percent="10",
            mileage={
                "included_km_per_day": 300,
                "included_km_cap": 3000,
                "excess_price_per_km": "0.60",
                "driven_km": 1500,
            },
        )
        assert [(line.code, line.quantity, line.amount.amount) for line in price.lines] == [
            ("TIME", 5, "516.00"),
            ("ADJUSTMENT", 1, "51.60"),
            ("CDW", 5, "60.00"),
            ("MILEAGE", 0, "0.00"),
        ]
        assert price.total.amount == "627.60"

    @pytest.mark.parametrize(
        ("time", "hour_price", "amount"),
        [(after(1, 1), "9.00", "111.00"), (after(0, 6), None, "90.00"), (after(1, 0, 20), "9.00", "90.00")],
    )
    def test_covers_count_a_part_day_but_no_free_remainder(self, time, hour_price, amount):
        assert total(*time, blocks=DAY, hour_price=hour_price, extras=[COVER]) == amount

    @pytest.mark.parametrize(
        ("extra", "amount"),
        [
            ({"code": "SEAT", "per": "hire", "price": "15.00"}, "15.00"),
            ({"code": "GPS", "per": "day", "price": "7.00", "cap": "20.00"}, "20.00"),
            ({"code": "GPS", "per": "day", "price": "7.00", "cap": "21.00"}, "21.00"),
            ({"code": "GPS", "per": "hire", "price": "7.00", "cap": "5.00"}, "5.00"),
        ],
    )
    def test_extras_have_caps(self, extra, amount):
        assert tried(extras=[extra]).lines[-1].amount.amount == amount

    @pytest.mark.parametrize(
        ("percent", "price", "amount"),
        [("10", "78.00", "7.80"), ("-10", "78.00", "-7.80"), ("2.5", "0.20", "0.01"), ("-2.5", "0.20", "-0.01")],
    )
    def test_adjustments_round_half_away_from_zero(self, percent, price, amount):
        price = tried(*after(1), blocks=[{"days": 1, "price": price}], adjustment_percent=percent)
        assert price.lines[1].amount.amount == amount

    @pytest.mark.parametrize(
        ("mode", "km", "amount"),
        [
            ("graduated", 175, "125.00"),
            ("matching", 175, "175.00"),
            ("graduated", 100, "50.00"),
            ("matching", 100, "50.00"),
            ("matching", 101, "101.00"),
            ("graduated", 1000, "950.00"),
            ("matching", 1000, "1000.00"),
            ("graduated", 0, "0.00"),
        ],
    )
    @pytest.mark.parametrize("second_from", [100, 101])
    def test_tiers(self, mode, km, amount, second_from):
        tiers = [TIERS[0], TIERS[1] | {"from_km": second_from}]
        price = tried(mileage={"tiers": tiers, "tier_mode": mode, "driven_km": km})
        assert price.lines[1].amount.amount == amount

    @pytest.mark.parametrize(
        ("plan", "km", "amount"),
        [
            ({"included_km_per_day": 300}, 1000, "60.00"),
            ({"included_km_per_day": 300, "included_km_cap": 600}, 1000, "240.00"),
            ({"included_km_cap": 1000}, 1000, "0.00"),
            ({}, 10, "6.00"),
        ],
    )
    def test_kilometres_above_the_included(self, plan, km, amount):
        price = tried(mileage=plan | {"excess_price_per_km": "0.60", "driven_km": km})
        assert price.lines[1].amount.amount == amount

    def test_in_currencies_of_other_scales(self):
        assert total(currency="JPY", blocks=[{"days": 1, "price": "7800"}], adjustment_percent="0.01") == "23402"
        assert total(currency="BHD", blocks=[{"days": 1, "price": "7.125"}]) == "21.375"

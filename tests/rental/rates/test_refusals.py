import pytest

from tests.rental.rates.trials import COVER, DAY, SUMMER, refused

BRACKET = {"from_days": 1, "to_days": 3, "price_per_day": "40.00"}


class TestTimes:
    @pytest.mark.parametrize(
        ("start", "end", "field"),
        [
            ("2024-03-04T10:00", "2024-03-04T10:00", "return.local"),
            ("2024-03-04T10:00", "2024-03-01T10:00", "return.local"),
            ("2026-03-29T02:30", "2026-03-31T10:00", "pickup.local"),
            ("2026-03-27T10:00", "2026-03-29T02:30", "return.local"),
            ("2024-03-01", "2024-03-04T10:00", "pickup.local"),
            ("2024-03-01T10:00Z", "2024-03-04T10:00", "pickup.local"),
            ("2024-02-30T10:00", "2024-03-04T10:00", "pickup.local"),
            ("2024-03-01T10:00:30", "2024-03-04T10:00", "pickup.local"),
            ("9999-03-01T10:00", "9999-03-04T10:00", "pickup.local"),
            ("2024-03-01T10:00", "2064-03-01T10:00", "return.local"),
        ],
    )
    def test_that_cannot_be(self, start, end, field):
        assert field in refused(start, end)

    def test_a_return_before_the_pickup_by_the_instant(self):
        assert refused("2026-06-01T10:00", "2026-06-01T11:00", zone="Europe/Lisbon", back_zone="Europe/Helsinki") == [
            "return.local"
        ]

    def test_a_return_before_the_pickup_by_the_wall(self):
        assert refused("2026-06-01T10:00", "2026-06-01T09:30", zone="Europe/Paris", back_zone="Europe/London") == [
            "return.local"
        ]

    def test_a_time_that_occurs_twice_is_the_first(self):
        assert refused("2026-10-25T02:30", "2026-10-25T02:10", zone="Europe/Paris") == ["return.local"]

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
    def test_zones_that_are_none(self, zone):
        assert refused(zone=zone) == ["pickup.time_zone", "return.time_zone"]


class TestRates:
    @pytest.mark.parametrize(
        ("rate", "fields"),
        [
            ({"blocks": DAY, "brackets": [BRACKET]}, ["rate.blocks"]),
            ({"grace_minutes": 29}, ["rate.blocks"]),
            ({"blocks": []}, ["rate.blocks"]),
            ({"blocks": [{"days": 1, "price": "78.001"}]}, ["rate.blocks.0.price"]),
            ({"blocks": [{"days": 1, "price": "-78.00"}]}, ["rate.blocks.0.price"]),
            ({"blocks": [{"days": 1, "price": "much"}]}, ["rate.blocks.0.price"]),
            ({"blocks": [{"days": 1, "price": "1000000000000"}]}, ["rate.blocks.0.price"]),
            ({"blocks": DAY, "hour_price": "9.999"}, ["rate.hour_price"]),
            ({"brackets": [BRACKET, BRACKET | {"from_days": 3, "to_days": 4}]}, ["rate.brackets"]),
            ({"brackets": [BRACKET | {"to_days": None}, BRACKET | {"from_days": 9, "to_days": 9}]}, ["rate.brackets"]),
            ({"brackets": [BRACKET | {"from_days": 3, "to_days": 1}]}, ["rate.brackets.0.to_days"]),
            ({"brackets": [BRACKET | {"price_per_day": "1.234"}]}, ["rate.brackets.0.price_per_day"]),
            ({"blocks": DAY, "seasons": [SUMMER | {"ends_on": "2026-06-01"}]}, ["rate.seasons.0.ends_on"]),
            ({"blocks": DAY, "seasons": [SUMMER, SUMMER | {"blocks": []}]}, ["rate.seasons.1.blocks"]),
            ({"blocks": DAY, "seasons": [SUMMER | {"brackets": [BRACKET]}]}, ["rate.seasons.0.brackets"]),
            ({"brackets": [BRACKET], "seasons": [SUMMER]}, ["rate.seasons.0.blocks"]),
            (
                {"blocks": DAY, "seasons": [SUMMER | {"blocks": [{"days": 1, "price": "x"}]}]},
                ["rate.seasons.0.blocks.0.price"],
            ),
        ],
    )
    def test_that_cannot_be(self, rate, fields):
        assert refused(**rate) == fields


class TestTheRest:
    @pytest.mark.parametrize(
        ("given", "fields"),
        [
            ({"currency": "XXX"}, ["currency"]),
            ({"currency": "JPY"}, ["rate.blocks.0.price"]),
            ({"adjustment_percent": "ten"}, ["adjustment_percent"]),
            ({"adjustment_percent": "-101"}, ["adjustment_percent"]),
            ({"extras": [COVER | {"price": "12.345"}]}, ["extras.0.price"]),
            ({"extras": [COVER, COVER | {"cap": "-1.00"}]}, ["extras.1.cap"]),
            ({"extras": [COVER | {"code": "TIME"}]}, ["extras.0.code"]),
        ],
    )
    def test_that_cannot_be(self, given, fields):
        assert refused(**given) == fields

    @pytest.mark.parametrize(
        ("tiers", "field"),
        [
            ([(5, 100)], "tiers.0.from_km"),
            ([(0, 100), (50, 200)], "tiers.1.from_km"),
            ([(0, 100), (150, 200)], "tiers.1.from_km"),
            ([(0, None), (101, 200)], "tiers.0.to_km"),
            ([(0, 100), (101, 100)], "tiers.1.to_km"),
            ([(0, 0)], "tiers.0.to_km"),
        ],
    )
    def test_tiers_that_do_not_follow_each_other(self, tiers, field):
        made = [{"from_km": first, "to_km": last, "price_per_km": "0.50"} for first, last in tiers]
        assert f"mileage.{field}" in refused(mileage={"tiers": made})

    def test_tiers_beside_an_excess_price(self):
        tiers = [{"from_km": 0, "price_per_km": "0.50"}]
        assert refused(mileage={"tiers": tiers, "excess_price_per_km": "0.60"}) == ["mileage.tiers"]
        assert refused(mileage={"excess_price_per_km": "0.605"}) == ["mileage.excess_price_per_km"]
        assert refused(mileage={"tiers": [tiers[0] | {"price_per_km": "0.505"}]}) == ["mileage.tiers.0.price_per_km"]

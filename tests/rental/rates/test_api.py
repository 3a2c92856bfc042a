"""Rate trials over the JSON API."""

import pytest

from tests.rental.rates.trials import BRACKETED, COVER, DAY, SUMMER, body_of

EXAMPLE = body_of(
    "2026-06-29T10:00",
    "2026-07-04T10:00",
    blocks=[*DAY, {"days": 7, "price": "450.00"}],
    hour_price="9.00",
    grace_minutes=29,
    season_strategy="per_day",
    seasons=[SUMMER],
    extras=[COVER],
    adjustment_percent="10",
    mileage={"included_km_per_day": 300, "included_km_cap": 3000, "excess_price_per_km": "0.60", "driven_km": 1500},
)


def euro(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


class TestTrial:
    async def test_prices_line_by_line(self, api_for):
        api = await api_for("rate_manager")
        answer = await api.post("/rate-trials", json=EXAMPLE)
        assert (answer.status_code, answer.json()) == (
            200,
            {
                "charged_days": 5,
                "charged_hours": 0,
                "lines": [
                    {
                        "code": "TIME",
                        "quantity": 5,
                        "amount": euro("516.00"),
                        "explanation": "2 days at 78.00, 3 days at 120.00 (season 1 Jul - 31 Aug)",
                    },
                    {
                        "code": "ADJUSTMENT",
                        "quantity": 1,
                        "amount": euro("51.60"),
                        "explanation": "10 % of 516.00",
                    },
                    {"code": "CDW", "quantity": 5, "amount": euro("60.00"), "explanation": "5 days at 12.00"},
                    {
                        "code": "MILEAGE",
                        "quantity": 0,
                        "amount": euro("0.00"),
                        "explanation": "1,500 km driven, 1,500 included (300 a day, at most 3,000)",
                    },
                ],
                "total": euro("627.60"),
            },
        )

    async def test_needs_no_more_than_a_rate_and_two_times(self, api_for):
        api = await api_for("fleet_clerk")
        answer = await api.post("/rate-trials", json=body_of())
        assert answer.json()["total"] == euro("234.00")
        assert [line["code"] for line in answer.json()["lines"]] == ["TIME"]

    async def test_keeps_nothing_for_a_key(self, api_for):
        api = await api_for("rate_manager")
        key = {"Idempotency-Key": "one"}
        first = await api.post("/rate-trials", json=body_of(), headers=key)
        other = await api.post("/rate-trials", json=EXAMPLE, headers=key)
        assert (first.status_code, other.status_code) == (200, 200)
        assert "idempotency-replayed" not in other.headers

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (body_of(blocks=DAY, brackets=BRACKETED), "/rate/blocks"),
            (body_of(grace_minutes=29), "/rate/blocks"),
            (body_of(blocks=[{"days": 0, "price": "1"}]), "/rate/blocks/0/days"),
            (body_of(blocks=[{"days": 1, "price": 78}]), "/rate/blocks/0/price"),
            (body_of(blocks=DAY, season_strategy="daily"), "/rate/season_strategy"),
            (body_of(blocks=DAY, grace_minutes=-1), "/rate/grace_minutes"),
            (body_of(blocks=DAY, seasons=[SUMMER | {"starts_on": "July"}]), "/rate/seasons/0/starts_on"),
            (body_of(brackets=BRACKETED), "/rate/brackets"),
            (body_of("2026-03-29T02:30", "2026-03-31T10:00"), "/pickup/local"),
            (body_of("2026-03-27T10:00", "2026-03-29T02:30"), "/return/local"),
            (body_of(zone="Mars/Olympus"), "/pickup/time_zone"),
            (body_of(currency="euro"), "/currency"),
            (body_of(extras=[COVER | {"per": "week"}]), "/extras/0/per"),
            (body_of(mileage={"driven_km": -1}), "/mileage/driven_km"),
            (body_of(mileage={"tier_mode": "steps"}), "/mileage/tier_mode"),
            (body_of() | {"colour": "red"}, "/colour"),
            ({name: value for name, value in body_of().items() if name != "return"}, "/return"),
        ],
    )
    async def test_refusals_name_the_field(self, api_for, body, pointer):
        api = await api_for("rate_manager")
        answer = await api.post("/rate-trials", json=body)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]

    async def test_is_for_those_who_see_rates(self, api_for):
        api = await api_for("credit_officer")
        assert (await api.post("/rate-trials", json=body_of())).status_code == 403

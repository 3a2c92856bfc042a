"""What holds for every rate: found by trying many, against covers counted out one by one where that can be done."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations_with_replacement, pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.hire_pricing.day_prices import Block, Blocks
from app.kit.hire_pricing.days import HireTime, time_between
from app.kit.hire_pricing.mileage import MileagePlan, Tier, TierMode
from app.kit.hire_pricing.prices import Driven, charge, price_hire
from app.kit.hire_pricing.reading import Extra, Season, Tariff
from app.kit.hire_pricing.seasons import Calendar, DateRange
from app.kit.hire_pricing.terms import Per, SeasonStrategy
from app.kit.rounding import exclusive_tax, inclusive_tax, percent_of, round_ratio

NEW_YEAR = date(2026, 1, 1)
MANY = settings(max_examples=300, deadline=None)
prices = st.integers(0, 200_000)
blocks = st.lists(st.builds(Block, st.integers(1, 9), prices), min_size=1, max_size=4)
ranges = st.builds(
    lambda start, length: DateRange(NEW_YEAR + timedelta(start), NEW_YEAR + timedelta(start + length)),
    st.integers(0, 40),
    st.integers(0, 20),
)
seasons = st.lists(st.builds(lambda dates, made: (dates, made), ranges, blocks), max_size=3)
times = st.builds(
    lambda start, days, minutes: HireTime(NEW_YEAR + timedelta(start), days, minutes or (not days)),
    st.integers(0, 40),
    st.integers(0, 30),
    st.integers(0, 1439),
)


def tariff_of(base, ranges_and_blocks=(), *, hour=None, grace=29, strategy=SeasonStrategy.PER_DAY) -> Tariff:
    made = tuple(Season(dates, Blocks(found)) for dates, found in ranges_and_blocks)
    calendar = Calendar([season.dates for season in made])
    return Tariff("EUR", Blocks(base), made, calendar, strategy, hour, grace)


tariffs = st.builds(
    tariff_of,
    blocks,
    seasons,
    hour=st.none() | st.integers(0, 9_000),
    grace=st.integers(0, 120),
    strategy=st.sampled_from(SeasonStrategy),
)


def cheapest_by_counting(made: list[Block], days: int) -> int:
    """Every set of blocks with so many of them as can be needed."""
    return min(
        sum(block.price_minor for block in chosen)
        for count in range(1, days + 1)
        for chosen in combinations_with_replacement(made, count)
        if sum(block.days for block in chosen) >= days
    )


class TestBlocks:
    @MANY
    @given(blocks, st.integers(1, 9))
    def test_no_set_of_blocks_is_cheaper(self, made, days):
        table = Blocks(made)
        parts = table.parts(days)
        assert table.cost(days) == cheapest_by_counting(made, days)
        assert sum(part.count * part.price_minor for part in parts) == table.cost(days)
        assert sum(part.count * part.days for part in parts) >= days

    @MANY
    @given(blocks, st.lists(st.integers(0, 400), min_size=1, max_size=6))
    def test_the_order_of_questions_does_not_matter(self, made, asked):
        kept = Blocks(made)
        assert [kept.cost(days) for days in asked] == [Blocks(made).cost(days) for days in asked]


class TestHires:
    @MANY
    @given(tariffs, times, st.integers(1, 3_000))
    def test_longer_is_never_cheaper(self, tariff, time, more):
        days, minutes = divmod(time.days * 1440 + time.minutes + more, 1440)
        longer = HireTime(time.first_day, days, minutes)
        assert charge(tariff, longer).minor >= charge(tariff, time).minor

    @MANY
    @given(tariffs, times, prices)
    def test_a_season_elsewhere_changes_nothing(self, tariff, time, price):
        elsewhere = Season(DateRange(date(2027, 1, 1), date(2027, 1, 9)), Blocks([Block(1, price)]))
        more = (*tariff.seasons, elsewhere)
        other = Tariff(
            tariff.currency,
            tariff.prices,
            more,
            Calendar([season.dates for season in more]),
            tariff.strategy,
            tariff.hour_price_minor,
            tariff.grace_minutes,
        )
        assert price_hire(other, time) == price_hire(tariff, time)

    @MANY
    @given(
        tariffs,
        times,
        st.lists(st.decimals(-100, 100, places=2), max_size=3),
        st.lists(st.builds(Extra, st.just("X"), st.sampled_from(Per), prices, st.none() | prices), max_size=3),
        st.integers(0, 5_000),
    )
    def test_the_lines_add_up(self, tariff, time, percents, extras, km):
        driven = Driven(MileagePlan(100, 1_000, 35), km)
        price = price_hire(tariff, time, adjustments=percents, extras=extras, driven=driven)
        assert price.total.minor == sum(line.amount.minor for line in price.lines)
        assert len(price.lines) == 2 + len(percents) + len(extras)
        assert all(line.explanation for line in price.lines)

    @MANY
    @given(tariffs, times)
    def test_hours_cost_at_most_another_day(self, tariff, time):
        charged = charge(tariff, time)
        another = charge(tariff, HireTime(time.first_day, time.days + 1, 0))
        assert charged.minor <= another.minor
        assert charged.counted_days in (time.days, time.days + 1)

    @MANY
    @given(blocks, seasons, times)
    def test_runs_against_each_day_on_its_own(self, base, made, time):
        calendar = Calendar([dates for dates, _ in made])
        by_day: list[int | None] = []
        for number in range(time.days):
            day = time.first_day + timedelta(number)
            holding = [
                ((dates.ends_on - dates.starts_on).days, -place, place)
                for place, (dates, _) in enumerate(made)
                if dates.starts_on <= day <= dates.ends_on
            ]
            by_day.append(min(holding)[2] if holding else None)
        runs = calendar.runs(time.first_day, time.days)
        assert [run.season for run in runs for _ in range(run.days)] == by_day
        assert all(one.season != other.season for one, other in pairwise(runs))


class TestClocks:
    ZONES = ("Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")

    def test_zones_and_clock_changes_change_nothing(self):
        days_before = ("03-27", "10-23", "03-07", "10-31", "06-01")
        starts = [datetime.fromisoformat(f"2026-{day}T10:00") for day in days_before]
        for start, pickup_zone, back_zone, days in product(starts, self.ZONES, self.ZONES, (1, 2, 3, 7, 200)):
            found = time_between(start, pickup_zone, start + timedelta(days, minutes=7), back_zone)
            assert found == HireTime(start.date(), days, 7)


class TestMileage:
    @MANY
    @given(st.lists(st.tuples(st.integers(1, 50), prices), min_size=1, max_size=4), st.integers(0, 250))
    def test_tiers_against_each_kilometre_on_its_own(self, steps, km):
        ends, tiers = 0, []
        for length, price in steps:
            ends += length
            tiers.append(Tier(ends, price))

        def price_at(number: int) -> int:
            return next((tier.price_minor for tier in tiers if number <= tier.to_km), tiers[-1].price_minor)

        graduated = MileagePlan(None, None, tiers=tuple(tiers))
        matching = MileagePlan(None, None, tiers=tuple(tiers), mode=TierMode.MATCHING)
        assert sum(count * price for count, price in graduated.cost(km)) == sum(map(price_at, range(1, km + 1)))
        assert sum(count * price for count, price in matching.cost(km)) == km * price_at(km)
        assert sum(count for count, _ in graduated.cost(km)) == km


class TestRounding:
    @MANY
    @given(st.integers(-(10**9), 10**9), st.decimals(0, 100, places=3))
    def test_taxes(self, minor, percent):
        tax = inclusive_tax(minor, percent)
        exact = Decimal(minor) * percent / (100 + percent)
        assert abs(tax - exact) <= Decimal("0.5")
        assert inclusive_tax(-minor, percent) == -tax
        assert abs(exclusive_tax(minor, percent) - Decimal(minor) * percent / 100) <= Decimal("0.5")

    def test_half_goes_away_from_zero(self):
        assert [round_ratio(number, 2) for number in (-3, -1, 1, 3)] == [-2, -1, 1, 2]
        assert (percent_of(50, Decimal(25)), percent_of(-50, Decimal(25))) == (13, -13)
        assert (exclusive_tax(10_000, Decimal(20)), inclusive_tax(12_000, Decimal(20))) == (2_000, 2_000)
        assert inclusive_tax(100, Decimal(23)) == 19

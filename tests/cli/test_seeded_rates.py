"""The demo's rate cards by themselves: each must price a hire."""

from datetime import date

import pytest

from app.cli.seeds.rate_cards import CATEGORIES, card_terms
from app.kit.hire_pricing.card_prices import Card, CardHire, price_by_card, read_card
from app.kit.hire_pricing.days import HireTime
from app.kit.markets import MARKETS

HIRE = CardHire(HireTime(date(2026, 6, 28), 9, 90), "TLL", "TAY", covers=["SCDW"], product="PREPAID", driver_age=22)


@pytest.mark.parametrize("market", sorted(MARKETS))
def test_every_category_can_be_hired(market):
    for letter in CATEGORIES:
        card = read_card(card_terms(market, letter, 2026), MARKETS[market].currency)
        assert isinstance(card, Card), card
        price = price_by_card(card, HIRE)
        assert [line.code for line in price.lines] == ["TIME", "ADJUSTMENT", "SCDW", "YOUNG_DRIVER", "ONE_WAY", "TAX"]
        assert price.total.minor > price.lines[0].amount.minor

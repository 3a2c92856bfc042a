"""Who sells in a market, from the demo and from the environment."""

from datetime import date

from app.cli.demo_sellers import with_demo_sellers
from app.cli.options import environment_of
from app.kit.markets import MARKETS
from app.settings import Seller, load_settings

OURS = """[
  {"market": "EE", "name": "Rent OÜ", "address": ["Turu 2"]},
  {"market": "EE", "name": "Rent AS", "address": ["Turu 3"], "since": "2026-07-01"}
]"""


def test_the_demo_has_a_company_in_each_market():
    settings = with_demo_sellers(load_settings(environment="test", demo=True))
    for market in MARKETS:
        seller = settings.seller(market, date(2026, 6, 1))
        assert seller is not None, market
        assert all((seller.name, *seller.address, seller.registration_number, seller.vat_number)), market
    assert len(settings.sellers) == len(MARKETS)


def test_ours_are_read_from_the_environment_and_handed_to_children(monkeypatch):
    monkeypatch.setenv("FORECOURT_SELLERS", OURS)
    settings = with_demo_sellers(load_settings(environment="test", demo=True))
    monkeypatch.setenv("FORECOURT_SELLERS", environment_of(settings)["FORECOURT_SELLERS"])
    child = load_settings(environment="test")
    assert child.sellers == settings.sellers
    assert [child.seller("EE", date(2026, month, 1)) for month in (6, 7)] == list(child.sellers)
    assert child.seller("LV", date(2026, 7, 1)) is None


def test_without_a_demo_nobody_is_made_up():
    assert with_demo_sellers(load_settings(environment="test")).sellers == ()
    assert Seller(market="EE", name="Rent", address=("Turu 2",)).since == date.min

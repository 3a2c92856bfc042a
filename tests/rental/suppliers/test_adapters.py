"""Both dialects against the companies of the sandbox, and answers that no company should give."""

import pytest

from app.core.partners.client import Answer
from app.core.partners.outcomes import MalformedAnswer, Outcome, PartnerError
from app.rental.locations.rules import Delivery
from app.rental.suppliers.adapters.interface import Account, Driver, SupplierFailed, SupplierRefused, kind_of
from app.rental.suppliers.adapters.json_rest import JsonRest
from app.rental.suppliers.adapters.ota_xml import OtaXml
from app.rental.suppliers.rules import ErrorKind, HireAsk, Place, ReservationState
from app.rental.suppliers.services.gateway import ask, line_to
from tests.factories.suppliers import make_supplier
from tests.rental.suppliers.hires import next_hire

PLACES = {"baltic": "TLLA01", "aurora": "TLL", "nordrive": "ee-tll-apt", "sunway": "TLL-1"}


DELIVERIES = {
    "baltic": Delivery.IN_TERMINAL, "nordrive": Delivery.IN_TERMINAL, "sunway": Delivery.MEET_AND_GREET,
}  # fmt: skip


@pytest.fixture
async def speak(session, settings_here, partners, companies):
    """`await speak("baltic", lambda adapter: adapter.search(...))`: one exchange with a company."""

    async def one(code, exchange):
        if code not in lines:
            lines[code] = line_to(await make_supplier(session, settings_here, code), settings_here)
            await session.commit()
        return await ask(partners, lines[code], exchange(lines[code].adapter), market="EE")

    lines = {}
    return one


def hire(code: str, days: int = 3, age: int = 35) -> HireAsk:
    pickup, back = next_hire(days)
    return HireAsk(Place(PLACES[code], pickup), Place(PLACES[code], back), age)


@pytest.mark.parametrize("code", list(PLACES))
async def test_tells_branches_offers_and_the_same_price_again(code, speak):
    branches = await speak(code, lambda adapter: adapter.locations())
    assert PLACES[code] in {branch.code for branch in branches}
    assert {branch.iata for branch in branches} >= {"TLL"}
    assert all(branch.latitude and branch.country for branch in branches)
    ours = next(branch for branch in branches if branch.iata == "TLL")
    assert ours.delivery == DELIVERIES.get(code)
    wanted = hire(code)
    offers = await speak(code, lambda adapter: adapter.search(wanted, seconds=4))
    assert all(sum(line.amount.minor for line in offer.lines) == offer.total.minor for offer in offers)
    assert all(offer.covers[0].excess.minor == 90_000 for offer in offers)
    again = await speak(code, lambda adapter: adapter.recheck(offers[0].key, wanted))
    assert (again.key, again.total, again.mileage) == (offers[0].key, offers[0].total, offers[0].mileage)


@pytest.mark.parametrize("code", ["baltic", "nordrive"])
async def test_books_finds_amends_and_cancels(code, speak, companies):
    wanted = hire(code)
    offer = (await speak(code, lambda adapter: adapter.search(wanted, seconds=4)))[0]
    ours = f"SR-{wanted.pickup.local:%y%m%d}"
    booked = await speak(code, lambda adapter: adapter.book(offer.key, wanted, Driver("Õnnepalu", "Mari"), ours))
    assert booked.state is ReservationState.CONFIRMED
    assert booked.offer.total == offer.total
    (real,) = companies[code].reservations(ours)
    assert (real["number"], real["surname"]) == (booked.number, "Õnnepalu")
    for number, reference in ((booked.number, ""), ("", ours)):
        found = await speak(code, lambda adapter, n=number, r=reference: adapter.retrieve(n, r, "Õnnepalu"))
        assert (found.number, found.our_reference, found.state) == (booked.number, ours, ReservationState.CONFIRMED)
    longer = HireAsk(wanted.pickup, Place(wanted.back.branch, next_hire()[1]), 35)
    amended = await speak(code, lambda adapter: adapter.amend(booked.number, "Õnnepalu", longer))
    assert amended.offer.total.minor > offer.total.minor
    cancelled = await speak(code, lambda adapter: adapter.cancel(booked.number, "Õnnepalu"))
    assert cancelled.state is ReservationState.CANCELLED
    with pytest.raises(SupplierRefused) as caught:
        await speak(code, lambda adapter: adapter.cancel(booked.number, "Õnnepalu"))
    assert caught.value.kind is ErrorKind.ALREADY_CANCELLED


@pytest.mark.parametrize("code", ["baltic", "nordrive"])
async def test_errors_come_in_our_words(code, speak, companies):
    async def kind(exchange) -> ErrorKind:
        with pytest.raises(PartnerError) as caught:
            await speak(code, exchange)
        return kind_of(caught.value)

    wanted = hire(code)
    nowhere = HireAsk(Place("XXX", wanted.pickup.local), Place("XXX", wanted.back.local), 35)
    turned = HireAsk(wanted.back, wanted.pickup, 35)
    young = HireAsk(wanted.pickup, wanted.back, 17)
    assert await kind(lambda adapter: adapter.search(nowhere, seconds=4)) is ErrorKind.UNKNOWN_LOCATION
    assert await kind(lambda adapter: adapter.search(turned, seconds=4)) is ErrorKind.BAD_INPUT
    assert await kind(lambda adapter: adapter.search(young, seconds=4)) is ErrorKind.KNOWN
    assert await kind(lambda adapter: adapter.recheck("gone", wanted)) is ErrorKind.EXPIRED
    assert await kind(lambda adapter: adapter.retrieve("X1", "", "Kask")) is ErrorKind.NOT_FOUND
    companies[code].switch_on("empty", "search", times=1)
    assert await kind(lambda adapter: adapter.search(wanted, seconds=4)) is ErrorKind.NO_RESULTS
    companies[code].switch_on("timeout_before", "search", seconds=1.5, times=1)
    assert await kind(lambda adapter: adapter.search(wanted, seconds=0.3)) is ErrorKind.TIMEOUT


async def test_kilometres_per_day_and_per_rental_period_mean_what_each_company_means(speak, companies):
    wanted = hire("baltic", days=7)
    offers = await speak("baltic", lambda adapter: adapter.search(wanted, seconds=4))
    assert {offer.mileage.included_km for offer in offers} == {2_100}
    wanted = hire("aurora", days=7)
    offers = await speak("aurora", lambda adapter: adapter.search(wanted, seconds=4))
    assert {(offer.mileage.included_km, offer.mileage.is_doubtful) for offer in offers} == {(1_750, False)}
    companies["baltic"].switch_on("unit_trap", "search")
    wanted = hire("baltic", days=7)
    offers = await speak("baltic", lambda adapter: adapter.search(wanted, seconds=4))
    assert {(offer.mileage.included_km, offer.mileage.is_doubtful) for offer in offers} == {(300, True)}


@pytest.mark.parametrize("fault", ["malformed", "html", "xml_entities", "huge"])
@pytest.mark.parametrize("code", ["baltic", "nordrive"])
async def test_broken_and_hostile_answers_are_refused(code, fault, speak, companies):
    companies[code].switch_on(fault, "locations")
    with pytest.raises(PartnerError) as caught:
        await speak(code, lambda adapter: adapter.locations())
    assert caught.value.came_of_it in (Outcome.MALFORMED, Outcome.TOO_LARGE)


ACCOUNT = Account("FORECOURT", "secret", "EUR")
HOSTILE_XML = [
    b"", b"<a", b"\xff\xfe", b"<OTA_VehLocSearchRS/>",
    b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd"><OTA_VehLocSearchRS><Success/></OTA_VehLocSearchRS>',
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><OTA_VehLocSearchRS><Success/>&x;</OTA_VehLocSearchRS>',
    b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/p">%p;]><a/>',
]  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE_XML)
def test_no_entity_and_no_definition_is_read(body):
    exchange = OtaXml(ACCOUNT).locations()
    with pytest.raises(MalformedAnswer):
        exchange.read(Answer(200, body, {}))


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"{", b"null", b"\xff"])
def test_no_object_is_no_answer(body):
    with pytest.raises(MalformedAnswer):
        JsonRest(ACCOUNT).locations().read(Answer(200, body, {}))


def test_an_error_of_its_own_systems_may_have_had_its_effect():
    body = b'<OTA_VehResRS><Errors><Error Type="12" Code="448" ShortText="SYSTEM ERROR"/></Errors></OTA_VehResRS>'
    exchange = OtaXml(ACCOUNT).book("k", hire("baltic"), Driver("Kask", ""), "SR-1")
    with pytest.raises(SupplierFailed) as caught:
        exchange.read(Answer(200, body, {}))
    assert caught.value.may_have_effect


def test_what_is_said_carries_no_secret_where_it_is_kept():
    body = OtaXml(ACCOUNT).locations().call.body.decode()
    assert 'MessagePassword="secret"' in body
    driver = Driver('O"Neil & <Sons>', "A")
    told = OtaXml(ACCOUNT).book("k&<", hire("baltic"), driver, "SR-1").call.body.decode()
    assert '<Surname>O"Neil &amp; &lt;Sons&gt;</Surname>' in told
    assert 'ID="k&amp;&lt;"' in told

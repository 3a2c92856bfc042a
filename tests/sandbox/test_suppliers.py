"""The suppliers of the sandbox over real HTTP: their dialects, their faults, and that their record is the truth."""

import re
from datetime import datetime, timedelta
from itertools import count

import httpx
import pytest

PASSWORD = "baltic-sandbox-password"
NUMBERS = count(1)
RATE_KEY = re.compile(r'<Reference Type="16" ID="([^"]+)"')


def times(days: int = 3) -> tuple[str, str]:
    """Each test has weeks of its own, so that no car is missing because another test has it."""
    pickup = datetime.fromisoformat("2027-03-01T10:00") + timedelta(weeks=next(NUMBERS))
    return pickup.isoformat(), (pickup + timedelta(days=days)).isoformat()


def message(name: str, inside: str, password: str = PASSWORD) -> str:
    return (
        f'<{name} xmlns="http://www.opentravel.org/OTA/2003/05" Version="2.001"><POS><Source>'
        f'<RequestorID Type="4" ID="FORECOURT" MessagePassword="{password}"/></Source></POS>{inside}</{name}>'
    )


def rental(pickup: str, back: str, place: str = "TLLA01") -> str:
    return (
        f'<VehRentalCore PickUpDateTime="{pickup}" ReturnDateTime="{back}"><PickUpLocation LocationCode="{place}"/>'
        f'<ReturnLocation LocationCode="{place}"/></VehRentalCore><DriverType Age="35"/>'
    )


def ask(company, name: str, inside: str, **more: str) -> str:
    return httpx.post(f"{company.url}/ota", content=message(name, inside, **more)).text


def search(company, pickup: str, back: str, **more: str) -> str:
    return ask(company, "OTA_VehAvailRateRQ", f"<VehAvailRQCore>{rental(pickup, back, **more)}</VehAvailRQCore>")


def book(company, key: str, reference: str) -> str:
    person = "<Customer><Primary><PersonName><GivenName>Mari</GivenName><Surname>Kask</Surname></PersonName></Primary>"
    inside = (
        f'<VehResRQCore><UniqueID Type="40" ID="{reference}"/>{person}</Customer></VehResRQCore>'
        f'<VehResRQInfo><Reference Type="16" ID="{key}"/></VehResRQInfo>'
    )
    return ask(company, "OTA_VehResRQ", inside)


def numbered(kind: str, number: str) -> str:
    return f'<{kind}><UniqueID Type="14" ID="{number}"/><PersonName><Surname>kask</Surname></PersonName></{kind}>'


class TestXml:
    def test_tells_its_branches_to_those_who_may_ask(self, companies):
        told = ask(companies["baltic"], "OTA_VehLocSearchRQ", "")
        assert 'Code="TLLA01"' in told
        assert 'AssocAirportLocList="RIX"' in told
        refused = ask(companies["baltic"], "OTA_VehLocSearchRQ", "", password="wrong")
        assert 'Type="4" Code="175"' in refused

    def test_searches_rechecks_books_retrieves_and_cancels(self, companies):
        baltic, (pickup, back) = companies["baltic"], times()
        found = search(baltic, pickup, back)
        assert 'Status="Available"' in found
        assert 'VehiclePeriodUnitName="Day"' in found
        key = RATE_KEY.findall(found)[0]
        checked = ask(baltic, "OTA_VehRateRuleRQ", f'<RentalInfo><Reference Type="16" ID="{key}"/></RentalInfo>')
        assert "<OTA_VehRateRuleRS" in checked
        booked = book(baltic, key, f"BK-{pickup}")
        assert 'ReservationStatus="Reserved"' in booked
        (mine,) = baltic.reservations(f"BK-{pickup}")
        assert f'<ConfID Type="14" ID="{mine["number"]}"' in booked
        assert 'ReservationStatus="Reserved"' in ask(
            baltic, "OTA_VehRetResRQ", numbered("VehRetResRQCore", mine["number"])
        )
        cancelled = ask(baltic, "OTA_VehCancelRQ", numbered("VehCancelRQCore", mine["number"]))
        assert 'CancelStatus="Cancelled"' in cancelled
        assert 'Code="95"' in ask(baltic, "OTA_VehCancelRQ", numbered("VehCancelRQCore", mine["number"]))
        assert baltic.reservations(f"BK-{pickup}")[0]["state"] == "cancelled"

    def test_one_looks_for_its_own_reference_and_one_does_not(self, companies):
        pickup, back = times()
        baltic = companies["baltic"]
        keys = RATE_KEY.findall(search(baltic, pickup, back))
        for _ in range(2):
            book(baltic, keys[0], f"twice-{pickup}")
        assert len(baltic.reservations(f"twice-{pickup}")) == 1

    def test_says_what_is_wrong(self, companies):
        baltic, (pickup, back) = companies["baltic"], times()
        assert 'Type="10" Code="320"' in search(baltic, pickup, back, place="XXX")
        assert "RETURN BEFORE PICK UP" in search(baltic, back, pickup)
        assert 'Code="97"' in ask(baltic, "OTA_VehRetResRQ", numbered("VehRetResRQCore", "BA00000000"))
        assert 'Code="320"' in book(baltic, "no-such-key", "x")
        assert "MESSAGE UNKNOWN" in httpx.post(f"{baltic.url}/ota", content="<a>").text


class TestFaults:
    def test_a_timeout_before_has_no_effect_and_one_after_has(self, companies):
        baltic, (pickup, back) = companies["baltic"], times()
        key = RATE_KEY.findall(search(baltic, pickup, back))[0]
        for fault, expected in (("error", 0), ("error_after", 1)):
            baltic.switch_on(fault, "book", times=1)
            reference = f"{fault}-{pickup}"
            content = book(baltic, key, reference)
            assert content == "Internal Server Error"
            assert len(baltic.reservations(reference)) == expected

    def test_a_lost_answer_breaks_the_connection_after_the_effect(self, companies):
        baltic, (pickup, back) = companies["baltic"], times()
        key = RATE_KEY.findall(search(baltic, pickup, back))[0]
        baltic.switch_on("lost", "book", times=1)
        with pytest.raises(httpx.RemoteProtocolError):
            book(baltic, key, f"lost-{pickup}")
        assert len(baltic.reservations(f"lost-{pickup}")) == 1

    def test_answers_can_be_broken_hostile_partial_and_late(self, companies):
        baltic, (pickup, back) = companies["baltic"], times()
        whole = search(baltic, pickup, back)
        for fault, looks in (
            ("malformed", lambda text: not text.endswith("RS>")), ("html", lambda text: text.startswith("<html>")),
            ("xml_entities", lambda text: "<!ENTITY" in text), ("empty", lambda text: 'Code="322"' in text),
            ("partial", lambda text: 0 < text.count("<VehAvail>") < whole.count("<VehAvail>")),
            ("unit_trap", lambda text: "RentalPeriod" in text),
            ("busy", lambda text: text == "Internal Server Error"),
        ):  # fmt: skip
            baltic.switch_on(fault, "search", times=1)
            assert looks(search(baltic, pickup, back)), fault
        baltic.switch_on("timeout_before", "search", times=1, seconds=2)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{baltic.url}/ota", content=message("OTA_VehAvailRateRQ", rental(pickup, back)), timeout=0.2)
        assert httpx.post(f"{baltic.url}/control/faults", json={"fault": "no such"}).status_code == 422


class TestJson:
    KEY = {"x-api-key": "nordrive-sandbox-key"}

    def offers(self, company, place: str, headers, days: int = 3):
        pickup, back = times(days)
        given = {
            "pickup": {"locationId": place, "dateTime": pickup}, "dropoff": {"locationId": place, "dateTime": back},
            "driverAge": 22,
        }  # fmt: skip
        return httpx.post(f"{company.url}/v2/searches", json=given, headers=headers), given

    def test_searches_books_finds_by_our_reference_amends_and_cancels(self, companies):
        nordrive = companies["nordrive"]
        answer, asked = self.offers(nordrive, "ee-tll-apt", self.KEY)
        offer = answer.json()["offers"][0]
        assert {line["type"] for line in offer["price"]["lines"]} == {"TIME", "YOUNG_DRIVER"}
        checked = httpx.get(f"{nordrive.url}/v2/offers/{offer['offerId']}", headers=self.KEY).json()
        assert checked["offer"]["price"] == offer["price"]
        reference = asked["pickup"]["dateTime"]
        given = {
            "offerId": offer["offerId"], "partnerReference": reference,
            "driver": {"firstName": "Mari", "lastName": "Kask"},
        }  # fmt: skip
        numbers = {
            httpx.post(f"{nordrive.url}/v2/reservations", json=given, headers=self.KEY).json()["reservationId"]
            for _ in range(2)
        }
        assert len(numbers) == 2
        query = {"partnerReference": reference, "lastName": "KASK"}
        found = httpx.get(f"{nordrive.url}/v2/reservations", params=query, headers=self.KEY).json()
        address = f"{nordrive.url}/v2/reservations/{found['reservationId']}?lastName=Kask"
        asked["dropoff"]["dateTime"] = (datetime.fromisoformat(reference) + timedelta(days=5)).isoformat()
        amended = httpx.put(address, json=asked, headers=self.KEY).json()
        assert amended["dropoff"] == asked["dropoff"]
        assert httpx.delete(address, headers=self.KEY).json()["status"] == "CANCELLED"

    def test_what_a_company_cannot_do_it_says(self, companies):
        headers = {"x-api-key": "sunway-sandbox-key"}
        answer = httpx.delete(f"{companies['sunway'].url}/v2/reservations/SU1?lastName=K", headers=headers)
        assert answer.status_code == 501
        assert httpx.get(f"{companies['sunway'].url}/v2/locations").status_code == 401

    def test_fleets_end(self, companies):
        sunway, headers = companies["sunway"], {"x-api-key": "sunway-sandbox-key"}
        answer, asked = self.offers(sunway, "TLL-1", headers)
        vans = [offer for offer in answer.json()["offers"] if offer["vehicle"]["sipp"] == "FVMR"]
        for number in range(2):
            given = {"offerId": vans[0]["offerId"], "partnerReference": f"{number}", "driver": {"lastName": "Kask"}}
            httpx.post(f"{sunway.url}/v2/reservations", json=given, headers=headers).raise_for_status()
        again = httpx.post(f"{sunway.url}/v2/searches", json=asked, headers=headers).json()
        assert "FVMR" not in {offer["vehicle"]["sipp"] for offer in again["offers"]}

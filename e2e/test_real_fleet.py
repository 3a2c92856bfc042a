"""A fleet from a file as another company writes it: uploaded, mapped, imported, priced by its own column, booked."""

import csv
import io
import random

import httpx
from playwright.sync_api import Page, expect

from e2e.conftest import Browse
from e2e.people import Person
from e2e.records import add_customer, wait_until_found
from e2e.test_book_and_cancel import tomorrow
from e2e.test_import_with_errors import WORK_MILLISECONDS, expect_tile, upload

EMAIL = "fleet.manager@demo.test"
BRANCH = "BOD"
SEED, ROWS = 20261126, 420
HEADERS: tuple[str, ...] = (
    "", "model_key", "mileage", "engine_power", "fuel", "paint_color", "car_type", "private_parking_available",
    "has_gps", "has_air_conditioning", "automatic_car", "has_getaround_connect", "has_speed_regulator",
    "winter_tires", "rental_price_per_day",
)  # fmt: skip
TYPES = {"estate": "W", "sedan": "D", "suv": "F", "hatchback": "D", "coupe": "E", "convertible": "T", "van": "V"}
FUELS = ("diesel",) * 20 + ("petrol",) * 3 + ("hybrid_petrol", "electro")
MAKES = ("Alba", "Borea", "Cometa", "Délice")
ODD = (
    {"mileage": "-64"},
    {"engine_power": "0"},
    {"mileage": "1000376"},
    {"rental_price_per_day": "10"},
    {"engine_power": "423", "rental_price_per_day": "422"},
)
"""What some rows of such files say: the first two are refused, the others are strange and true."""
UNPRICED = "\n".join(f"{theirs} = premium_elite" for theirs in TYPES)
"""A category that no rate card of the demo prices, so that the column of the file does."""


def rows() -> list[dict[str, str]]:
    """The same rows every time, spread as in a real fleet, the odd ones among them."""
    chance = random.Random(SEED)  # noqa: S311 - the same rows every time

    def fact(share: float) -> str:
        return str(chance.random() < share)

    made = [
        dict(
            zip(
                HEADERS,
                (
                    str(number), chance.choice(MAKES), str(round(chance.lognormvariate(11.8, 0.5))),
                    str(chance.choice((85, 100, 120, 135, 190, 317))), chance.choice(FUELS),
                    chance.choice(("black", "grey", "white", "red")), chance.choice(tuple(TYPES)), fact(0.55),
                    fact(0.8), fact(0.2), fact(0.2), fact(0.45), fact(0.25), fact(0.93),
                    str(round(chance.gauss(120, 30))),
                ),
                strict=True,
            )
        )
        for number in range(ROWS)
    ]  # fmt: skip
    for number, odd in enumerate(ODD, 1):
        made[number * 50] |= odd
    return made


def class_of(row: dict[str, str]) -> str:
    """The ACRISS code that a row becomes."""
    air = row["has_air_conditioning"] == "True"
    fuels = {"diesel": "DQ", "petrol": "VZ", "hybrid_petrol": "H", "electro": "E"}[row["fuel"]]
    fuel = fuels[0] if air or len(fuels) == 1 else fuels[1]
    return f"U{TYPES[row['car_type']]}{'A' if row['automatic_car'] == 'True' else 'M'}{fuel}"


def lowest_price(made: list[dict[str, str]], code: str) -> int:
    refused = {str(50 * number) for number in (1, 2)}
    return min(int(row["rental_price_per_day"]) for row in made if row[""] not in refused and class_of(row) == code)


def content_of(made: list[dict[str, str]]) -> bytes:
    output = io.StringIO(newline="")
    writer = csv.DictWriter(output, HEADERS)
    writer.writeheader()
    writer.writerows(made)
    return output.getvalue().encode()


class TestRealFleet:
    def test_from_the_file_to_a_booking_at_its_own_price(self, browse: Browse, api: httpx.Client) -> None:
        made = rows()
        code = class_of(made[0])
        person = browse(EMAIL)
        self.import_fleet(person, made)
        total = f"{3 * lowest_price(made, code):.2f} EUR"
        quote = self.quote(person, code, total)
        self.book(person, add_customer(api), total)
        self.find(api, person.page, quote)

    def import_fleet(self, person: Person, made: list[dict[str, str]]) -> None:
        """Nothing but the branch and the words of the category has to be said: the file's columns are known."""
        person.go("/imports/new?kind=vehicles")
        page = upload(person, "getaround_cars.csv", content_of(made))
        expect(page.get_by_role("combobox", name="mileage", exact=True)).to_have_value("odometer_km")
        expect(page.get_by_role("combobox", name="rental_price_per_day", exact=True)).to_have_value("day_price.amount")
        page.get_by_label("Source").fill("fleet-of-bordeaux")
        for label in ("Home branch", "Branch now"):
            page.get_by_label(label).select_option(BRANCH)
        page.get_by_label("car_type, category").fill(UNPRICED)
        person.look("real-fleet-columns")
        page.get_by_role("button", name="Check the file").click()
        expect_tile(page, "New", str(ROWS - 2))
        expect_tile(page, "Refused", "2")
        refused = page.get_by_role("table", name="Refused rows with column and reason").locator("tbody tr")
        expect(refused.nth(0)).to_contain_text("(the cell says -64)")
        expect(refused.nth(1)).to_contain_text("engine_power")
        page.get_by_role("button", name=f"Import {ROWS - 2} rows").click()
        expect(page.locator("#import-state .state").first).to_have_text("Done", timeout=WORK_MILLISECONDS)
        expect_tile(page, "Created", str(ROWS - 2))

    def quote(self, person: Person, code: str, total: str) -> str:
        page = person.go("/car-searches")
        page.locator("#field-place").select_option(BRANCH)
        page.locator("#field-pickup_local").fill(tomorrow(6))
        page.locator("#field-return_local").fill(tomorrow(9))
        page.get_by_role("button", name="Search").click()
        offer = page.locator(f"#offer-own-{BRANCH}-{code}")
        expect(offer).to_contain_text(total)
        offer.get_by_role("link").click()
        page.locator("#dialog").get_by_role("button", name="Quote").click()
        expect(page.locator(".countdown")).to_contain_text("14:")
        return page.get_by_role("heading", level=1).inner_text()

    def book(self, person: Person, customer: dict[str, str], total: str) -> None:
        page = person.page
        page.get_by_label("Customer").fill(customer["name"])
        page.locator(f"#customer-matches input[value='{customer['id']}']").check()
        page.get_by_label("Driver").fill(customer["name"])
        page.get_by_role("button", name="Book").click()
        expect(page.locator(".page-head .state").first).to_have_text("Confirmed")
        expect(page.locator("#price")).to_contain_text(total)

    def find(self, api: httpx.Client, page: Page, quote: str) -> None:
        """The quote by its reference leads to itself; vehicles of a make that nobody else has are listed."""
        wait_until_found(api, quote, id_of(api, quote))
        page.goto(f"/search?q={quote}&show=all")
        expect(page.locator("#content")).to_contain_text("Booked, ")
        page.goto(f"/search?q={MAKES[3]}")
        expect(page.locator("#content a[href^='/vehicles/']").first).to_contain_text(MAKES[3])


def id_of(api: httpx.Client, reference: str) -> str:
    (found,) = api.get("quotes", params={"reference": reference}).raise_for_status().json()["items"]
    return found["id"]

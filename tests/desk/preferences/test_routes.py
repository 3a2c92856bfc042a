"""Choosing the columns of a list: as a page, as a dialog, by its buttons, and what the list shows afterwards."""

import re

from app.core.area import RecordKind
from tests.factories.desk import make_customer
from tests.factories.rental import make_vehicle

DIALOG = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "dialog#dialog"}


def heads(page: str) -> list[str]:
    """The heads of the table, without those of the boxes and of the drawer."""
    table = page[page.index('id="list-results"') :]
    head = table[table.index("<thead") : table.index("</thead")]
    cells = re.findall(r"<th\b.*?</th>", head, re.DOTALL)
    texts = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
    return [text for text in texts if text not in ("", "Preview")]


class TestEdit:
    async def test_is_a_page_and_a_dialog(self, client_for):
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get("/lists/vehicles/columns")).text
        assert page.startswith("<!DOCTYPE html>")
        assert 'name="order" value="odometer"' in page
        dialog = (await clerk.get("/lists/vehicles/columns", headers=DIALOG)).text
        assert dialog.lstrip().startswith("<form")

    async def test_an_unknown_list_is_not_there_and_one_of_others_is_refused(self, client_for):
        clerk = await client_for("fleet_clerk")
        assert (await clerk.get("/lists/submarines/columns")).status_code == 404
        assert (await clerk.get("/lists/applications/columns")).status_code == 403

    async def test_every_list_renders_every_column(self, client_for, session, runtime):
        await make_vehicle(session)
        await make_customer(session)
        admin = await client_for("admin")
        kinds: list[RecordKind] = [kind for kind in runtime.assembly.kinds.values() if kind.record_list]
        assert len(kinds) >= 5
        for kind in kinds:
            shown = kind.record_list
            every = ",".join(column.key for column in shown.columns)
            answer = await admin.get(f"{shown.path}?columns={every}")
            assert answer.status_code == 200, shown.key
            if "<thead" in answer.text.partition('id="list-results"')[2].partition("</section>")[0]:
                assert len(heads(answer.text)) == len(shown.columns), shown.key


class TestUpdate:
    async def test_keeps_columns_order_density_and_page_size_for_oneself(self, client_for, session):
        await make_vehicle(session, plate="986 VVK")
        clerk, other = await client_for("fleet_clerk"), await client_for("fleet_clerk")
        form = {
            "order": ["state", "vin", "plate"], "shown": ["vin", "state"], "density": "comfortable",
            "page_size": "25", "query": "state=in_service&columns=plate", "do": "save",
        }  # fmt: skip
        answer = await clerk.post("/lists/vehicles/columns", data=form)
        assert answer.headers["location"] == "/vehicles?state=in_service"
        page = (await clerk.get("/vehicles")).text
        assert heads(page) == ["Vehicle", "State", "VIN"]
        assert 'data-density="comfortable"' in page
        assert heads((await other.get("/vehicles")).text) == heads((await other.get("/vehicles?sort=make")).text)
        assert "Odometer" in heads((await other.get("/vehicles")).text)

    async def test_a_button_moves_a_column_in_the_form_and_keeps_the_focus(self, client_for):
        clerk = await client_for("fleet_clerk")
        form = {"order": ["plate", "class", "state"], "shown": ["plate", "state"], "do": "up:state"}
        page = (await clerk.post("/lists/vehicles/columns", data=form)).text
        assert re.findall(r'name="order" value="(\w+)"', page)[:3] == ["plate", "state", "class"]
        assert re.search(r'value="up:state"[^>]*autofocus', page)

    async def test_only_showing_puts_the_columns_into_the_address(self, client_for):
        clerk = await client_for("fleet_clerk")
        form = {"order": ["plate", "state"], "shown": ["state"], "query": "make=Volvo", "do": "show"}
        answer = await clerk.post("/lists/vehicles/columns", data=form)
        assert answer.headers["location"] == "/vehicles?make=Volvo&columns=state"

    async def test_goes_back_to_the_standard(self, client_for, session):
        await make_vehicle(session)
        clerk = await client_for("fleet_clerk")
        await clerk.post("/lists/vehicles/columns", data={"order": ["vin"], "shown": ["vin"], "do": "save"})
        assert heads((await clerk.get("/vehicles")).text) == ["Vehicle", "VIN"]
        await clerk.post("/lists/vehicles/columns", data={"order": ["vin"], "shown": ["vin"], "do": "standard"})
        assert "Odometer" in heads((await clerk.get("/vehicles")).text)

    async def test_the_address_wins_and_unknown_columns_are_named(self, client_for, session):
        await make_vehicle(session)
        clerk = await client_for("fleet_clerk")
        await clerk.post("/lists/vehicles/columns", data={"order": ["vin"], "shown": ["vin"], "do": "save"})
        assert heads((await clerk.get("/vehicles?columns=year,plate")).text) == ["Vehicle", "Year", "Plate"]
        answer = await clerk.get("/vehicles?columns=year,nonsense")
        assert answer.status_code == 422
        assert "nonsense" in answer.text

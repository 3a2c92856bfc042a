"""Card numbers come in nowhere: not by a form, the API, an address, an upload or a cell; and stay nowhere."""

import json
import logging
import re

import pytest
from litestar.datastructures import FormMultiDict, UploadFile
from sqlalchemy import text
from structlog.testing import capture_logs

from app.core.conflicts import BASE_FIELD
from app.core.forms import Form
from app.core.logs import mask_line, mask_numbers
from app.desk.imports.rules import ColumnMapping
from app.desk.imports.services.rows import check_row
from app.kit.numbers_in_text import MASKS, find_card, masked
from app.kit.sheets import Row
from app.rental.vehicles.importers import VehicleImporter
from tests.security.bodies import body_with, operations, pointer
from tests.security.cards import card_numbers
from tests.security.conftest import STREAMS, address_of
from tests.security.reading import crawl

NUMBERS = 10_000
PART = "card numbers"
REFUSED_API = {422}
TEXTS = ("char", "varchar", "text", "mediumtext", "longtext", "json", "blob", "mediumblob", "longblob", "varbinary")


def digits_of(text: str) -> str:
    return re.sub("[^0-9]", "", text)


async def stored_texts(session) -> str:
    """Everything that the database holds as text, of every table."""
    columns = await session.execute(
        text("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema=DATABASE()")
    )
    found: list[str] = []
    for table, column, kind in columns.all():
        if kind not in TEXTS:
            continue
        rows = await session.execute(text(f"SELECT DISTINCT `{column}` FROM `{table}` WHERE `{column}` IS NOT NULL"))
        found += [row[0].decode(errors="replace") if isinstance(row[0], bytes) else str(row[0]) for row in rows]
    return "\n".join(found)


class Words(Form):
    words: str | None = None
    many = frozenset({"several"})
    several: list[str] | None = None


class TestTheDetector:
    def test_finds_every_number_and_masks_it(self, tried):
        numbers = list(card_numbers(NUMBERS))
        assert len({number for number, _ in numbers}) > NUMBERS * 0.99
        assert [words for _, words in numbers if not find_card(words)] == []
        assert [words for number, words in numbers if number in digits_of(masked(words))] == []
        tried(PART, NUMBERS)

    def test_forms_refuse_and_forget_every_number(self, tried):
        wrong = []
        for number, words in card_numbers(NUMBERS // 4, seed=2):
            form = Words.from_raw({"words": words, "several": ["fine", words]})
            if set(form.errors) != {"words", "several"} or number in digits_of(repr((form.raw, form.errors))):
                wrong.append(words)
        assert wrong == []
        tried(PART, NUMBERS // 4)

    def test_logs_mask_every_number(self, tried):
        wrong = []
        for number, words in card_numbers(1_000, seed=3):
            line = mask_numbers(None, "", {"event": words, "problems": [{"detail": words}], "count": 1})
            if number in digits_of(json.dumps(line)):
                wrong.append(words)
        assert wrong == []
        tried(PART, 1_000)

    def test_logs_mask_identity_numbers(self):
        line = mask_numbers(None, "", {"event": "of 38001085718", "path": "/customers/131052-308T"})
        assert line == {"event": f"of {MASKS['identity']}", "path": f"/customers/{MASKS['identity']}"}

    def test_other_libraries_lines_are_masked(self):
        line = logging.LogRecord("driver", logging.WARNING, "", 0, "lost %s", ("4111 1111 1111 1111",), None)
        assert mask_line(line)
        assert line.getMessage() == f"lost {MASKS['card']}"

    def test_what_a_form_was_shown_with_may_be_put_right(self):
        form = Words.from_raw({"words": "fine", BASE_FIELD: '{"words": "4111111111111111"}'})
        assert form.errors == {}


class TestUploads:
    def test_the_name_of_a_file(self):
        file = UploadFile("text/csv", "scan 4111-1111-1111-1111.csv", b"x")
        form = Words.from_form(FormMultiDict([("file", file), ("words", "fine")]))
        assert set(form.errors) == {"file"}
        assert "4111" not in repr(form.raw)
        file.file.close()

    def test_cells_are_refused_and_forgotten_also_on_the_second_look(self, tried):
        mapping = ColumnMapping(
            "vehicles",
            fields={"Make": ("make",), "Model": ("model",)},
            keep=("Remark",),
            constants={"market": "EE"},
        )
        for number, words in card_numbers(200, seed=4):
            for column in ("Make", "Remark"):
                cells = {"Make": "Kia", "Model": "Ceed", "Remark": "none"} | {column: words}
                checked = check_row(mapping, VehicleImporter(), Row(2, cells), {})
                again = check_row(mapping, VehicleImporter(), Row(2, dict(checked.cells)), {})
                for seen in (checked, again):
                    assert seen.row is None
                    assert [refusal.column for refusal in seen.refusals] == [column]
                    assert number not in digits_of(repr(seen))
                    assert seen.cells[column] == MASKS["card"]
        tried(PART, 800)

    def test_a_column_that_nobody_keeps_may_hold_them(self):
        mapping = ColumnMapping("vehicles", fields={"Make": ("make",)}, secret=("Card",), constants={"market": "EE"})
        checked = check_row(mapping, VehicleImporter(), Row(2, {"Make": "Kia", "Card": "4111111111111111"}), {})
        assert checked.refusals == []
        assert "4111" not in repr(checked)


class TestRequests:
    @pytest.fixture
    def numbers(self):
        return card_numbers(100_000, seed=5)

    @pytest.fixture
    async def admin(self, client_for):
        return await client_for("admin")

    @pytest.fixture
    async def api(self, api_for):
        return await api_for("admin")

    async def test_no_text_of_any_body_takes_one(self, api, world, numbers, session, tried):
        wrong, sent, used = [], 0, []
        with capture_logs(processors=[mask_numbers]) as logs:
            for operation in operations():
                address = operation.address(world.ids)
                for place in operation.texts():
                    number, words = next(numbers)
                    body = json.dumps(body_with(place, words))
                    headers = {"content-type": operation.media_type, "if-match": '"1"'}
                    answer = await api.request(operation.method, address, content=body, headers=headers)
                    sent += 1
                    used.append(number)
                    named = [problem["pointer"] for problem in answer.json().get("errors", [])]
                    if answer.status_code not in REFUSED_API or named != [pointer(place)]:
                        wrong.append(f"{operation} {pointer(place)}: {answer.status_code} {answer.text[:200]}")
                    if number in digits_of(answer.text):
                        wrong.append(f"{operation} {pointer(place)} tells the number")
        assert wrong == []
        assert sent > 150
        await self.found_nowhere(session, used, logs)
        tried(PART, sent)

    async def test_no_input_of_any_form_takes_one(self, admin, world, routes, numbers, session, tried):
        starts = [route.path for route in routes if route.method == "GET" and not route.is_api and not route.parameters]
        visited = await crawl(admin, [*world.addresses(), *starts])
        wrong, used = [], []
        with capture_logs(processors=[mask_numbers]) as logs:
            for form in visited.unsafe_forms():
                for name in form.typed:
                    number, words = next(numbers)
                    used.append(number)
                    answer = await admin.post(form.action, data=form.filled(**{name: words}))
                    if answer.status_code != 422 or number in digits_of(answer.text):
                        wrong.append(f"{form.action} {name}: {answer.status_code}")
        assert wrong == []
        assert len(used) > 50
        await self.found_nowhere(session, used, logs)
        tried(PART, len(used))

    async def test_no_address_takes_one(self, admin, api, world, routes, numbers, session, tried):
        wrong, used = [], []
        with capture_logs(processors=[mask_numbers]) as logs:
            for route in routes:
                if route.method != "GET" or route.path in STREAMS or route.path.startswith(("/health", "/metrics")):
                    continue
                client = api if route.is_api else admin
                address = address_of(route, world.ids).removeprefix("/api/v1")
                number, words = next(numbers)
                used.append(number)
                answer = await client.get(address, params={"q": words})
                if answer.status_code != 422 or number in digits_of(answer.text):
                    wrong.append(f"{route}: {answer.status_code}")
        assert wrong == []
        await self.found_nowhere(session, used, logs)
        tried(PART, len(used))

    async def test_nor_a_path_a_request_id_or_the_way_back_to_where_one_was(self, admin, api, visitor, session):
        number = "4111111111111111"
        with capture_logs(processors=[mask_numbers]) as logs:
            answers = [
                await api.get(f"/vehicles/{number}"),
                await admin.get(f"/lists/{number}/columns"),
                await admin.get(f"/{number}"),
                await api.get("/vehicles", headers={"x-request-id": number}),
                await visitor.get("/vehicles", params={"q": number}),
            ]
        for answer in answers:
            assert number not in answer.text + str(answer.headers)
        await self.found_nowhere(session, [number], logs)

    async def test_a_query_that_is_kept_whole(self, admin, session):
        query = "q=4111+1111+1111+1111&state=available"
        answer = await admin.post("/saved-views", data={"list_key": "vehicles", "name": "Mine", "query": query})
        assert answer.status_code == 422
        await self.found_nowhere(session, ["4111111111111111"], [])

    async def found_nowhere(self, session, numbers, logs):
        logged = digits_of(json.dumps(logs, default=str))
        assert [number for number in numbers if number in logged] == []
        kept = await stored_texts(session)
        assert not find_card(kept.replace("\n", " | "))
        assert [number for number in numbers if number in kept] == []

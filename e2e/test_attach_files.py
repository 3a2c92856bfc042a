"""A photo and a document are attached to a vehicle, looked at, and deleted again."""

import io

import httpx
from PIL import Image
from playwright.sync_api import expect
from pypdf import PdfWriter

from e2e.conftest import Browse
from e2e.records import add_vehicle

EMAIL = "fleet@demo.test"


class TestAttachFiles:
    def test_attaches_looks_at_and_deletes(self, browse: Browse, api: httpx.Client) -> None:
        vehicle = add_vehicle(api)
        person = browse(EMAIL)
        page = person.go(f"/vehicles/{vehicle['id']}")
        panel = page.locator("#attachments-panel")
        expect(panel).to_contain_text("No files yet")
        panel.get_by_label("Files to attach").set_input_files([_photo(), _document()])
        panel.get_by_role("button", name="Attach", exact=True).click()
        expect(panel.locator(".file")).to_have_count(2)
        expect(panel).to_contain_text("papers.pdf")
        person.look("vehicle-files")

        panel.get_by_role("link", name="Preview of dent.png").click()
        dialog = page.get_by_role("dialog", name="dent.png")
        expect(dialog.get_by_role("img", name="dent.png, large")).to_be_visible()
        person.look("vehicle-file-large")
        dialog.get_by_role("button", name="Close").click()

        panel.get_by_role("button", name="Delete dent.png").click()
        page.locator("#confirm").get_by_role("button", name="Delete", exact=True).click()
        expect(panel.locator(".file")).to_have_count(1)

        person.expect(422)
        panel.get_by_label("Files to attach").set_input_files([{**_photo(), "buffer": b"<svg/>"}])
        panel.get_by_role("button", name="Attach", exact=True).click()
        expect(panel.get_by_role("alert")).to_contain_text("can carry scripts")
        person.look("vehicle-file-refused")


def _photo() -> dict[str, object]:
    made = io.BytesIO()
    Image.linear_gradient("L").resize((900, 600)).convert("RGB").save(made, "PNG")
    return {"name": "dent.png", "mimeType": "image/png", "buffer": made.getvalue()}


def _document() -> dict[str, object]:
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(made)
    return {"name": "papers.pdf", "mimeType": "application/pdf", "buffer": made.getvalue()}

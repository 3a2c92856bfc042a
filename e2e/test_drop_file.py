"""A file is dragged onto a vehicle and dropped; one that falls beside it opens nothing."""

import httpx
from playwright.sync_api import JSHandle, Page, expect

from e2e.conftest import Browse
from e2e.records import add_vehicle

CARRIED = """
async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 300, height: 200 });
  canvas.getContext("2d").fillRect(20, 20, 200, 100);
  const photo = await new Promise((done) => { canvas.toBlob(done, "image/png"); });
  const carried = new DataTransfer();
  carried.items.add(new File([photo], "scratch.png", { type: "image/png" }));
  return carried;
}
"""


def carry(page: Page) -> JSHandle:
    return page.evaluate_handle(CARRIED)


def test_a_photo_is_dropped_on_the_files(browse: Browse, api: httpx.Client) -> None:
    person = browse("fleet@demo.test")
    page = person.go(f"/vehicles/{add_vehicle(api)['id']}")
    panel, facts = page.locator("#attachments-panel"), page.locator("dl.facts").first
    photo = {"dataTransfer": carry(page)}
    facts.dispatch_event("dragover", photo)
    expect(panel).not_to_have_attribute("data-over", "")
    facts.dispatch_event("drop", photo)
    expect(panel).to_contain_text("No files yet")

    panel.dispatch_event("dragover", photo)
    expect(panel).to_have_attribute("data-over", "")
    person.look("vehicle-file-over")
    panel.dispatch_event("drop", photo)
    expect(panel.locator(".file")).to_have_count(1)
    expect(panel).to_contain_text("scratch.png")
    expect(panel).not_to_have_attribute("data-over", "")
    expect(page.locator("#timeline li").first).to_contain_text("scratch.png")
    person.look("vehicle-file-dropped")

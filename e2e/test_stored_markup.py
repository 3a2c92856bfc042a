"""Records full of markup, on every page that shows them: nothing of it runs, and no link of it can be followed."""

import httpx

from e2e.conftest import Browse
from e2e.records import add_customer, add_vehicle
from e2e.watching import told

RUNS = "<script>window.pwned=1</script><img src=x onerror=window.pwned=1><svg onload=window.pwned=1>"
BREAKS_OUT = "\"><img src=x onerror=window.pwned=1> ' onfocus=window.pwned=1 autofocus x='"
LINKS = "[follow](javascript:window.pwned=1) <javascript:window.pwned=1> [data](data:text/html,x) {{7*7}} ${7*7}"
UNSAFE = "a[href^='javascript' i], a[href^='data:' i], form[action^='javascript' i], [onerror], [onload], [onfocus]"
OUTSIDE = "(all) => all.map((one) => one.outerHTML)"


def test_stored_markup_stays_words(browse: Browse, api: httpx.Client) -> None:
    vehicle = add_vehicle(api, make="<script>window.pwned=1</script>", model=BREAKS_OUT[:40], colour="<svg onload=x>")
    customer = add_customer(api, given_name="<img src=x onerror=window.pwned=1>", family_name=BREAKS_OUT[:60])
    records = [f"vehicles/{vehicle['id']}", f"customers/{customer['id']}"]
    for record in records:
        api.post(f"{record}/notes", json={"text": f"{LINKS}\n\n{RUNS}\n\n{BREAKS_OUT}"}).raise_for_status()
    api.post("tasks", json={"kind": "vehicle_check", "title": RUNS[:100], "details": LINKS}).raise_for_status()
    person = browse("admin@demo.test")
    dialogs: list[str] = []
    person.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    pages = [f"/{record}{end}" for record in records for end in ("", "/edit")]
    pages += ["/", "/vehicles", "/customers", "/tasks", "/audit", "/notifications", "/search?q=pwned&show=all"]
    pages += [f"/records/vehicle/{vehicle['id']}/notes", f"/records/customer/{customer['id']}/notes"]
    wrong: list[str] = []
    for path in pages:
        page = person.go(path)
        if page.evaluate("window.pwned !== undefined"):
            wrong.append(f"{path}: it ran")
        wrong += [f"{path}: {found}" for found in page.locator(UNSAFE).evaluate_all(OUTSIDE)]
    assert not wrong, told(wrong)
    assert not dialogs

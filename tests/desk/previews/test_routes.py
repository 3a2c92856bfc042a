"""The drawer of lists: alone, in its list without scripts, and for nobody who may not see the record."""

from tests.factories.desk import make_customer
from tests.factories.rental import make_vehicle

DRAWER = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "aside#list-drawer"}


class TestShow:
    async def test_answers_the_drawer_alone_to_htmx_and_a_page_to_a_link(self, client_for, session):
        vehicle = await make_vehicle(session, plate="986 VVK")
        clerk = await client_for("fleet_clerk")
        drawer = (await clerk.get(f"/previews/vehicle/{vehicle.id}", headers=DRAWER)).text
        assert drawer.lstrip().startswith("<aside")
        for part in ("986 VVK", "In service", f"/vehicles/{vehicle.id}#moves", "Created"):
            assert part in drawer
        assert "Retire" not in drawer
        assert (await clerk.get(f"/previews/vehicle/{vehicle.id}")).text.startswith("<!DOCTYPE html>")

    async def test_shows_customers_with_masks_only(self, client_for, session):
        customer = await make_customer(session, email="liis@example.test")
        officer = await client_for("credit_officer")
        drawer = (await officer.get(f"/previews/customer/{customer.id}", headers=DRAWER)).text
        assert "liis@example.test" in drawer
        assert f"/applications/new?customer_id={customer.id}" in drawer

    async def test_what_one_may_not_see_is_not_there(self, client_for, session):
        vehicle = await make_vehicle(session)
        elsewhere = await client_for("fleet_clerk", markets=["LV"])
        assert (await elsewhere.get(f"/previews/vehicle/{vehicle.id}")).status_code == 404
        clerk = await client_for("fleet_clerk")
        assert (await clerk.get(f"/previews/staff/{clerk.staff.id}")).status_code == 404
        assert (await clerk.get(f"/previews/submarine/{vehicle.id}")).status_code == 404


class TestList:
    async def test_the_list_renders_its_drawer_for_a_plain_link(self, client_for, session):
        vehicle = await make_vehicle(session, plate="986 VVK")
        clerk = await client_for("fleet_clerk")
        page = (await clerk.get("/vehicles?state=in_service")).text
        link = f"/vehicles?state=in_service&amp;sort=-updated_at&amp;peek={vehicle.id}"
        assert f'href="{link}"' in page
        assert 'data-row="' not in page
        opened = (await clerk.get(link.replace("&amp;", "&"))).text
        assert f'data-row="vehicle-{vehicle.id}"' in opened
        close = opened.rpartition("data-drawer-close")[0].rpartition('href="')[2]
        assert close.startswith('/vehicles?state=in_service&amp;sort=-updated_at"')

    async def test_a_record_that_is_not_there_leaves_the_list(self, client_for, session):
        vehicle = await make_vehicle(session, plate="986 VVK")
        elsewhere = await client_for("fleet_clerk", markets=["LV"])
        for peek in (vehicle.id, "nonsense"):
            page = await elsewhere.get(f"/vehicles?peek={peek}")
            assert page.status_code == 200
            assert 'data-row="' not in page.text

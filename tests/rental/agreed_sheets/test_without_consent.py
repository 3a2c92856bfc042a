"""A sheet that nobody agrees to waits no longer: rejected, taken back with its request, or not decided in time."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.core import clock
from app.desk.approvals.models import Approval
from app.desk.approvals.services import deciding
from app.main import assemble
from tests.factories.suppliers import make_supplier

REASON = "The bank has published others since"


@dataclass(frozen=True)
class Sheets:
    """What differs between the kinds of sheets."""

    api: str
    page: str
    kind: str
    body: dict
    again: str


RATES = Sheets(
    "/exchange-rate-sheets",
    "/exchange-rates",
    "exchange_rate_sheet",
    {"source": "Central bank", "rates": [{"currency": "SEK", "rate": "11.0240"}]},
    'href="/exchange-rates/new"',
)
TERMS = Sheets(
    "/supplier-terms",
    "/supplier-terms",
    "supplier_terms",
    {"supplier": "nordrive", "lines": [{"pattern": "****", "model": "net", "markup_percent": "10"}]},
    'href="/supplier-terms/new?supplier=nordrive"',
)


@pytest.fixture(params=[RATES, TERMS], ids=lambda sheets: sheets.kind)
def sheets(request):
    return request.param


@pytest.fixture
async def manager(api_for, session, settings):
    await make_supplier(session, settings, "nordrive")
    return await api_for("rate_manager")


@pytest.fixture
async def made(manager, sheets):
    answer = await manager.post(sheets.api, json=sheets.body | {"valid_from": clock.today().isoformat()})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def state_of(client, sheets, made):
    return (await client.get(f"{sheets.api}/{made['id']}")).json()["state"]


class TestRejected:
    async def test_it_is_rejected_with_who_and_why(self, manager, made, sheets, api_for, client_for):
        other = await api_for("fleet_manager")
        decided = await other.post(f"/approvals/{made['approval_id']}/rejection", json={"reason": REASON})
        assert (decided.status_code, decided.json()["state"]) == (201, "rejected")
        assert await state_of(manager, sheets, made) == "rejected"
        page = await client_for(manager.staff)
        shown = (await page.get(f"{sheets.page}/{made['id']}")).text
        asked = (await manager.get(f"/approvals/{made['approval_id']}")).json()
        assert f"Rejected by {asked['approver_name']}" in shown
        assert f'href="/approvals/{made["approval_id"]}"' in shown
        assert REASON in shown
        assert "Waits for consent" not in shown
        assert sheets.again in shown.split('id="moves"')[1]
        listed = (await page.get(sheets.page)).text.split('id="sheets"')[1]
        assert "Rejected" in listed
        request = (await page.get(f"/approvals/{made['approval_id']}")).text
        assert f"{sheets.page}/{made['id']}" in request
        assert REASON in request

    async def test_lists_tell_them_apart_and_nothing_moves_them_any_more(self, manager, made, sheets, api_for):
        other = await api_for("fleet_manager")
        await other.post(f"/approvals/{made['approval_id']}/rejection", json={"reason": REASON})
        for state, found in (("rejected", [made["id"]]), ("waiting", [])):
            items = (await manager.get(sheets.api, params={"state": state})).json()["items"]
            assert [item["id"] for item in items] == found
        refused = await manager.post(f"{sheets.api}/{made['id']}/withdrawal")
        assert (refused.status_code, refused.json()["state"]) == (409, "rejected")
        again = await other.post(f"/approvals/{made['approval_id']}/approval", json={"comment": "After all"})
        assert again.status_code == 409
        assert await state_of(manager, sheets, made) == "rejected"

    async def test_the_timeline_names_the_request(self, manager, made, sheets, api_for, session):
        other = await api_for("fleet_manager")
        reference = (await manager.get(f"/approvals/{made['approval_id']}")).json()["reference"]
        await other.post(f"/approvals/{made['approval_id']}/rejection", json={"reason": REASON})
        entry = (
            await session.execute(
                text(
                    "SELECT why, actor_name, JSON_VALUE(facts, '$.approval') FROM audit_entry "
                    "WHERE subject_id = :id AND action = :action"
                ),
                {"id": made["id"], "action": f"{sheets.kind}.rejected"},
            )
        ).one()
        assert tuple(entry) == (REASON, other.staff.name, reference)


class TestOtherEnds:
    async def test_whoever_takes_the_request_back_takes_the_sheet_back(self, manager, made, sheets):
        answer = await manager.post(f"/approvals/{made['approval_id']}/withdrawal", json={"comment": "A typing error"})
        assert answer.status_code == 201
        assert await state_of(manager, sheets, made) == "withdrawn"

    async def test_one_that_nobody_decides_about_runs_out(self, manager, made, sheets, session, client_for):
        approval = await session.get(Approval, UUID(made["approval_id"]))
        approval.expires_at = clock.now() - timedelta(seconds=5)
        await session.flush()
        await deciding.expire(session, assemble().approval_kinds, approval.id)
        assert await state_of(manager, sheets, made) == "expired"
        shown = (await (await client_for(manager.staff)).get(f"{sheets.page}/{made['id']}")).text
        assert "Not decided in time" in shown
        assert "Nobody decided in time." in shown

    async def test_one_that_is_decided_about_too_late_runs_out_as_well(self, manager, made, sheets, session, api_for):
        approval = await session.get(Approval, UUID(made["approval_id"]))
        approval.expires_at = clock.now() - timedelta(seconds=5)
        await session.flush()
        late = await (await api_for("fleet_manager")).post(
            f"/approvals/{approval.id}/approval", json={"comment": "Yes"}
        )
        assert (late.status_code, late.json()["code"]) == (409, "approval_lapsed")
        assert await state_of(manager, sheets, made) == "expired"

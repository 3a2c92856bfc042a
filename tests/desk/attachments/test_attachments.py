"""Attaching, reading and deleting files: on pages, in the API, and only for those who may see the record."""

import io
import os
from datetime import timedelta
from time import time
from uuid import UUID, uuid4

from PIL import Image
from sqlalchemy import select

from app.cli.seeds.attachments import attach_files
from app.core.audit import AuditEntry
from app.core.jobs.models import Job
from app.desk.attachments import rules, services
from app.desk.attachments.models import Attachment
from app.rental.vehicles.rules import VehicleState
from tests.desk.attachments import files
from tests.factories.rental import make_vehicle

PARTIAL = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#attachments-panel"}
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


def several(*some: tuple[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("files", one) for one in some]


class TestPages:
    async def test_good_files_are_attached_and_bad_ones_named(self, client_for, session, store):
        vehicle, clerk = await make_vehicle(session), await client_for("fleet_clerk")
        address = f"/records/vehicle/{vehicle.id}/attachments"
        assert "No files yet" in (await clerk.get(f"/vehicles/{vehicle.id}")).text
        sent = several(("dent.jpg", files.photo()), ("<b>x.png", SVG), ("papers.pdf", files.document(2)))
        answer = await clerk.post(address, files=sent, headers=PARTIAL)
        assert answer.status_code == 422
        assert "&lt;b&gt;x.png" in answer.text
        assert "can carry scripts" in answer.text
        page = (await clerk.get(f"/vehicles/{vehicle.id}")).text
        for words in ("dent.jpg", "papers.pdf", "× 60", "2 pages", "Attachment added"):  # noqa: RUF001 - the sign of sizes
            assert words in page
        assert len([path for path in store.root.rglob("*") if path.is_file()]) == 3
        again = await clerk.post(address, files=several(("other.jpg", files.photo())), headers=PARTIAL)
        assert "here already as dent.jpg" in again.text
        assert len([path for path in store.root.rglob("*") if path.is_file()]) == 3
        plain = await clerk.post(address, files=several(("new.png", files.image("PNG"))))
        assert plain.status_code == 303
        assert plain.headers["location"] == f"/vehicles/{vehicle.id}#attachments-panel"
        assert (await clerk.post(address, files=several(("", b"")))).status_code == 422

    async def test_files_are_kept_by_the_browser_and_images_looked_at(self, client_for, session, store):
        vehicle, clerk = await make_vehicle(session), await client_for("fleet_clerk")
        address = f"/records/vehicle/{vehicle.id}/attachments"
        await clerk.post(address, files=several(("esikülg.jpg", files.image()), ("leht.pdf", files.document())))
        kept = {one.media_type: one for one in (await session.execute(select(Attachment))).scalars()}
        photo, paper = kept["image/jpeg"], kept["application/pdf"]
        content = await clerk.get(f"{address}/{photo.id}/content")
        assert content.headers["content-disposition"] == (
            "attachment; filename=\"esik_lg.jpg\"; filename*=UTF-8''esik%C3%BClg.jpg"
        )
        assert content.headers["x-content-type-options"] == "nosniff"
        assert content.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert content.headers["cache-control"] == "private, no-store"
        assert content.headers["content-type"] == "image/jpeg"
        with Image.open(io.BytesIO(content.content)) as image:
            assert image.size == (60, 40)
        for way in ("preview", "thumbnail"):
            shown = await clerk.get(f"{address}/{photo.id}/{way}")
            assert shown.headers["content-disposition"].startswith("inline")
            assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
            assert (await clerk.get(f"{address}/{paper.id}/{way}")).status_code == 404
        assert (await clerk.get(f"{address}/{paper.id}/content")).headers["content-disposition"].startswith("attach")
        sheet = {**PARTIAL, "hx-target": "dialog#dialog"}
        assert f"{address}/{photo.id}/preview" in (await clerk.get(f"{address}/{photo.id}", headers=sheet)).text
        store.remove(photo.id)
        assert (await clerk.get(f"{address}/{photo.id}/content")).status_code == 404

    async def test_people_delete_their_own_and_a_job_the_file(self, client_for, session, store, runtime):
        vehicle = await make_vehicle(session)
        author, other, manager = [await client_for(role) for role in ("fleet_clerk", "fleet_clerk", "fleet_manager")]
        address = f"/records/vehicle/{vehicle.id}/attachments"
        await author.post(address, files=several(("a.jpg", files.image()), ("b.png", files.image("PNG"))))
        first, second = [one.id for one in (await session.execute(select(Attachment))).scalars()]
        assert (await other.post(f"{address}/{first}/removal")).status_code == 403
        assert not await services.remove_file(runtime.database, store, first)
        assert (await author.post(f"{address}/{first}/removal")).status_code == 303
        assert "No files yet" in (await manager.post(f"{address}/{second}/removal", headers=PARTIAL)).text
        queued = (await session.execute(select(Job).where(Job.kind == services.REMOVE_FILE))).scalars().all()
        assert {job.payload["attachment_id"] for job in queued} == {str(first), str(second)}
        assert store.path(first).exists()
        for job in queued:
            assert await services.remove_file(runtime.database, store, UUID(job.payload["attachment_id"]))
        assert [path for path in store.root.rglob("*") if path.is_file()] == []
        told = (await session.execute(select(AuditEntry).where(AuditEntry.subject_id == vehicle.id))).scalars().all()
        assert [one.action.partition(".")[2] for one in told][-4:] == ["attachment_added"] * 2 + [
            "attachment_deleted"
        ] * 2

    async def test_nobody_reaches_files_of_a_record_that_they_may_not_see(self, client_for, session, store):
        vehicle, other = await make_vehicle(session), await make_vehicle(session)
        clerk, address = await client_for("fleet_clerk"), f"/records/vehicle/{vehicle.id}/attachments"
        await clerk.post(address, files=several(("a.jpg", files.image())))
        (one,) = (await session.execute(select(Attachment))).scalars()
        stranger = await client_for("fleet_manager", markets=["LV"], branches=None)
        ways = ("", "/content", "/preview", "/thumbnail")
        for path in (address, *(f"{address}/{one.id}{way}" for way in ways)):
            assert (await clerk.get(path)).status_code == 200
            assert (await stranger.get(path)).status_code == 404
        assert (await stranger.post(address, files=several(("b.jpg", files.image())))).status_code == 404
        assert (await stranger.post(f"{address}/{one.id}/removal")).status_code == 404
        elsewhere = f"/records/vehicle/{other.id}/attachments/{one.id}"
        for way in ways:
            assert (await clerk.get(f"{elsewhere}{way}")).status_code == 404
        assert (await clerk.get(f"/records/job/{uuid4()}/attachments")).status_code == 404
        auditor = await client_for("auditor")
        assert "a.jpg" in (await auditor.get(address)).text
        assert (await auditor.post(address, files=several(("b.jpg", files.image())))).status_code == 403

    async def test_a_body_that_is_too_large_is_refused_unread(self, client_for, session, store):
        vehicle, clerk = await make_vehicle(session), await client_for("fleet_clerk")
        large = several(("a.jpg", bytes(rules.MAX_REQUEST_BYTES + 2_000_000)))
        answer = await clerk.post(f"/records/vehicle/{vehicle.id}/attachments", files=large)
        assert answer.status_code == 413
        assert not store.root.exists()


class TestApi:
    async def test_a_file_is_attached_once_read_and_deleted(self, api_for, session, store):
        vehicle, clerk = await make_vehicle(session), await api_for("fleet_clerk")
        address, key = f"/vehicles/{vehicle.id}/attachments", {"idempotency-key": "file-1"}
        made = await clerk.post(address, files={"file": ("dent.jpg", files.photo())}, headers=key)
        assert made.status_code == 201
        item = made.json()
        assert (item["media_type"], item["width"], item["height"]) == ("image/jpeg", 40, 60)
        assert "pages" not in item
        again = await clerk.post(address, files={"file": ("dent.jpg", files.photo())}, headers=key)
        assert (again.headers["idempotency-replayed"], again.json()["id"]) == ("true", item["id"])
        reused = await clerk.post(address, files={"file": ("dent.jpg", files.image())}, headers=key)
        assert reused.json()["code"] == "idempotency_key_reused"
        same = await clerk.post(address, files={"file": ("two.jpg", files.photo())})
        assert (same.status_code, same.json()["code"]) == (409, "already_attached")
        one = made.headers["location"].removeprefix("/api/v1")
        assert (await clerk.get(one)).json() == item
        assert (await clerk.get(one, headers={"if-none-match": made.headers["etag"]})).status_code == 304
        content = await clerk.get(f"{one}/content")
        assert (content.headers["etag"], len(content.content)) == (made.headers["etag"], item["size_bytes"])
        assert (await clerk.delete(one)).status_code == 428
        assert (await clerk.delete(one, headers={"if-match": '"9"'})).status_code == 412
        assert (await clerk.delete(one, headers={"if-match": made.headers["etag"]})).status_code == 204
        assert (await clerk.get(f"{one}/content")).status_code == 404

    async def test_lists_go_by_cursor(self, api_for, session, store):
        vehicle, clerk = await make_vehicle(session), await api_for("fleet_clerk")
        address = f"/vehicles/{vehicle.id}/attachments"
        for number in range(3):
            picture = files.image(size=(10 + number, 10))
            await clerk.post(address, files={"file": (f"{number}.jpg", picture)})
        first = (await clerk.get(address, params={"limit": 2})).json()
        rest = (await clerk.get(address, params={"limit": 2, "cursor": first["next_cursor"]})).json()
        assert [one["name"] for one in first["items"] + rest["items"]] == ["2.jpg", "1.jpg", "0.jpg"]
        assert rest["next_cursor"] is None
        assert (await clerk.get(address, params={"limit": 51})).status_code == 422

    async def test_refusals_are_problems(self, api_for, session, store):
        vehicle, clerk = await make_vehicle(session), await api_for("fleet_clerk")
        address = f"/vehicles/{vehicle.id}/attachments"
        refused = await clerk.post(address, files={"file": ("x.png", SVG)})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/file"
        assert (await clerk.post(address, json={})).status_code == 415
        assert (await clerk.post(address, files={"other": ("x.png", SVG)})).status_code == 400
        assert (await clerk.post(address, files=[("file", ("x.png", SVG))] * 2)).status_code == 422
        stranger = await api_for("fleet_clerk", markets=["LV"], branches=None)
        assert (await stranger.post(address, files={"file": ("a.jpg", files.image())})).status_code == 404
        auditor = await api_for("auditor")
        assert (await auditor.post(address, files={"file": ("a.jpg", files.image())})).status_code == 403

    async def test_a_record_takes_so_many_and_no_more(self, api_for, session, store):
        vehicle, clerk = await make_vehicle(session), await api_for("fleet_clerk")
        facts = {"media_type": "image/jpeg", "size_bytes": 1, "name": "a.jpg", "added_by": "Mari Kask"}
        for number in range(rules.MAX_PER_RECORD):
            key = {"subject_kind": "vehicle", "subject_id": vehicle.id, "sha256": f"{number:064}"}
            session.add(Attachment(**key, **facts))
        await session.commit()
        answer = await clerk.post(f"/vehicles/{vehicle.id}/attachments", files={"file": ("b.jpg", files.image())})
        assert (answer.status_code, answer.json()["code"]) == (409, "too_many_attachments")
        assert [path for path in store.root.rglob("*") if path.is_file()] == []


class TestSweep:
    async def test_only_old_files_without_a_row_are_deleted(self, api_for, session, store, runtime):
        vehicle, clerk = await make_vehicle(session), await api_for("fleet_clerk")
        made = await clerk.post(f"/vehicles/{vehicle.id}/attachments", files={"file": ("a.jpg", files.image())})
        known, old, new = UUID(made.json()["id"]), uuid4(), uuid4()
        for path in (store.path(old), store.thumbnail(old), store.path(new), store.root / "incoming" / str(uuid4())):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"left")
        past = time() - (services.ORPHAN_AGE + timedelta(hours=1)).total_seconds()
        for path in store.root.rglob("*"):
            if path.is_file() and new.hex not in path.name.replace("-", ""):
                os.utime(path, (past, past))
        assert await services.sweep_orphans(runtime.database, store) == 3
        left = {path for path in store.root.rglob("*") if path.is_file()}
        assert left == {store.path(known), store.thumbnail(known), store.path(new)}


class TestDemo:
    async def test_the_demo_has_drawn_photos_of_a_colleague(self, client_for, session, store, runtime):
        vehicle, clerk = await make_vehicle(session), await client_for("fleet_clerk")
        vehicle.state = VehicleState.BLOCKED
        await session.commit()
        assert await attach_files(runtime.database, store.data_dir) == 2
        found = (await session.execute(select(Attachment))).scalars().all()
        assert {(one.subject_id, one.added_by) for one in found} == {(vehicle.id, clerk.staff.name)}

"""Notes: written, named in, changed, taken back; on pages and in the API, and never as somebody's markup."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.desk.notes import adapters, rules
from app.desk.notes.models import Note, NoteVersion
from app.desk.notes.rules import Person
from app.desk.notifications.models import Notification
from tests.factories.rental import make_location, make_vehicle
from tests.factories.staff import make_staff

PARTIAL = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "section#notes-panel"}
MARI = Person("1", "Mari Kask", "mari@example.test")
MARI_ANN = Person("2", "Mari Kask-Tamm", "ann@example.test")
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](  vbscript:x)",
    "![x](https://example.test/pixel.png)",
    "<svg/onload=alert(1)>",
    '<a href="https://example.test" onclick="x()">x</a>',
    "<style>*{display:none}</style>",
    '"><form action=https://example.test><input>',
    "[x](https://example.test 'onmouseover=alert(1)')",
    "<iframe srcdoc='<script>1</script>'></iframe>",
]


class TestMarkdown:
    @pytest.mark.parametrize("text", ATTACKS)
    def test_no_markup_of_the_writer_comes_through(self, text):
        html = adapters.to_html(text, {})
        for tag in (
            "<script",
            "<img",
            "<svg",
            "<style",
            "<form",
            "<iframe",
            "<input",
            'href="javascript',
            'href="data',
        ):
            assert tag not in html.lower()
        assert "onclick=" not in html.replace("&quot;", "").split("<a")[-1].split(">")[0]

    def test_what_people_write_is_shown(self):
        html = adapters.to_html("# Big\n\n**Dent** on the [door](https://example.test)\n\n- one\n- two", {})
        assert "<h1" not in html
        assert "<strong>Dent</strong>" in html
        assert 'rel="noopener noreferrer nofollow"' in html
        assert html.count("<li>") == 2

    def test_names_are_marked_outside_of_code(self):
        html = adapters.to_html("@Mari Kask see `@Mari Kask`", {"mari kask": "Mari Kask"})
        assert html.count('<span class="mention">@Mari Kask</span>') == 1


class TestMentions:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("@Mari Kask, look", ["Mari Kask"]),
            ("ask @mari kask-tamm", ["Mari Kask-Tamm"]),
            ("(@ann@example.test)", ["Mari Kask-Tamm"]),
            ("mail me@mari kask", []),
            ("@Mari Kaskinen", []),
            ("@nobody", []),
        ],
    )
    def test_the_longest_name_wins(self, text, names):
        assert [person.name for person in rules.mentioned(text, [MARI, MARI_ANN]).values()] == names

    def test_a_difference_tells_what_went_and_came(self):
        assert [tuple(piece) for piece in rules.difference("a red car", "a blue car")] == [
            ("same", "a "), ("gone", "red"), ("new", "blue"), ("same", " car"),
        ]  # fmt: skip


class TestPages:
    async def test_a_note_names_a_colleague_who_may_see_the_record(self, client_for, session):
        await make_location(session, "NOT")
        vehicle = await make_vehicle(session, location="NOT")
        near = await make_staff(session, roles=["fleet_clerk"], name="Jaan Near", markets=["EE"], branches=["NOT"])
        far = await make_staff(session, roles=["fleet_clerk"], name="Jaan Far", markets=["LV"], branches=None)
        clerk = await client_for("fleet_clerk", markets=["EE"], branches=["NOT"])
        address = f"/records/vehicle/{vehicle.id}/notes"
        offered = (await clerk.get(f"{address}/readers?q=jaan")).text
        assert "Jaan Near" in offered
        assert "Jaan Far" not in offered
        text = "**Dent** @Jaan Near @Jaan Far"
        preview = await clerk.post(address, data={"text": text, "preview": "true"}, headers=PARTIAL)
        assert "<strong>Dent</strong>" in preview.text
        assert (await session.execute(select(Note))).first() is None
        shown = await clerk.post(address, data={"text": text}, headers=PARTIAL)
        assert '<span class="mention">@Jaan Near</span> @Jaan Far' in shown.text
        [note] = (await session.execute(select(Note))).scalars()
        changed = {"text": "_Scratch_ <b>x</b>", "preview": "true"}
        edited = await clerk.post(f"{address}/{note.id}/edit", data=changed, headers=PARTIAL)
        assert edited.text.lstrip().startswith('<form class="note-form"')
        assert "<em>Scratch</em> &lt;b&gt;x" in edited.text
        assert (await session.get(Note, note.id, populate_existing=True)).text == text
        told = (await session.execute(select(Notification))).scalars().all()
        assert [(one.recipient_id, one.kind) for one in told] == [(near.id, "note.mentioned")]
        assert far.id not in {one.recipient_id for one in told}
        page = (await clerk.get(f"/vehicles/{vehicle.id}")).text
        assert "<strong>Dent</strong>" in page
        assert "Note added" in page

    async def test_numbers_and_empty_notes_are_refused(self, client_for, session):
        vehicle = await make_vehicle(session)
        clerk, address = await client_for("fleet_clerk"), f"/records/vehicle/{vehicle.id}/notes"
        for text, words in (("4111 1111 1111 1111", "card number"), ("38001085718", "identity"), (" ", "Write")):
            answer = await clerk.post(address, data={"text": text}, headers=PARTIAL)
            assert answer.status_code == 422
            assert words in answer.text

    async def test_authors_change_their_own_and_others_need_a_permission(self, client_for, session):
        vehicle = await make_vehicle(session)
        author, other, admin = [await client_for(role) for role in ("fleet_clerk", "fleet_clerk", "admin")]
        address = f"/records/vehicle/{vehicle.id}/notes"
        await author.post(address, data={"text": "Dent left"})
        note = (await session.execute(select(Note))).scalar_one()
        assert (await other.post(f"{address}/{note.id}/edit", data={"text": "x"})).status_code == 403
        assert (await other.post(f"{address}/{note.id}/removal")).status_code == 403
        assert (await author.post(f"{address}/{note.id}/edit", data={"text": "Dent right"})).status_code == 303
        history = (await other.get(f"{address}/{note.id}/history")).text
        assert "<del>left</del>" in history
        assert "<ins>right</ins>" in history
        assert (await other.post(f"{address}/{note.id}/pin")).status_code == 303
        assert (await admin.post(f"{address}/{note.id}/removal")).status_code == 303
        page = (await author.get(f"/vehicles/{vehicle.id}")).text
        assert "Deleted by" in page
        assert "Dent" not in page
        await session.refresh(note)
        assert (note.text, note.is_pinned) == ("", False)
        assert (await session.execute(select(NoteVersion))).first() is None
        facts = (await session.execute(select(AuditEntry).where(AuditEntry.subject_id == vehicle.id))).scalars().all()
        assert [one.action for one in facts][-3:] == [
            "vehicle.note_edited",
            "vehicle.note_pinned",
            "vehicle.note_deleted",
        ]
        assert not any("Dent" in str((one.changes, one.facts, one.why)) for one in facts)
        assert (await author.get(f"{address}/{note.id}/history")).status_code == 404

    async def test_nobody_reaches_the_notes_of_a_record_that_they_may_not_see(self, client_for, session):
        vehicle = await make_vehicle(session)
        other = await make_vehicle(session)
        clerk = await client_for("fleet_clerk")
        await clerk.post(f"/records/vehicle/{vehicle.id}/notes", data={"text": "secret"})
        note = (await session.execute(select(Note))).scalar_one()
        stranger = await client_for("fleet_manager", markets=["LV"], branches=None)
        address = f"/records/vehicle/{vehicle.id}/notes"
        for path in (address, f"{address}/readers", f"{address}/{note.id}/edit", f"{address}/{note.id}/history"):
            assert (await stranger.get(path)).status_code == 404
        for path in (address, f"{address}/{note.id}/removal", f"{address}/{note.id}/pin"):
            assert (await stranger.post(path, data={"text": "x"})).status_code == 404
        assert (await clerk.get(f"/records/vehicle/{other.id}/notes/{note.id}/history")).status_code == 404
        assert (await clerk.get(f"/records/job/{uuid4()}/notes")).status_code == 404
        auditor = await client_for("auditor")
        assert "secret" in (await auditor.get(address)).text
        assert (await auditor.post(address, data={"text": "x"})).status_code == 403


class TestApi:
    async def test_pages_of_notes_begin_with_the_pinned_ones(self, api_for, session):
        vehicle = await make_vehicle(session)
        clerk, address = await api_for("fleet_clerk"), f"/vehicles/{vehicle.id}/notes"
        made = [(await clerk.post(address, json={"text": f"Note {number}"})).json() for number in range(5)]
        first = made[0]
        pinned = await clerk.patch(
            f"{address}/{first['id']}", json={"is_pinned": True}, headers={"if-match": f'"{first["version"]}"'}
        )
        assert pinned.json()["is_pinned"] is True
        seen, cursor = [], None
        while True:
            page = (await clerk.get(address, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
            seen += [item["text"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == ["Note 0", "Note 4", "Note 3", "Note 2", "Note 1"]

    async def test_a_change_needs_the_present_version(self, api_for, session):
        vehicle = await make_vehicle(session)
        clerk, address = await api_for("fleet_clerk"), f"/vehicles/{vehicle.id}/notes"
        made = await clerk.post(address, json={"text": "One"}, headers={"idempotency-key": "note-1"})
        again = await clerk.post(address, json={"text": "One"}, headers={"idempotency-key": "note-1"})
        assert again.json()["id"] == made.json()["id"]
        assert made.headers["location"] == f"/api/v1{address}/{made.json()['id']}"
        one = f"{address}/{made.json()['id']}"
        assert (await clerk.patch(one, json={"text": "Two"})).status_code == 428
        changed = await clerk.patch(one, json={"text": "Two"}, headers={"if-match": made.headers["etag"]})
        assert changed.json()["text"] == "Two"
        assert (await clerk.delete(one, headers={"if-match": made.headers["etag"]})).status_code == 412
        assert [item["text"] for item in (await clerk.get(f"{one}/versions")).json()["items"]] == ["Two", "One"]
        assert (await clerk.get(one, headers={"if-none-match": changed.headers["etag"]})).status_code == 304
        assert (await clerk.delete(one, headers={"if-match": changed.headers["etag"]})).status_code == 204
        assert (await clerk.get(one)).status_code == 404
        (item,) = (await clerk.get(address)).json()["items"]
        assert "text" not in item
        assert item["deleted_by"]
        refused = await clerk.post(address, json={"text": "4111111111111111"})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "/text"

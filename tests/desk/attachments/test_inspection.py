"""What is taken, what becomes of it, and what is refused in which words."""

import io
import stat

import pytest
from PIL import Image

from app.core.errors import InvalidFields
from app.desk.attachments import rules
from app.desk.attachments.adapters.store import Store
from app.desk.attachments.rules import Refusal
from app.desk.attachments.services import WORDS, inspect_uploads
from tests.desk.attachments import files
from tests.desk.attachments.conftest import upload

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED = [
    ("empty.jpg", b"", Refusal.EMPTY),
    ("drawing.png", SVG, Refusal.MARKUP),
    ("page.pdf", b"<!doctype html><script>alert(1)</script>%PDF-1.4", Refusal.MARKUP),
    ("letter.pdf", files.archive(), Refusal.ARCHIVE),
    ("IMG_1.jpg", b"\x00\x00\x00\x18ftypheic" + bytes(40), Refusal.HEIC),
    ("tool.png", b"MZ" + bytes(200), Refusal.UNKNOWN_TYPE),
    ("moving.gif", b"GIF89a" + bytes(200), Refusal.UNKNOWN_TYPE),
    ("photo.jpg", files.image() + files.archive(), Refusal.MIXED),
    ("photo.jpg", b"\xff\xd8\xff\xe0<script>alert(1)</script>" + files.image(), Refusal.MIXED),
    ("photo.png", b"\x89PNG\r\n\x1a\n%PDF-1.4", Refusal.MIXED),
    ("page.pdf", b"%PDF-1.4\n<html><script>alert(1)</script>" + files.document(), Refusal.MIXED),
    ("both.pdf", files.document() + files.archive(), Refusal.MIXED),
    ("cut.jpg", files.image(size=(400, 400))[:900], Refusal.DAMAGED),
    ("cut.png", files.image("PNG", (400, 400))[:-40], Refusal.DAMAGED),
    ("cut.pdf", b"%PDF-1.7\n1 0 obj", Refusal.DAMAGED),
    ("bomb.png", files.bomb(), Refusal.TOO_MANY_PIXELS),
    ("wide.png", files.bomb(rules.MAX_PIXELS + 1, 1), Refusal.TOO_MANY_PIXELS),
    ("film.webp", files.animation(), Refusal.ANIMATED),
    ("locked.pdf", files.locked(), Refusal.ENCRYPTED),
    ("long.pdf", files.document(rules.MAX_PAGES + 1), Refusal.TOO_MANY_PAGES),
    ("script.pdf", files.with_script(), Refusal.ACTIVE),
    ("carrier.pdf", files.with_file(), Refusal.ACTIVE),
    ("launch.pdf", files.with_launch(), Refusal.ACTIVE),
    ("form.pdf", files.opening_with("/SubmitForm"), Refusal.ACTIVE),
    ("photo.svg", files.image("PNG"), Refusal.OTHER_ENDING),
    ("photo.png", files.image("JPEG"), Refusal.OTHER_ENDING),
    ("invoice.pdf.exe", files.document(), Refusal.OTHER_ENDING),
    ("photo.php.jpg", files.image(), Refusal.TWO_ENDINGS),
]


@pytest.mark.parametrize(("name", "content", "why"), REFUSED, ids=[f"{name}-{why}" for name, _, why in REFUSED])
async def test_refuses(inspect, tmp_path, name, content, why):
    with pytest.raises(InvalidFields) as refused:
        await inspect(name, content)
    assert refused.value.problems[0].detail == WORDS[why]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_one_byte_too_many_is_refused_while_it_comes(inspect):
    with pytest.raises(InvalidFields, match="10 MB"):
        await inspect("large.jpg", files.image() + bytes(rules.MAX_FILE_BYTES))


async def test_an_image_is_written_anew_upright_and_without_what_it_told(inspect, tmp_path):
    sent = files.photo()
    found, store = await inspect("photo.JPG", sent), Store(tmp_path)
    kept = store.path(found.id).read_bytes()
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size) == ("JPEG", (40, 60))
        assert not image.getexif()
        assert "comment" not in image.info
    assert b"Camera" in sent
    assert b"Camera" not in kept
    assert b"secret" not in kept
    assert (found.width, found.height, found.size_bytes) == (40, 60, len(kept))
    assert stat.S_IMODE(store.path(found.id).stat().st_mode) == 0o600
    assert stat.S_IMODE(store.thumbnail(found.id).stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_other_images_stay_what_they_are_with_a_small_one_beside(inspect, tmp_path, kind):
    found = await inspect(f"sketch.{kind.lower()}", files.image(kind, (900, 300)))
    assert found.media_type == f"image/{kind.lower()}"
    with Image.open(Store(tmp_path).thumbnail(found.id)) as small:
        assert (small.format, small.size) == ("JPEG", (320, 107))


@pytest.mark.parametrize("content", [files.document(3), files.opening_at_a_page()])
async def test_a_plain_document_stays_as_it_is(inspect, tmp_path, content):
    found = await inspect("contract.pdf", content)
    assert Store(tmp_path).path(found.id).read_bytes() == content
    assert found.pages in (1, 3)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Users\\mari\\dent.jpg", "dent.jpg"),
        ("a\r\nSet-Cookie: x=1.jpg", "a Set-Cookie: x=1.jpg"),
        ("dent\u202egpj.jpg", "dent gpj.jpg"),
        (".jpg", "jpg.jpg"),
        ("", "file.jpg"),
        ("x" * 400 + ".jpg", "x" * 116 + ".jpg"),
        ("2026.11.26 esikülg.jpg", "2026.11.26 esikülg.jpg"),
        ("photo", "photo.jpg"),
    ],
)
async def test_names_are_no_paths_and_end_as_they_should(inspect, given, name):
    assert (await inspect(given, files.image())).name == name


@pytest.mark.parametrize("name", ["4111 1111 1111 1111.jpg", "pass 38001085718.jpg"])
async def test_numbers_in_names_are_refused(inspect, name):
    with pytest.raises(InvalidFields, match="number"):
        await inspect(name, files.image())


async def test_one_refused_file_does_not_hold_up_the_others(tmp_path):
    some = [upload("a.jpg", files.image()), upload("b.png", SVG), upload("c.pdf", files.document())]
    found, refused = await inspect_uploads(Store(tmp_path), some)
    assert [one.name for one in found] == ["a.jpg", "c.pdf"]
    assert refused == [("b.png", WORDS[Refusal.MARKUP])]
    for wrong in ([], some * 4):
        with pytest.raises(InvalidFields):
            await inspect_uploads(Store(tmp_path), wrong)

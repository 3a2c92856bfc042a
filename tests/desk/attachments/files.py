"""Files as people send them, and as those send them who mean harm."""

import io
import struct
import zipfile
import zlib

from PIL import Image
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

GPS = 0x8825
ORIENTATION, SOFTWARE = 0x0112, 0x0131


def image(kind: str = "JPEG", size: tuple[int, int] = (60, 40), colour: str = "navy", **options: object) -> bytes:
    """A picture of one colour."""
    made = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, colour).save(made, kind, **options)
    return made.getvalue()


def photo() -> bytes:
    """A JPEG that lies on its side and tells where it was taken, with a comment."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[SOFTWARE] = 6, "Camera 7"
    exif.get_ifd(GPS)[2] = (59.0, 26.0, 14.0)
    return image("JPEG", exif=exif, comment=b"secret comment")


def document(pages: int = 1, **actions: object) -> bytes:
    """A PDF; `actions` go into its root."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    for name, value in actions.items():
        writer.root_object[NameObject(f"/{name}")] = value
    return written(writer)


def with_script() -> bytes:
    """A script that runs when the document is opened, without being its opening action."""
    script = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    names = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("run"), script])})
    return document(Names=DictionaryObject({NameObject("/Anything"): names}))


def with_file() -> bytes:
    return _changed(lambda writer: writer.add_attachment("tool.exe", b"MZ"))


def with_launch() -> bytes:
    """A link that starts a program."""

    def change(writer: PdfWriter) -> None:
        note = FreeText(text="press", rect=(0, 0, 50, 50))
        note[NameObject("/A")] = DictionaryObject(
            {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")}
        )
        writer.add_annotation(0, note)

    return _changed(change)


def opening_with(action: str) -> bytes:
    """A document that does something when it is opened."""
    return document(OpenAction=DictionaryObject({NameObject("/S"): NameObject(action)}))


def opening_at_a_page() -> bytes:
    """What LaTeX and office programs write: it only says which page is shown first."""
    return document(OpenAction=ArrayObject([NameObject("/Fit")]))


def locked() -> bytes:
    return _changed(lambda writer: writer.encrypt("password", algorithm="RC4-128"))


def bomb(width: int = 20_000, height: int = 20_000) -> bytes:
    """A PNG of a few hundred kilobytes that would become 400 megapixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("Main.class", b"\xca\xfe\xba\xbe")
    return made.getvalue()


def animation() -> bytes:
    first, second = Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue")
    made = io.BytesIO()
    first.save(made, "WEBP", save_all=True, append_images=[second])
    return made.getvalue()


def written(writer: PdfWriter) -> bytes:
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _changed(change: object) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    change(writer)
    return written(writer)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

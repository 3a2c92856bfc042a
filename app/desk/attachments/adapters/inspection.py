"""Looking into one file, in a process of its own that knows nothing of the application: `python -I inspection.py`.

It reads an order from its input and answers with a verdict, both JSON. Images are decoded, turned upright, and written
anew without anything else that was in them; documents stay as they are, or are refused for what they would do.
"""

import io
import json
import resource
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

HEAD_BYTES = 1024
MOST_OBJECTS = 200_000
MARKUP = (b"<html", b"<!doctype", b"<script", b"<svg", b"<?php")
ACTIONS = frozenset(
    {
        "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound",
        "/RichMediaExecute",
    }
)  # fmt: skip
ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFile", "/EmbeddedFiles", "/EF", "/AA", "/XFA", "/RichMedia"})
ACTIVE_TYPES = frozenset({"/EmbeddedFile", "/Filespec", "/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/Sound"})
JPEG_QUALITY, THUMBNAIL_QUALITY = 88, 80
SETTINGS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": JPEG_QUALITY},
    "PNG": {"compress_level": 4},
    "WEBP": {"quality": JPEG_QUALITY, "method": 2},
}


class RefusedError(Exception):
    """Its one argument is the code of the refusal."""


def main() -> None:
    order = json.load(sys.stdin)
    for limit, most in ((resource.RLIMIT_AS, order["memory_bytes"]), (resource.RLIMIT_CPU, order["cpu_seconds"]),
                        (resource.RLIMIT_FSIZE, order["output_bytes"]), (resource.RLIMIT_CORE, 0)):  # fmt: skip
        resource.setrlimit(limit, (most, most))
    warnings.simplefilter("ignore")
    try:
        verdict = inspect(order)
    except RefusedError as refused:
        verdict = {"refusal": refused.args[0]}
    except MemoryError:
        verdict = {"refusal": "too_hard"}
    except Exception:  # noqa: BLE001 - decoders raise of many kinds; whatever it is, the file is not taken
        verdict = {"refusal": "damaged"}
    json.dump(verdict, sys.stdout)


def inspect(order: dict[str, Any]) -> dict[str, Any]:
    """Raises RefusedError."""
    source = Path(order["source"])
    refuse_mixed(source)
    if order["media_type"] == "application/pdf":
        return inspect_document(source, order["max_pages"])
    return inspect_image(source, order)


def refuse_mixed(source: Path) -> None:
    """A file that is two things at once is taken for the other one by somebody else's program."""
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    is_document = head.startswith(b"%PDF-")
    is_markup = any(word in head.lower() for word in MARKUP)
    if is_markup or zipfile.is_zipfile(source) or (not is_document and b"%PDF-" in head):
        raise RefusedError("mixed")


def inspect_image(source: Path, order: dict[str, Any]) -> dict[str, Any]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # our own limit is looked at before anything is decoded
    with Image.open(source, formats=("JPEG", "PNG", "WEBP")) as image:
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        if image.width * image.height > order["max_pixels"]:
            raise RefusedError("too_many_pixels")
        if kind != "JPEG" and getattr(image, "is_animated", False):
            raise RefusedError("animated")
        image.load()
        upright = plain(in_standard_colours(ImageOps.exif_transpose(image)), has_alpha=kind != "JPEG")
    upright.info.clear()
    upright.save(order["target"], kind, **SETTINGS[kind])
    side = order["thumbnail_pixels"]
    small = ImageOps.contain(upright, (side, side)) if max(upright.size) > side else upright
    if small.mode == "RGBA":
        ground = Image.new("RGB", small.size, "white")
        ground.paste(small, mask=small.getchannel("A"))
        small = ground
    small.save(order["thumbnail"], "JPEG", quality=THUMBNAIL_QUALITY)
    return {"width": upright.width, "height": upright.height}


def in_standard_colours(image: Any) -> Any:
    """The same colours in sRGB, so that the profile need not be kept; a profile that is none is left out."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    mode = "RGB" if image.mode == "CMYK" else image.mode
    try:
        return ImageCms.profileToProfile(image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return image


def plain(image: Any, *, has_alpha: bool) -> Any:
    """The picture with 8 bits for each of its grey, or red, green and blue, and alpha where it has some."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(_to_8_bits).convert("L")
    if has_alpha and image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _to_8_bits(value: Any) -> Any:
    return value / 256


def inspect_document(source: Path, max_pages: int) -> dict[str, Any]:
    from pypdf import PdfReader

    reader = PdfReader(source)
    if reader.is_encrypted:
        raise RefusedError("encrypted")
    pages = len(reader.pages)
    if pages > max_pages:
        raise RefusedError("too_many_pages")
    if not pages:
        raise RefusedError("damaged")
    refuse_active(reader)
    return {"pages": pages}


def refuse_active(reader: Any) -> None:
    """Walk over everything that the document's root reaches, and refuse what acts by itself or carries other files."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

    opening = reader.root_object.get("/OpenAction")
    opening = opening.get_object() if opening is not None else None
    if isinstance(opening, DictionaryObject) and opening.get("/S") != "/GoTo":
        raise RefusedError("active")
    waiting: list[Any] = [reader.root_object]
    seen: set[tuple[int, int]] = set()
    walked = 0
    while waiting:
        walked += 1
        if walked > MOST_OBJECTS:
            raise RefusedError("too_hard")
        found = waiting.pop()
        if isinstance(found, IndirectObject):
            if (found.idnum, found.generation) in seen:
                continue
            seen.add((found.idnum, found.generation))
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            kinds = {str(found.raw_get(key)) for key in ("/S", "/Type", "/Subtype") if key in found}
            if ACTIVE_KEYS.intersection(found) or kinds & (ACTIONS | ACTIVE_TYPES):
                raise RefusedError("active")
            waiting.extend(found.raw_get(key) for key in found)
        elif isinstance(found, ArrayObject):
            waiting.extend(found)


if __name__ == "__main__":
    main()

"""Files of a request, for pages and for the API."""

from collections.abc import AsyncIterator
from functools import partial

from litestar.datastructures import UploadFile

from app.core.api_requests import UnsupportedMediaType
from app.core.errors import InvalidFields, MalformedRequest
from app.core.http import Request
from app.desk.attachments.rules import MAX_REQUEST_BYTES
from app.desk.attachments.services import Upload
from app.kit.problems import Problem

CHUNK_BYTES = 1024 * 1024
BODY_BYTES = MAX_REQUEST_BYTES + CHUNK_BYTES
"""The files, and room for the parts of a form around them."""
MULTIPART = "multipart/form-data"


async def read_uploads(request: Request) -> list[Upload]:
    """The files of a page's form; an input that was left empty is none."""
    found = (await request.form()).getall("files", [])
    return [_upload(one) for one in found if isinstance(one, UploadFile) and one.filename]


async def read_upload(request: Request) -> Upload:
    """The one part `file` of a request to the API. Raises UnsupportedMediaType, MalformedRequest and InvalidFields."""
    kind = request.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != MULTIPART:
        raise UnsupportedMediaType(f"Send {MULTIPART}.", headers={"Accept": MULTIPART})
    form = await request.form()
    if unknown := sorted(set(form).difference({"file"})):
        raise MalformedRequest(f"unknown part {', '.join(unknown)}; known is file")
    found = form.getall("file", [])
    if len(found) != 1 or not isinstance(found[0], UploadFile):
        raise InvalidFields([Problem("file", "missing", "Send one file as the part `file`, with its name")])
    return _upload(found[0])


def _upload(file: UploadFile) -> Upload:
    return Upload(file.filename, partial(_chunks, file))


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    await file.seek(0)
    while chunk := await file.read(CHUNK_BYTES):
        yield chunk

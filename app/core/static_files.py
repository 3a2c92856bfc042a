"""Built assets: hashed names, precompressed, cached for a year."""

import mimetypes
from pathlib import Path

from litestar import Controller, Response, get
from litestar.params import FromPath

from app.core.errors import NotFound
from app.core.http import Request
from app.core.permissions import PUBLIC
from app.settings import STATIC

BUILT = STATIC / "dist"
FOREVER = "public, max-age=31536000, immutable"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


class StaticFiles(Controller):
    """Files by the names of the build's manifest, and nothing else."""

    path = "/static"
    opt = {"permission": PUBLIC}
    include_in_schema = False

    @get("/{name:path}", name="static")
    async def show(self, request: Request, name: FromPath[Path]) -> Response[bytes]:
        asked = name.as_posix().lstrip("/")
        if asked not in request.runtime.asset_files:
            raise NotFound
        path = BUILT / asked
        headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
        accepted = request.headers.get("accept-encoding", "")
        for encoding, suffix in ENCODINGS:
            packed = path.with_name(path.name + suffix)
            if encoding in accepted and packed.exists():
                return _file(packed, path, headers | {"Content-Encoding": encoding})
        return _file(path, path, headers)


def _file(path: Path, original: Path, headers: dict[str, str]) -> Response[bytes]:
    media_type = mimetypes.guess_type(original.name)[0] or "application/octet-stream"
    return Response(path.read_bytes(), media_type=media_type, headers=headers)

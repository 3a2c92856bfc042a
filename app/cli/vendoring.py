"""The browser's packages: installed by npm from the lock, the files in use copied into `static/vendor/`."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.cli import tools
from app.cli.failures import CommandFailed
from app.settings import STATIC

INSTALL_SECONDS: Final = 600
STAMP: Final = ".installed-lock"
ICONS: Final = "vendor/icons.svg"
CHECKSUMS: Final = "vendor.sha256"

ICON_ATTRIBUTES: Final = (
    'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
    'stroke-linejoin="round"'
)


def ensure_vendor(static: Path = STATIC, *, update_checksums: bool = False) -> None:
    """Bring `static/vendor/` up to the lock and the icon list, and refuse files that are not the committed ones.

    The checksums cover the packages' files; the icon sprite is drawn here from the committed list.
    """
    if not update_checksums and vendor_is_current(static):
        return
    install_packages(static)
    packages = static / "node_modules"
    files = {**package_files(packages), ICONS: icon_sprite(packages, static / "icons.txt")}
    sums = {path: _sha256(content) for path, content in files.items() if path != ICONS}
    if update_checksums:
        (static / CHECKSUMS).write_text("".join(f"{digest}  {path}\n" for path, digest in sorted(sums.items())))
    for path, digest in read_checksums(static).items():
        if sums.pop(path, None) != digest:
            raise CommandFailed(f"static/{path} is not the committed one; see `forecourt assets --update-manifest`.")
    if sums:
        raise CommandFailed(f"static/{min(sums)} is not in {CHECKSUMS}; see `forecourt assets --update-manifest`.")
    shutil.rmtree(static / "vendor", ignore_errors=True)
    for path, content in files.items():
        target = static / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    (static / "vendor" / STAMP).write_text(_inputs(static))


def vendor_is_current(static: Path = STATIC) -> bool:
    """Say whether `static/vendor/` was made from this lock and icon list and still holds the committed files."""
    try:
        made_from = (static / "vendor" / STAMP).read_text()
        sums = {path: _sha256((static / path).read_bytes()) for path in read_checksums(static)}
    except OSError:
        return False
    return made_from == _inputs(static) and sums == read_checksums(static) and (static / ICONS).exists()


def install_packages(static: Path = STATIC) -> None:
    """Run `npm ci` when the lock is not the one that `node_modules` was installed from."""
    stamp = static / "node_modules" / STAMP
    wanted = _sha256((static / "package-lock.json").read_bytes())
    if stamp.exists() and stamp.read_text() == wanted:
        return
    tools.require(tools.NODE)
    npm = tools.find_program("npm") or "npm"
    try:
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-progress"],
            cwd=static,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"npm did not install the browser's packages within {INSTALL_SECONDS} s.") from None
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if "error" in line] or ["no reason given"]
        raise CommandFailed(f"npm could not install the browser's packages: {told[0]}")
    stamp.write_text(wanted)


def package_files(packages: Path) -> dict[str, bytes]:
    """Return what the pages load from the packages, by its path below `static/`."""
    tabler = (packages / "@tabler/core/dist/css/tabler.min.css").read_bytes()
    inter = packages / "@fontsource-variable/inter"
    script = packages / "htmx.org/dist/htmx.min.js"
    font_css = (inter / "wght.css").read_text()
    files = {
        "vendor/tabler.layered.css": layered(tabler, "tabler"),
        "vendor/inter.css": font_css.encode(),
        "vendor/htmx.js": without_source_map(script.read_bytes()) + b"\n",
    }
    for name in re.findall(r"url\(\./files/([\w.-]+\.woff2)\)", font_css):
        files[f"vendor/files/{name}"] = (inter / "files" / name).read_bytes()
    return files


def layered(css: bytes, layer: str) -> bytes:
    """Wrap a style sheet in a cascade layer; `@charset` and source maps have no place inside one."""
    body = re.sub(rb'^\s*@charset\s+"[^"]*";', b"", css)
    return b"@layer " + layer.encode() + b" {\n" + without_source_map(body).strip() + b"\n}\n"


def without_source_map(content: bytes) -> bytes:
    return re.sub(rb"\s*(?:/\*[#@]\s*sourceMappingURL=[^*]*\*/|//[#@]\s*sourceMappingURL=\S*)\s*$", b"", content)


def icon_sprite(packages: Path, icon_list: Path) -> bytes:
    """Draw one file of all icons in the list; pages show `icons.svg#car`."""
    symbols = "\n".join(_symbols(packages / "@tabler/icons/icons/outline", icon_list.read_text().split()))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'.encode()


def _symbols(folder: Path, names: list[str]) -> Iterator[str]:
    for name in sorted(set(names)):
        source = folder / f"{name}.svg"
        if not source.exists():
            raise CommandFailed(f"static/icons.txt names {name}, which is not an outline icon of Tabler.")
        shapes = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", source.read_text(), flags=re.DOTALL)
        shapes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", shapes)
        yield f'<symbol id="{name}" {ICON_ATTRIBUTES}>{"".join(line.strip() for line in shapes.splitlines())}</symbol>'


def read_checksums(static: Path = STATIC) -> dict[str, str]:
    """Read `vendor.sha256` (the format of `sha256sum`): path below `static/` to digest."""
    pairs = [line.split(maxsplit=1) for line in (static / CHECKSUMS).read_text().splitlines() if line.strip()]
    return {path: digest for digest, path in pairs}


def _inputs(static: Path) -> str:
    return _sha256(*((static / name).read_bytes() for name in ("package-lock.json", "icons.txt", CHECKSUMS)))


def _sha256(*contents: bytes) -> str:
    return hashlib.sha256(b"\0".join(contents)).hexdigest()

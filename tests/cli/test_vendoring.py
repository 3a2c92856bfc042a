"""The vendored files: what is done to them, and that changed ones are refused."""

import json
import re

import pytest

from app.cli import vendoring
from app.cli.failures import CommandFailed
from app.settings import ROOT, STATIC


class TestLayered:
    def test_wraps_without_charset_and_source_map(self):
        css = b'@charset "UTF-8";/*! kept */a{b:c}\n/*# sourceMappingURL=a.css.map */'
        assert vendoring.layered(css, "tabler") == b"@layer tabler {\n/*! kept */a{b:c}\n}\n"

    def test_scripts_lose_their_source_map_only(self):
        assert vendoring.without_source_map(b"a//b\n//# sourceMappingURL=x.js.map") == b"a//b"


@pytest.fixture
def static(tmp_path):
    """A static directory whose packages are installed, as far as its stamp says."""
    packages = tmp_path / "node_modules"
    for path, content in {
        "@tabler/core/dist/css/tabler.min.css": '@charset "UTF-8";a{b:c}',
        "@fontsource-variable/inter/wght.css": "src: url(./files/inter-latin.woff2)",
        "@fontsource-variable/inter/files/inter-latin.woff2": "font",
        "htmx.org/dist/htmx.min.js": "var htmx=1\n//# sourceMappingURL=htmx.min.js.map",
        "@tabler/icons/icons/outline/car.svg": (
            '<!--\ncategory: x\n-->\n<svg\n  class="y"\n>\n  <path stroke="none" d="M0 0h24v24H0z" fill="none" />\n'
            '  <path d="M1 1" />\n</svg>'
        ),
    }.items():
        (packages / path).parent.mkdir(parents=True, exist_ok=True)
        (packages / path).write_text(content)
    (tmp_path / "package-lock.json").write_text("{}")
    (tmp_path / "icons.txt").write_text("car\n")
    (packages / vendoring.STAMP).write_text(vendoring._sha256(b"{}"))
    vendoring.ensure_vendor(tmp_path, update_checksums=True)
    return tmp_path


class TestEnsureVendor:
    def test_copies_what_the_pages_load(self, static):
        assert (static / "vendor/tabler.layered.css").read_text() == "@layer tabler {\na{b:c}\n}\n"
        assert (static / "vendor/htmx.js").read_text() == "var htmx=1\n"
        assert (static / "vendor/files/inter-latin.woff2").read_text() == "font"

    def test_draws_the_icons_in_the_list(self, static):
        sprite = (static / "vendor/icons.svg").read_text()
        assert re.search(r'<symbol id="car" viewBox="0 0 24 24"[^>]*><path d="M1 1" /></symbol>', sprite)
        assert "category" not in sprite

    def test_is_current_until_something_changes(self, static):
        assert vendoring.vendor_is_current(static)
        (static / "vendor/htmx.js").write_text("evil()")
        assert not vendoring.vendor_is_current(static)
        vendoring.ensure_vendor(static)
        assert "evil" not in (static / "vendor/htmx.js").read_text()

    def test_refuses_a_package_file_that_is_not_the_committed_one(self, static):
        (static / "node_modules/htmx.org/dist/htmx.min.js").write_text("evil()")
        (static / "vendor/htmx.js").unlink()
        with pytest.raises(CommandFailed, match=r"htmx\.js is not the committed one"):
            vendoring.ensure_vendor(static)
        assert not (static / "vendor/htmx.js").exists()

    def test_refuses_an_icon_that_does_not_exist(self, static):
        (static / "icons.txt").write_text("car\nunicorn-car\n")
        with pytest.raises(CommandFailed, match="unicorn-car"):
            vendoring.ensure_vendor(static)


class TestCommittedPins:
    def test_the_lock_holds_hashes_and_no_addresses(self):
        lock = json.loads((STATIC / "package-lock.json").read_text())
        packages = {name: entry for name, entry in lock["packages"].items() if name}
        assert packages
        assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())

    @pytest.mark.parametrize("name", ["bootstrap", "base", "dev"])
    def test_every_python_package_is_pinned_with_hashes_and_no_address(self, name):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        entries = re.split(r"\n(?=[a-z])", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE))
        assert all("==" in entry and "--hash=sha256:" in entry for entry in entries if entry.strip())
        assert not re.search(r"://|--find-links|--(extra-)?index-url|^-", text, flags=re.MULTILINE)

"""The built files: names by content, addresses inside rewritten, nothing done twice."""

import gzip
import json
import os
import re
import time

import brotli
import pytest

from app.cli import assets
from app.cli.failures import CommandFailed


@pytest.fixture
def static(tmp_path):
    for path, content in {
        "css/order.txt": "tokens.css\nbase.css\n",
        "css/base.css": 'body { background: url("../images/dot.svg#a") }\n' * 20,
        "css/tokens.css": ":root { --ink: #123 }\n",
        "images/dot.svg": "<svg/>" * 100,
        "js/main.js": 'import "./errors.js";\nimport { a } from "./deep/one.js";\nconst x = import("./late.js");\n',
        "js/errors.js": 'import one from "./deep/one.js";',
        "js/deep/one.js": 'export * from "../late.js"; export const text = "no address";',
        "js/late.js": "export const a = 1;",
        "vendor/font.css": "@font-face { src: url(./files/a.woff2) url(data:font/woff2;base64,AAAA) }",
        "vendor/files/a.woff2": "font",
        "node_modules/x/index.js": "never served",
        "package.json": "{}",
        ".npmrc": "",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    (tmp_path / "dist").mkdir()
    return tmp_path


def built(static):
    assets.build(static, static / "dist")
    return json.loads((static / "dist/manifest.json").read_text())


class TestBuild:
    def test_serves_what_may_be_served(self, static):
        assert set(built(static)) == {
            "css/forecourt.css",
            "images/dot.svg",
            "js/main.js",
            "js/errors.js",
            "js/deep/one.js",
            "js/late.js",
            "vendor/font.css",
            "vendor/files/a.woff2",
        }

    def test_names_files_by_their_content(self, static):
        before = built(static)
        assert re.fullmatch(r"js/late\.[0-9a-f]{10}\.js", before["js/late.js"])
        (static / "js/late.js").write_text("export const a = 2;")
        after = built(static)
        changed = {path for path in before if before[path] != after[path]}
        assert changed == {"js/late.js", "js/deep/one.js", "js/errors.js", "js/main.js"}

    def test_addresses_inside_lead_to_served_files(self, static):
        manifest = built(static)
        for path in ("js/main.js", "js/errors.js", "js/deep/one.js", "css/forecourt.css", "vendor/font.css"):
            served = static / "dist" / manifest[path]
            found = re.findall(r"""["'(](\.{1,2}/[^"')#]+)""", served.read_text())
            assert found
            assert all((served.parent / address).exists() for address in found), found

    def test_keeps_fragments_and_embedded_content(self, static):
        manifest = built(static)
        assert '.svg#a")' in (static / "dist" / manifest["css/forecourt.css"]).read_text()
        assert "url(data:font/woff2;base64,AAAA)" in (static / "dist" / manifest["vendor/font.css"]).read_text()

    def test_joins_style_sheets_in_their_order(self, static):
        text = (static / "dist" / built(static)["css/forecourt.css"]).read_text()
        assert text.index(":root") < text.index("body")

    def test_compressed_copies_hold_the_same(self, static):
        served = static / "dist" / built(static)["css/forecourt.css"]
        content = served.read_bytes()
        assert brotli.decompress(served.with_name(served.name + ".br").read_bytes()) == content
        assert gzip.decompress(served.with_name(served.name + ".gz").read_bytes()) == content

    def test_fonts_and_small_files_are_not_compressed(self, static):
        manifest = built(static)
        for path in ("vendor/files/a.woff2", "js/late.js"):
            assert not (static / "dist" / (manifest[path] + ".br")).exists()

    def test_does_nothing_when_nothing_changed(self, static):
        assert assets.build(static, static / "dist") is True
        assert assets.build(static, static / "dist") is False

    def test_keeps_an_earlier_build_for_a_day(self, static):
        old = static / "dist" / built(static)["js/late.js"]
        (static / "js/late.js").write_text("export const a = 3;")
        built(static)
        assert old.exists()
        yesterday = time.time() - 2 * assets.KEPT_SECONDS
        os.utime(old, (yesterday, yesterday))
        (static / "js/late.js").write_text("export const a = 4;")
        built(static)
        assert not old.exists()


class TestRefusals:
    def test_a_style_sheet_that_is_not_in_the_order(self, static):
        (static / "css/lost.css").write_text("")
        with pytest.raises(CommandFailed, match=r"lost\.css"):
            built(static)

    def test_an_address_that_leads_nowhere(self, static):
        (static / "js/errors.js").write_text('import "./gone.js";')
        with pytest.raises(CommandFailed, match=r"js/errors\.js refers to js/gone\.js"):
            built(static)

    def test_a_circle(self, static):
        (static / "js/late.js").write_text('import "./errors.js";')
        with pytest.raises(CommandFailed, match="circle"):
            built(static)

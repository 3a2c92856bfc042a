"""Tags of made-up records: the vocabulary, and the links that lists are filtered by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from pymysql.cursors import Cursor

from app.cli.seeds.ids import seeded_id
from app.cli.seeds.loading import Row
from app.cli.seeds.models import Shares

APPLICATION_TAGS: Final = Shares(
    [("[]", 70), ('["returning"]', 14), ('["call_back"]', 8), ('["urgent"]', 5), ('["fraud_check"]', 3)]
)
VEHICLE_TAGS: Final = Shares(
    [
        ("[]", 82), ('["winter-tyres"]', 8), ('["airport-fleet"]', 5), ('["hail-damage"]', 2),
        ('["airport-fleet","winter-tyres"]', 2), ('["photo-missing"]', 1),
    ]
)  # fmt: skip
CUSTOMER_TAGS: Final = Shares([("[]", 90), ('["vip"]', 4), ('["corporate-rate"]', 4), ('["call-first"]', 2)])
TAGS_OF: Final = {"application": APPLICATION_TAGS, "vehicle": VEHICLE_TAGS, "customer": CUSTOMER_TAGS}
GOLDEN: Final = 0.6180339887498949

Link = tuple[str, str, str]
"""Kind, name of the tag, id of the record."""


def tags_of(kind: str, number: int) -> str:
    """The tags of a record by its number, drawn evenly without touching the other dice."""
    return TAGS_OF[kind].draw(number * GOLDEN % 1)


def links_of(kind: str, row: Row) -> list[Link]:
    """The links of a record that was made with tags."""
    tags: Any = row["tags"]
    names: list[str] = msgspec.json.decode(tags) if isinstance(tags, str) else tags
    return [(kind, name, str(row["id"])) for name in names]


def ensure_vocabulary(cursor: Cursor, now: datetime) -> dict[tuple[str, str], str]:
    """Add the words that are not there yet, outside of any transaction; returns all ids by kind and name."""
    for kind, shares in TAGS_OF.items():
        for name in sorted({name for text in shares.things for name in msgspec.json.decode(text)}):
            cursor.execute(
                "INSERT IGNORE INTO tag (id, version, created_at, updated_at, kind, name, state) "
                "VALUES (%s, 1, %s, %s, %s, %s, 'active')",
                (str(seeded_id("tags", kind, name)), now, now, kind, name),
            )
    cursor.execute("SELECT kind, name, id FROM tag")
    return {(str(kind), str(name)): str(key) for kind, name, key in cursor.fetchall()}


def load_links(cursor: Cursor, links: Iterable[Link], ids: dict[tuple[str, str], str], now: datetime) -> None:
    """Write the links of loaded records within the running transaction; a record seeded again has its links already."""
    cursor.executemany(
        "INSERT IGNORE INTO record_tag (tag_id, subject_id, added_at) VALUES (%s, %s, %s)",
        [(ids[kind, name], subject_id, now) for kind, name, subject_id in links],
    )

"""The demo's terms with suppliers: one by commission, one net with a mark-up, and one that still waits."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from app.cli.seeds.rate_cards import DECIDER, WRITER, actor_named
from app.core import clock
from app.core.db import Database
from app.desk.approvals.services import deciding
from app.kit.money import Money
from app.main import assemble
from app.rental.supplier_terms.services import sheets as terms

if TYPE_CHECKING:
    from app.cli.seeds.accounts import Person


def _net(pattern: str, percent: str, least: int, step: str, **more: Any) -> dict[str, Any]:
    return {
        "pattern": pattern, "model": "net", "markup_percent": Decimal(percent),
        "markup_least": Money(least, "EUR"), "step": step, **more,
    }  # fmt: skip


def _share(pattern: str, percent: str, base: str = "time", **more: Any) -> dict[str, Any]:
    return {"pattern": pattern, "model": "commission", "commission_percent": Decimal(percent), "base": base, **more}


AGREED: Final = "Agreed on the telephone with {}"
SHEETS: Final = (
    # supplier, note, lines, whether somebody has agreed
    ("baltic", AGREED.format("their sales desk"), [_share("****", "15"), _share("P***", "12", market="EE")], True),
    (
        "nordrive",
        AGREED.format("their contracting"),
        [
            _net("****", "12.5", 800, "0.50"),
            _net("S***", "10", 1_200, "1.00"),
            _net("****", "14", 800, "0.50", market="FI"),
        ],
        True,
    ),
    ("aurora", "Their offer for the winter", [_share("****", "10", "total"), _share("S***", "8", "total")], False),
)

EARLIER: Final = (
    ("baltic", [_share("****", "12")]),
    ("nordrive", [_net("****", "11", 600, "0.50"), _net("S***", "9", 1_000, "1.00")]),
)
"""What held with some of them in the months before."""


async def add_supplier_terms(database: Database, people: Sequence[Person]) -> None:
    """As a rate manager enters them and another person agrees."""
    writer, decider = [await actor_named(database, people, name) for name in (WRITER, DECIDER)]
    kinds = assemble().approval_kinds
    for code, note, lines, is_agreed in SHEETS:
        fields = {"supplier": code, "valid_from": clock.today(), "note": note, "lines": lines}
        async with database.unit() as session:
            _, waits = await terms.enter_terms(session, fields=fields, actor=writer)
            if is_agreed:
                await deciding.approve(session, kinds, waits.id, comment="As agreed", actor=decider)

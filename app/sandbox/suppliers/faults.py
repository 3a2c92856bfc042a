"""What goes wrong, switched on over HTTP: which operation, how, how often."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

BEFORE: Final = frozenset({"latency", "error", "timeout_before", "busy"})
AFTER: Final = frozenset({"timeout_after", "error_after", "lost"})
INSIDE: Final = frozenset({"partial", "twice", "drift", "on_request", "overbooked", "empty", "decline", "clock_skew"})
UNITS: Final = frozenset({"unit_trap"})
ANSWER: Final = frozenset(
    {
        "malformed", "xml_entities", "html", "huge", "nested", "wrong_type", "drip", "redirect", "duplicated",
        "wrong_currency", "wrong_decimals",
    }
)  # fmt: skip
FAULTS: Final = BEFORE | AFTER | INSIDE | UNITS | ANSWER
LONGEST_SECONDS: Final = 120.0
ANY: Final = "*"


class HangUp(Exception):
    """The connection is cut instead of answering."""


class Breakdown(Exception):
    """500 or 503 instead of an answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Fault:
    """One fault; without `times` it stays until it is switched off."""

    operation: str
    fault: str
    times: int | None = None
    seconds: float = 60.0
    percent: int = 4


@dataclass
class Switchboard:
    """The faults of one company that are switched on."""

    faults: list[Fault] = field(default_factory=list[Fault])

    def switch_on(self, given: dict[str, Any]) -> Fault:
        """Raises ValueError for what is no fault."""
        if given.get("fault") not in FAULTS:
            raise ValueError(f"fault: one of {', '.join(sorted(FAULTS))}")
        fault = Fault(
            str(given.get("operation", ANY)),
            str(given["fault"]),
            int(given["times"]) if given.get("times") is not None else None,
            min(float(given.get("seconds", 60)), LONGEST_SECONDS),
            int(given.get("percent", 4)),
        )
        self.faults.append(fault)
        return fault

    def take(self, operation: str, names: frozenset[str]) -> Fault | None:
        """The first fault of these that is meant for an operation; one that was used up goes."""
        for fault in self.faults:
            if fault.fault in names and fault.operation in (operation, ANY):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                return fault
        return None

    async def before(self, operation: str) -> None:
        """What happens before the work: slowness, an error, a silence."""
        fault = self.take(operation, BEFORE)
        if fault is None:
            return
        if fault.fault in ("latency", "timeout_before"):
            await asyncio.sleep(fault.seconds)
        if fault.fault != "latency":
            raise Breakdown(503 if fault.fault == "busy" else 500)

    async def after(self, operation: str) -> None:
        """What happens once the work is done: nobody hears of it."""
        fault = self.take(operation, AFTER)
        if fault is None:
            return
        if fault.fault == "lost":
            raise HangUp
        if fault.fault == "timeout_after":
            await asyncio.sleep(fault.seconds)
        raise Breakdown(500)

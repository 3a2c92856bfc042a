"""What happened to a record before today: audit entries in order, one version each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from app.cli.seeds.accounts import Person
from app.cli.seeds.ids import SeededIds
from app.cli.seeds.vehicles import PERIOD_OF_STATE, REASONS, MadeVehicle, Period, quarter
from app.core.actor import SYSTEM
from app.core.changes import plain_value
from app.credit.applications.rules import ApplicationState
from app.credit.applications.services import ACTIONS as APPLICATION_ACTIONS
from app.kit.money import Money
from app.rental.vehicles.rules import PERIOD_STATES, PeriodKind, VehicleState, next_change
from app.rental.vehicles.services import ACTIONS as VEHICLE_ACTIONS

SHOWN_OF_VEHICLE: Final = ("make", "model", "year", "plate", "vin", "location_code")
SHOWN_OF_CUSTOMER: Final = ("market", "kind", "given_name", "family_name", "company_name", "email", "phone")
SHOWN_OF_APPLICATION: Final = ("market", "product", "term_months", "purpose", "channel")
MACHINE: Final = Person("", SYSTEM.name, "", None)
_OPENS: Final = {
    PeriodKind.BLOCK: "block",
    PeriodKind.MAINTENANCE: "maintenance",
    PeriodKind.TRANSFER: "transfer",
    PeriodKind.SALE_LISTING: "sale_listing",
}
_CLOSES: Final = {PeriodKind.BLOCK: "block_removal", PeriodKind.MAINTENANCE: "maintenance_removal"}
_PATH: Final = {
    ApplicationState.SUBMITTED: ("submission",),
    ApplicationState.SCREENING: ("submission", "screening"),
    ApplicationState.IN_REVIEW: ("submission", "screening", "review"),
    ApplicationState.INFO_REQUESTED: ("submission", "screening", "review", "information_request"),
    ApplicationState.REJECTED: ("submission", "screening", "review", "rejection"),
    ApplicationState.WITHDRAWN: ("submission", "screening", "withdrawal"),
    ApplicationState.EXPIRED: ("submission", "screening", "review", "information_request", "expiry"),
}
_AFTER: Final = {
    "submission": "submitted", "screening": "screening", "review": "in_review", "information_request": "info_requested",
    "rejection": "rejected", "withdrawal": "withdrawn", "expiry": "expired",
}  # fmt: skip
_BY_MACHINE: Final = frozenset({"screening", "expiry"})


@dataclass(slots=True)
class Event:
    """One thing that happened; its version comes from its place in the story."""

    at: datetime
    action: str
    who: Person
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict[str, tuple[Any, Any]])
    why: str | None = None
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


class Storyteller:
    """Writes the stories of many records; `batch` is kept on each entry as the request that it came with."""

    def __init__(self, random: Random, people: Sequence[Person], seed: str, batch: str, now: datetime) -> None:
        self._random = random
        self._ids = SeededIds(seed, "audit")
        self._batch = batch
        self._now = now
        self._by_role: dict[str, list[Person]] = {}
        for person in people:
            self._by_role.setdefault(person.role.partition("_")[0], []).append(person)
        self.entries: list[dict[str, Any]] = []

    def vehicle(self, made: MadeVehicle) -> None:
        """Made, moved about, driven; the row's version and last change follow from it."""
        row, random = made.row, self._random
        who = self._somebody("fleet", row["market"])
        created_at: datetime = row["created_at"]
        events = [Event(created_at, "vehicle.created", who, _given(row, SHOWN_OF_VEHICLE))]
        past = self._past_periods(made) if row["state"] != VehicleState.ORDERED else []
        for period in past:
            events += self._closed_period(period, who)
        made.periods[:0] = past
        events += [self._open_period(period, row, who) for period in made.periods[len(past) :]]
        if row["state"] == VehicleState.RETIRED:
            at = self._now - timedelta(days=1 + random.random() * 50)
            change = {"state": ("in_service", "retired")}
            events.append(Event(at, VEHICLE_ACTIONS["retirement"], who, change, "Sold at auction"))
        if row["odometer_km"] > 2_000 and random.random() < 0.55:
            events.append(self._read_odometer(row, who))
        if row["day_price_minor"] and random.random() < 0.12:
            events.append(self._new_price(row, who))
        row["next_change_at"] = next_change(made.periods, self._now)
        self._write("vehicle", row, events)

    def customer(self, row: dict[str, Any]) -> None:
        """Made, and sometimes corrected."""
        who = self._somebody("credit", row["market"])
        events = [Event(row["created_at"], "customer.created", who, _given(row, SHOWN_OF_CUSTOMER))]
        if self._random.random() < 0.15:
            at = self._between(row["created_at"], self._now)
            events.append(Event(at, "customer.updated", who, {"phone": (None, row["phone"])}))
            events[0].changes.pop("phone", None)
        self._write("customer", row, events)

    def application(self, row: dict[str, Any]) -> None:
        """The way from the draft to the present state; who takes up the review has it from then on."""
        who = self._somebody("credit", row["market"])
        is_by_staff = row["channel"] in ("phone", "branch")
        row["created_by"] = who.id if is_by_staff else None
        changes = _given(row, SHOWN_OF_APPLICATION)
        changes["amount_minor"] = (None, Money(row["amount_minor"], row["amount_currency"]))
        events = [Event(row["created_at"], "application.created", who if is_by_staff else MACHINE, changes)]
        moves = _PATH.get(ApplicationState(row["state"]), ())
        before = "draft"
        for place, move in enumerate(moves):
            start, end = row["submitted_at"], row["updated_at"]
            at = start + (end - start) * (place / (len(moves) - 1)) if len(moves) > 1 else start
            by = MACHINE if move in _BY_MACHINE or (move == "submission" and not is_by_staff) else who
            event = Event(at, APPLICATION_ACTIONS[move], by, {"state": (before, _AFTER[move])})
            if move == "information_request":
                event.changes |= {name: (None, row[name]) for name in ("information_items", "information_due_on")}
            if place == len(moves) - 1:
                event.why = row["decided_reason"]
            if move == "review":
                row["assignee_id"] = who.id or None
                events.append(Event(at, "application.assigned", who, {"assignee_id": (None, who.name)}))
            events.append(event)
            before = _AFTER[move]
        self._write("application", row, events)

    def location(self, row: dict[str, Any]) -> None:
        self._write("location", row, [Event(row["created_at"], "location.created", MACHINE)])

    def tell(self, kind: str, row: dict[str, Any], events: list[Event]) -> None:
        """Write a story that somebody else has made up."""
        self._write(kind, row, events)

    def somebody(self, role: str, market: str) -> Person:
        """A colleague of the market when there is one, otherwise one who works for all."""
        return self._somebody(role, market)

    def _write(self, kind: str, row: dict[str, Any], events: list[Event]) -> None:
        events.sort(key=lambda event: event.at)
        for version, event in enumerate(events, 1):
            self.entries.append(
                {
                    "id": self._ids.at(event.at, len(self.entries)),
                    "at": event.at,
                    "actor_id": event.who.id or None,
                    "actor_name": event.who.name,
                    "action": event.action,
                    "subject_kind": kind,
                    "subject_id": row["id"],
                    "subject_version": version,
                    "changes": {
                        name: [plain_value(old), plain_value(new)] for name, (old, new) in event.changes.items()
                    },
                    "facts": {name: plain_value(value) for name, value in event.facts.items() if value is not None},
                    "why": event.why,
                    "request_id": self._batch,
                }
            )
        row["version"], row["updated_at"] = len(events), events[-1].at

    def _past_periods(self, made: MadeVehicle) -> list[Period]:
        """At most two stretches that are over, before the present one."""
        random = self._random
        latest = min([period.starts_at for period in made.periods] + [self._now]) - timedelta(days=1)
        found: list[Period] = []
        while len(found) < 2 and random.random() < 0.3:
            ends_at = quarter(latest - timedelta(days=random.random() * 18))
            starts_at = quarter(ends_at - timedelta(hours=6 * int(1 + random.random() * 16)))
            if not made.row["created_at"] < starts_at < ends_at:
                break
            kind = PeriodKind.MAINTENANCE if random.random() < 0.65 else PeriodKind.BLOCK
            reasons = REASONS[kind]
            found.insert(0, Period(kind, starts_at, ends_at, reasons[int(random.random() * len(reasons))]))
            latest = starts_at - timedelta(days=1)
        return found

    def _closed_period(self, period: Period, who: Person) -> list[Event]:
        assert period.ends_at is not None
        state = PERIOD_STATES[period.kind].value
        action = VEHICLE_ACTIONS[_OPENS[period.kind]]
        return [
            Event(period.starts_at, action, who, {"state": ("in_service", state)}, period.reason),
            Event(period.ends_at, VEHICLE_ACTIONS[_CLOSES[period.kind]], who, {"state": (state, "in_service")}),
        ]

    def _open_period(self, period: Period, row: Mapping[str, Any], who: Person) -> Event:
        """What began and goes on, or is planned."""
        state = PERIOD_STATES[period.kind]
        change = {"state": ("in_service", state.value)}
        if period.kind is PeriodKind.HIRE:
            return Event(
                period.starts_at, "vehicle.state_followed", MACHINE, change, "A planned period began or ended."
            )
        facts = {"until": period.ends_at, "to_location": period.to_location_code}
        action = VEHICLE_ACTIONS[_OPENS[period.kind]]
        if PERIOD_OF_STATE.get(VehicleState(row["state"])) is not period.kind:
            at = self._between(max(row["created_at"], self._now - timedelta(days=5)), self._now)
            return Event(at, action, who, {}, period.reason, {"from": period.starts_at, **facts})
        return Event(period.starts_at, action, who, change, period.reason, facts)

    def _read_odometer(self, row: Mapping[str, Any], who: Person) -> Event:
        """The present reading; most cars were read in the last days."""
        now_km: int = row["odometer_km"]
        before = now_km - 150 - int(self._random.random() * min(now_km - 200, 4_000))
        latest = max(row["created_at"], self._now - timedelta(days=40 * self._random.random() ** 3 + 0.01))
        return Event(self._between(latest, self._now), "vehicle.updated", who, {"odometer_km": (before, now_km)})

    def _new_price(self, row: Mapping[str, Any], who: Person) -> Event:
        price = Money(row["day_price_minor"], row["day_price_currency"])
        before = Money(max(100, round(price.minor * (0.85 + self._random.random() * 0.3) / 100) * 100), price.currency)
        at = self._between(max(row["created_at"], self._now - timedelta(days=25)), self._now)
        return Event(at, "vehicle.updated", who, {"day_price_minor": (before, price)}, "Season price")

    def _somebody(self, role: str, market: str) -> Person:
        """A colleague of the market when there is one, otherwise one who works for all."""
        people = self._by_role[role]
        near = [person for person in people if person.market == market]
        far = [person for person in people if person.market is None]
        return (near or far)[int(self._random.random() * len(near or far))]

    def _between(self, start: datetime, end: datetime) -> datetime:
        return start + (end - start) * (0.02 + self._random.random() * 0.96)


def _given(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, tuple[Any, Any]]:
    return {name: (None, row[name]) for name in names if row[name] not in (None, "")}

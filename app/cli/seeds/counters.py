"""What happened at the counters of the demo: check-outs, check-ins, what was charged, and some damage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from app.cli.seeds.bookings import vehicle_in_words
from app.cli.seeds.ids import SeededIds
from app.cli.seeds.loading import Table, table_of
from app.cli.seeds.stories import MACHINE, Event, Storyteller
from app.kit.ids import reference_of
from app.kit.money import Money
from app.kit.wall_times import wall_time
from app.payments.charges.models import Charge, ChargeOperation
from app.payments.charges.services.planning import PREFIX as CHARGE_PREFIX
from app.rental.bookings.models import VehicleSwap
from app.rental.damages.models import DamageCase, DamageMark
from app.rental.damages.rules import ZONES
from app.rental.damages.services import PREFIX as CASE_PREFIX
from app.rental.fines.models import Fine
from app.rental.fines.rules import FEE_MINOR
from app.rental.fines.services import PREFIX as FINE_PREFIX
from app.rental.handovers.models import Handover

TABLES: Final[Mapping[str, Table]] = {
    "charge": table_of(Charge),
    "operation": table_of(ChargeOperation),
    "case": table_of(DamageCase),
    "mark": table_of(DamageMark),
    "handover": table_of(Handover),
    "swap": table_of(VehicleSwap),
    "fine": table_of(Fine),
}
"""In the order in which they are loaded."""
LATEST: Final = timedelta(days=45)
"""Older hires are as they were booked."""
OUT: Final = frozenset({"on_hire", "returned", "closed", "disputed"})
BACK: Final = OUT - {"on_hire"}
EVERY_FUEL, EVERY_DAMAGE, EVERY_FINE, EVERY_SWAP = 6, 9, 7, 8
FINES: Final = (
    ("fine", "Police", "Speeding camera, ring road", 4_000), ("fine", "City parking", "Old town, zone A", 3_100),
    ("toll", "Road operator", "Tunnel, northbound", 900), ("fine", "Police", "Bus lane, main street", 8_000),
)  # fmt: skip
FINE_STATES: Final = ("matched", "charged", "unmatched", "charged", "dropped")
CARDS: Final = ("Visa 4417", "Mastercard 0923", "Maestro 2826", "Visa 7730")
DAMAGES: Final = (
    ("front_bumper", "scratch", "12 cm", 18_000), ("left_rear_door", "dent", "size of a coin", 26_000),
    ("windscreen", "chip", "driver's side", 9_000), ("right_front_wheel", "scratch", "kerb", 12_000),
)  # fmt: skip
ASSIGNED, SWAPPED = "booking.vehicle_assigned", "booking.vehicle_swapped"
FEE_STATES: Final = ("planned", "captured", "failed", "waived", "captured")
Amounts = tuple[int, int, int]
ENDS: Final[Mapping[str, Amounts]] = {
    "planned": (0, 0, 0), "failed": (0, 0, 0), "waived": (0, 0, 0), "held": (1, 0, 0), "released": (1, 0, 0),
    "captured": (1, 1, 0),
}  # fmt: skip
"""By the state of a charge: whether its amount was held, captured and refunded."""


class CounterMaker:
    """Makes the rows from those of the bookings; `vehicles` by their ids."""

    def __init__(self, seed: str, vehicles: Mapping[str, Mapping[str, Any]], story: Storyteller, now: datetime) -> None:
        self._random = Random(f"{seed}/counters")  # noqa: S311 - made-up records, not secrets
        self._vehicles, self._story, self._now = vehicles, story, now
        self._ids = {name: SeededIds(seed, name) for name in TABLES}
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        self._earlier: dict[str, str] = {}
        """The vehicle that was hired last, by market."""

    def add(self, booking: Mapping[str, Any], events: list[Event]) -> None:
        """What happened with one booking; what of it stands on the booking's own timeline comes to `events`."""
        state = str(booking["state"])
        if booking["pickup_at"] < self._now - LATEST or booking["pickup_at"] > self._now:
            return
        who = self._story.somebody("fleet", booking["market"])
        if state in OUT and booking["vehicle_id"] and booking["picked_up_at"]:
            self._hire(booking, state, who, events)
        elif state in ("cancelled", "no_show") and booking["fee_minor"]:
            purpose = "no_show" if state == "no_show" else "cancellation_fee"
            end = FEE_STATES[len(self.rows["charge"]) % len(FEE_STATES)]
            at = booking["cancel_requested_at"] or booking["pickup_at"] + timedelta(hours=2)
            self._charge(booking, purpose, booking["fee_minor"], end, min(at, self._now), who)

    def _hire(self, booking: Mapping[str, Any], state: str, who: Any, events: list[Event]) -> None:
        left = booking["picked_up_at"]
        self._charge(booking, "hire", booking["total_minor"], "captured", left, who)
        hundreds = max(-(-booking["total_minor"] // 10_000), 2) * 10_000
        end = "released" if state == "closed" else "held"
        deposit = self._charge(booking, "deposit", hundreds, end, left, who)
        odometer = self._odometer_of(str(booking["vehicle_id"]))
        back = state in BACK
        driven = 80 + int(self._random.random() * 900) if back else 0
        returned = booking["returned_at"] or booking["return_at"]
        first = self._earlier.get(booking["market"]) if back and len(self.rows["handover"]) % EVERY_SWAP == 0 else None
        self._earlier[booking["market"]] = str(booking["vehicle_id"])
        if first is None or first == str(booking["vehicle_id"]):
            self._handover(booking, "out", odometer - driven, 100, left, who, deposit)
        else:
            at = left + (returned - left) / 3
            reason = self._swapped(booking, first, odometer - driven, at, who, deposit)
            self._tell_swap(events, first, str(booking["vehicle_id"]), Event(at, SWAPPED, who, why=reason))
        if not back:
            return
        number = len(self.rows["handover"])
        is_short = number % EVERY_FUEL == 1
        made = self._handover(booking, "in", odometer, 75 if is_short else 100, returned, who, None)
        if is_short:
            end = "captured" if state == "closed" else "planned"
            self._charge(booking, "fuel", 3_200, end, returned, who, words="2/8 of a tank missing")
        if number % EVERY_FINE == 1:
            self._fine(booking, left, returned, who)
        if number % EVERY_DAMAGE == 1:
            self._damage(booking, made, returned, who, is_closed=state == "closed")

    def _swapped(self, booking: Mapping[str, Any], first: str, km: int, at: datetime, who: Any, deposit: str) -> str:
        """A hire that left with another vehicle, which broke down on the way; tells what was the matter."""
        present = self._odometer_of(first)
        out = {**booking, "vehicle_id": first}
        self._handover(out, "out", present - 240, 100, booking["picked_up_at"], who, deposit)
        number = len(self.rows["swap"])
        reason = ("Warning light of the engine", "A flat tyre and no spare wheel")[number % 2]
        self.rows["swap"].append(
            {
                "id": self._ids["swap"].text(number),
                "booking_id": booking["id"],
                "number": 1,
                "swapped_at": at,
                "swapped_by": who.name,
                "reason": reason,
                "taken_id": first,
                "taken_km": max(present - 90, 0) if number % 3 else None,
                "taken_fuel_percent": 100 if number % 3 else None,
                "given_id": booking["vehicle_id"],
                "given_km": max(km, 0),
                "given_fuel_percent": 100,
                "is_battery": False,
            }
        )
        return reason

    def _tell_swap(self, events: list[Event], first: str, second: str, swapped: Event) -> None:
        """The booking had the one vehicle until it got the other."""
        before, after = (vehicle_in_words(self._vehicles[key]) for key in (first, second))
        for event in events:
            if event.action == ASSIGNED:
                event.changes["vehicle"] = (None, before)
        swapped.changes["vehicle"] = (before, after)
        events.append(swapped)

    def _odometer_of(self, vehicle_id: str) -> int:
        return int(self._vehicles[vehicle_id]["odometer_km"] or 0)

    def _charge(
        self, booking: Mapping[str, Any], purpose: str, minor: int, end: str, at: datetime, who: Any, *, words: str = ""
    ) -> str:
        number = len(self.rows["charge"])
        held, captured, refunded = (minor * part for part in ENDS[end])
        amount = Money(minor, booking["total_currency"])
        row: dict[str, Any] = {
            "id": self._ids["charge"].text(number), "version": 1, "created_at": at, "updated_at": at,
            "reference": reference_of(CHARGE_PREFIX, number + 1), "subject_kind": "booking",
            "subject_id": booking["id"], "subject_name": booking["reference"], "market": booking["market"],
            "branch": booking["pickup_location"], "purpose": purpose, "words": words, "state": end,
            "currency": booking["total_currency"], "amount_minor": minor, "held_minor": held,
            "captured_minor": captured, "refunded_minor": refunded, "payment_token": None,
            "card_words": CARDS[number % len(CARDS)] if held else "", "provider_number": None, "covered_by_id": None,
            "reason": {"failed": "insufficient funds", "waived": "A good customer"}.get(end, ""),
        }  # fmt: skip
        events = [Event(at, "charge.planned", who, {"amount_minor": (None, amount)})]
        if end != "planned":
            why = row["reason"] or None
            events.append(Event(at + timedelta(minutes=1), f"charge.{end}", MACHINE, {"state": ("planned", end)}, why))
        self.rows["charge"].append(row)
        self._story.tell("charge", row, events)
        if end not in ("planned", "waived"):
            kind = "sale" if captured else "hold"
            self._operation(row, kind, "refused" if end == "failed" else "done", at, who)
        if end == "released":
            self._operation(row, "release", "done", min(booking["return_at"], self._now), who)
        return str(row["id"])

    def _operation(self, charge: Mapping[str, Any], kind: str, state: str, at: datetime, who: Any) -> None:
        number = len(self.rows["operation"])
        self.rows["operation"].append(
            {
                "id": self._ids["operation"].text(number),
                "charge_id": charge["id"],
                "kind": kind,
                "state": state,
                "minor": charge["amount_minor"],
                "covers": [],
                "asked_by": who.name,
                "asked_by_id": who.id or None,
                "asked_at": at,
                "sent_at": at,
                "ended_at": at + timedelta(seconds=2),
                "polls": 0,
                "next_poll_at": None,
                "reason": charge["reason"] if state == "refused" else "",
            }
        )

    def _handover(
        self,
        booking: Mapping[str, Any],
        direction: str,
        km: int,
        fuel: int,
        at: datetime,
        who: Any,
        deposit: str | None,
    ) -> dict[str, Any]:
        number = len(self.rows["handover"])
        is_out = direction == "out"
        row: dict[str, Any] = {
            "id": self._ids["handover"].text(number), "version": 1, "created_at": at - timedelta(minutes=9),
            "updated_at": at, "booking_id": booking["id"], "booking_reference": booking["reference"],
            "direction": direction, "state": "done", "market": booking["market"], "branch": booking["pickup_location"],
            "location": booking["pickup_location"] if is_out else booking["return_location"],
            "vehicle_id": booking["vehicle_id"], "licence_number_sealed": None,
            "licence_number_masked": f"•••••{1000 + number % 9000}" if is_out else None,
            "licence_country": booking["market"] if is_out else None,
            "licence_expires_on": (self._now + timedelta(days=900)).date() if is_out else None, "document_kind": None,
            "document_number_sealed": None, "document_number_masked": None, "odometer_km": max(km, 0),
            "fuel_percent": fuel, "is_battery": False, "note": "", "deposit_charge_id": deposit,
            "signature": [[[60, 120], [120, 60], [170, 130], [240, 70], [330, 110]]],
            "signed_name": booking["driver_name"], "agreed_at": at, "agreed": {}, "done_at": at, "done_by": who.name,
            "saved_by": who.name,
        }  # fmt: skip
        word = "check_out" if is_out else "check_in"
        begun, done = (
            Event(row["created_at"], f"handover.{word}_begun", who),
            Event(at, f"handover.{direction}_done", who),
        )
        self.rows["handover"].append(row)
        self._story.tell("handover", row, [begun, done])
        return row

    def _fine(self, booking: Mapping[str, Any], left: datetime, returned: datetime, who: Any) -> None:
        """A letter of an authority that comes days after the hire."""
        number = len(self.rows["fine"])
        kind, authority, place, euros = FINES[number % len(FINES)]
        state = FINE_STATES[number % len(FINE_STATES)]
        is_known = state in ("matched", "charged")
        at = left + (returned - left) / 2 if is_known else left - timedelta(minutes=20)
        at = at.replace(second=0, microsecond=0)
        came = min(returned + timedelta(days=4), self._now)
        read, currency = came - timedelta(minutes=4), booking["total_currency"]
        fee = FEE_MINOR[currency]
        minor = euros * fee // FEE_MINOR["EUR"]
        charge = None
        if state == "charged":
            charge = self._charge(booking, kind, minor, "captured", came, who, words=f"{authority}, {place}")
            self._charge(booking, "admin_fee", fee, "captured", came, who)
        row: dict[str, Any] = {
            "id": self._ids["fine"].text(number), "version": 1, "created_at": read, "updated_at": came,
            "reference": reference_of(FINE_PREFIX, number + 1), "market": booking["market"],
            "branch": booking["pickup_location"], "kind": kind, "state": state, "authority": authority,
            "authority_reference": f"{booking['market']}-{at:%y%m}-{1000 + number}",
            "vehicle_id": booking["vehicle_id"], "vehicle_name": booking["class_code"],
            "happened_local": wall_time(at, booking["pickup_zone"]), "time_zone": booking["pickup_zone"],
            "happened_at": at, "place": place, "note": "", "amount_minor": minor, "fee_minor": fee,
            "currency": currency, "booking_id": booking["id"] if is_known else None,
            "booking_reference": booking["reference"] if is_known else None,
            "driver_name": booking["driver_name"] if is_known else "", "charge_id": charge, "invoice_id": None,
            "reason": {"unmatched": "No hire had it then", "dropped": "A mechanic drove it"}.get(state, ""),
        }  # fmt: skip
        amount = Money(minor, currency)
        events = [Event(read, "fine.recorded", who, {"amount_minor": (None, amount)})]
        if state != "unmatched":
            events.append(Event(came, f"fine.{state}", who, {"state": ("unmatched", state)}, row["reason"] or None))
        self.rows["fine"].append(row)
        self._story.tell("fine", row, events)

    def _damage(
        self, booking: Mapping[str, Any], handover: Mapping[str, Any], at: datetime, who: Any, *, is_closed: bool
    ) -> None:
        number = len(self.rows["case"])
        zone, kind, words, minor = DAMAGES[number % len(DAMAGES)]
        said = f"{ZONES[zone].name}: {kind}, {words}"
        estimate = Money(minor, booking["total_currency"])
        state = "closed" if is_closed else ("open", "estimated")[number % 2]
        row: dict[str, Any] = {
            "id": self._ids["case"].text(number), "version": 1, "created_at": at, "updated_at": at,
            "reference": reference_of(CASE_PREFIX, number + 1), "market": booking["market"],
            "branch": booking["pickup_location"], "state": state, "booking_id": booking["id"],
            "vehicle_id": booking["vehicle_id"], "booking_reference": booking["reference"],
            "vehicle_name": booking["class_code"], "words": said, "party": "unknown" if state == "open" else "customer",
            "estimate_minor": None if state == "open" else minor, "currency": booking["total_currency"],
        }  # fmt: skip
        events = [Event(at, "damage_case.opened", who, {"words": (None, said)})]
        if state != "open":
            later = min(at + timedelta(hours=5), self._now)
            events.append(Event(later, "damage_case.estimated", who, {"estimate_minor": (None, estimate)}))
        if state == "closed":
            events.append(Event(min(at + timedelta(hours=30), self._now), "damage_case.closed", who, {}, "Mended"))
        self.rows["case"].append(row)
        self._story.tell("damage_case", row, events)
        x, y = ZONES[zone].centre
        self.rows["mark"].append(
            {
                "id": self._ids["mark"].text(number),
                "vehicle_id": booking["vehicle_id"],
                "zone": zone,
                "x": x,
                "y": y,
                "kind": kind,
                "words": words,
                "found_by": handover["id"],
                "case_id": row["id"],
                "found_at": at,
                "mended_at": min(at + timedelta(hours=30), self._now) if state == "closed" else None,
            }
        )


def names_of(rows: Sequence[dict[str, Any]], vehicles: Mapping[str, str]) -> None:
    """Give each case and fine the name of its vehicle."""
    for row in rows:
        row["vehicle_name"] = vehicles.get(str(row["vehicle_id"]), row["vehicle_name"])[:120]

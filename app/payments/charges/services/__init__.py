"""What can be done with charges: the one interface by which the other areas have money held, taken and given back."""

from app.payments.charges.schemas import PURPOSE_WORDS, STATE_WORDS
from app.payments.charges.services.consent import (
    Consent,
    ask_refund,
    ask_waiver,
    carry_out_refund,
    carry_out_waiver,
)
from app.payments.charges.services.operations import (
    AmountRefused,
    capture,
    charge_card,
    hold,
    increase,
    refund,
    release,
)
from app.payments.charges.services.planning import (
    ChargeSubject,
    list_about,
    list_asked,
    list_unsettled,
    plan_charge,
    replan_charge,
    subject_of,
    waive_charge,
)

FIELD_LABELS = {
    "amount_minor": "Amount",
    "held_minor": "Held",
    "captured_minor": "Captured",
    "refunded_minor": "Refunded",
    "state": "State",
}

__all__ = [
    "FIELD_LABELS",
    "PURPOSE_WORDS",
    "STATE_WORDS",
    "AmountRefused",
    "ChargeSubject",
    "Consent",
    "ask_refund",
    "ask_waiver",
    "capture",
    "carry_out_refund",
    "carry_out_waiver",
    "charge_card",
    "hold",
    "increase",
    "list_about",
    "list_asked",
    "list_unsettled",
    "plan_charge",
    "refund",
    "release",
    "replan_charge",
    "subject_of",
    "waive_charge",
]

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.credit.applications import rules
from app.credit.applications.rules import FOLLOWING, MOVES, ApplicationState, Debt, Refusal
from app.kit.money import Money

TODAY = date(2026, 6, 29)
LEGAL = {
    ("submission", "draft", "submitted"),
    ("screening", "submitted", "screening"),
    ("review", "screening", "in_review"),
    ("information_request", "in_review", "info_requested"),
    ("information", "info_requested", "in_review"),
    ("rejection", "screening", "rejected"),
    ("rejection", "in_review", "rejected"),
    ("withdrawal", "draft", "withdrawn"),
    ("withdrawal", "submitted", "withdrawn"),
    ("withdrawal", "screening", "withdrawn"),
    ("withdrawal", "in_review", "withdrawn"),
    ("withdrawal", "info_requested", "withdrawn"),
    ("expiry", "info_requested", "expired"),
}


def euro(amount):
    return Money.parse(amount, "EUR")


class TestMoves:
    @pytest.mark.parametrize(("move", "state"), list(product(MOVES, ApplicationState)))
    def test_every_pair(self, move, state):
        legal = any((move, state) == pair[:2] for pair in LEGAL)
        assert rules.can_move(move, state) == (None if legal else Refusal.ILLEGAL_STATE)
        is_offered = move in [allowed.name for allowed in rules.allowed_moves(state)]
        assert is_offered is (legal and move != "expiry")

    def test_lead_where_the_table_says(self):
        assert {(m.name, state.value, m.to_state.value) for m in MOVES.values() for state in m.from_states} == LEGAL

    def test_every_move_is_part_of_the_whole_life(self):
        for move in MOVES.values():
            assert all(move.to_state in FOLLOWING[state] for state in move.from_states)

    def test_the_whole_life(self):
        assert {state.value for state in rules.TERMINAL} == {"rejected", "withdrawn", "expired", "no_offer", "closed"}
        withdrawable = {state for state in ApplicationState if ApplicationState.WITHDRAWN in FOLLOWING[state]}
        assert withdrawable == set(list(ApplicationState)[:8])
        assert FOLLOWING[ApplicationState.ROUTED] == {"offers_open", "no_offer", "expired", "withdrawn"}
        assert FOLLOWING[ApplicationState.SIGNED] == {"disbursed"}

    def test_every_state_is_reached_from_a_draft(self):
        seen, waiting = set(), [ApplicationState.DRAFT]
        while waiting:
            state = waiting.pop()
            if state not in seen:
                seen.add(state)
                waiting += FOLLOWING[state]
        assert seen == set(ApplicationState)

    @pytest.mark.parametrize("state", list(ApplicationState))
    def test_facts_change_until_lenders_have_them(self, state):
        editable = {"draft", "submitted", "screening", "in_review", "info_requested"}
        assert (rules.can_edit(state) is None) is (state.value in editable)


class TestAssign:
    @pytest.mark.parametrize("state", list(ApplicationState))
    @pytest.mark.parametrize(("is_others", "leads"), list(product((False, True), repeat=2)))
    def test_until_it_ends_and_from_others_by_those_who_lead(self, state, is_others, leads):
        expected = None
        if state.value in {"closed", "no_offer", "rejected", "withdrawn", "expired"}:
            expected = rules.Refusal.ILLEGAL_STATE
        elif is_others and not leads:
            expected = rules.Refusal.HELD
        assert rules.can_assign(state, is_others=is_others, leads=leads) is expected


@pytest.mark.parametrize(
    ("due_on", "overdue"), [(None, False), (TODAY, False), (TODAY - timedelta(days=1), True), (date(2027, 1, 1), False)]
)
def test_overdue(due_on, overdue):
    assert rules.is_overdue(due_on, TODAY) is overdue


CONSENT = {
    "purpose": "credit_check",
    "text_version": "EE-2026-1",
    "given_at": datetime(2026, 6, 29, 9, tzinfo=UTC),
    "channel": "web",
}
WHOLE = {
    "market": "DE",
    "product": "personal_loan",
    "amount": euro("15000"),
    "term_months": 60,
    "purpose": "Kitchen",
    "customer_id": "0197b1f0-0000-7000-8000-000000000001",
    "co_applicant_id": "0197b1f0-0000-7000-8000-000000000002",
    "household": {"dependants": 0, "housing": "rent", "housing_cost": euro("600")},
    "employment": {
        "kind": "permanent",
        "employer": "Bäckerei Kruse",
        "since_on": date(2020, 1, 1),
        "net_income_per_month": euro("0"),
    },
    "debts": [
        {"lender": "Bank", "balance": euro("5000"), "monthly_payment": euro("150"), "to_be_settled": True},
        {"lender": "Shop"},
    ],
    "channel": "web",
    "campaign": "summer",
    "consents": [CONSENT],
    "tags": ["vip"],
}


def without(path):
    outer, _, inner = path.partition(".")
    if not inner:
        return {name: value for name, value in WHOLE.items() if name != outer}
    return {**WHOLE, outer: {name: value for name, value in WHOLE[outer].items() if name != inner}}


def lacking(fields, market, **more):
    return [entry.field for entry in rules.missing(fields, market, **more)]


class TestMissing:
    @pytest.mark.parametrize("market", ["EE", "DE", "NO", "HR", "MX"])
    def test_a_whole_one_lacks_nothing(self, market):
        assert lacking(WHOLE, market) == []

    def test_a_company_has_no_household_and_no_employment(self):
        found = rules.missing({}, "EE", applicant={"kind": "company", "email": "office@example.test"})
        assert not [one.field for one in found if one.field.startswith(("household", "employment"))]

    def test_an_empty_one_lacks_everything(self):
        assert lacking({}, "EE") == [
            "customer_id",
            "amount",
            "term_months",
            "purpose",
            "household.housing",
            "employment.kind",
            "employment.net_income_per_month",
            "consents",
        ]

    @pytest.mark.parametrize(
        ("path", "everywhere", "markets"),
        [
            ("customer_id", True, ""),
            ("purpose", True, ""),
            ("household.housing", True, ""),
            ("employment.kind", True, ""),
            ("employment.net_income_per_month", True, ""),
            ("consents", True, ""),
            ("household.housing_cost", False, "NO SE FI DK"),
            ("household.dependants", False, "NO SE FI DK"),
            ("employment.employer", False, "DE AT CH"),
            ("employment.since_on", False, "DE AT CH"),
            ("campaign", False, ""),
            ("debts", False, ""),
        ],
    )
    def test_by_market(self, path, everywhere, markets):
        for market in ("EE", "HR", "NO", "SE", "FI", "DK", "DE", "AT", "CH"):
            expected = [path] if everywhere or market in markets.split() else []
            assert lacking(without(path), market) == expected

    def test_only_the_employed_name_an_employer(self):
        assert lacking({**WHOLE, "employment": {"kind": "retired", "net_income_per_month": euro("900")}}, "DE") == []

    def test_blank_text_is_missing(self):
        assert lacking({**WHOLE, "purpose": "  "}, "EE") == ["purpose"]

    @pytest.mark.parametrize(
        "consents",
        [
            None,
            [],
            [{**CONSENT, "purpose": "marketing"}],
            [{**CONSENT, "withdrawn_at": datetime(2026, 6, 29, tzinfo=UTC)}],
        ],
    )
    def test_needs_a_live_consent_to_the_credit_check(self, consents):
        assert lacking({**WHOLE, "consents": consents}, "EE") == ["consents"]

    def test_refinancing_settles_something(self):
        assert lacking({**WHOLE, "product": "refinancing"}, "EE") == []
        assert lacking({**WHOLE, "product": "refinancing", "debts": [{"lender": "Bank"}]}, "EE") == ["debts"]

    def test_a_business_has_no_household(self):
        fields = {**WHOLE, "product": "business", "household": None, "employment": None}
        assert lacking(fields, "NO") == []

    @pytest.mark.parametrize(
        ("market", "applicant", "expected"),
        [
            ("EE", {"born_on": TODAY, "email": "a@b.ee", "identity_number_masked": "••••5718"}, []),
            ("EE", {"born_on": TODAY, "email": "a@b.ee"}, ["applicant.identity_number"]),
            ("DE", {"born_on": TODAY, "phone": "+4930901820"}, []),
            ("DE", {"born_on": None}, ["applicant.born_on", "applicant.email"]),
            ("EE", {"kind": "company", "email": "a@b.ee"}, []),
        ],
    )
    def test_of_the_applicant(self, market, applicant, expected):
        assert lacking(WHOLE, market, applicant=applicant) == expected


class TestAffordability:
    def test_worked_values(self):
        debts = [
            Debt(euro("5000"), euro("150")),
            Debt(euro("2000"), euro("80"), to_be_settled=True),
            Debt(),
        ]
        ratios = rules.affordability(euro("2500"), euro("600"), debts, euro("15000"), 60)
        assert ratios.debt_to_income == Decimal("0.6667")  # (15,000 + 5,000) / 30,000
        assert ratios.payment_to_income == Decimal("0.4275")  # (318.71 + 600 + 150) / 2,500

    @pytest.mark.parametrize("income", [None, euro("0"), Money(-1, "EUR"), Money(250_000, "SEK")])
    def test_unknown_without_a_comparable_income(self, income):
        ratios = rules.affordability(income, None, [], euro("15000"), 60)
        assert (ratios.debt_to_income, ratios.payment_to_income) == (None, None)

    def test_unknown_when_a_debt_is_in_another_currency(self):
        debts = [Debt(Money(1, "SEK"), None)]
        assert rules.affordability(euro("2500"), None, debts, euro("1"), 1).debt_to_income is None

    @pytest.mark.parametrize(
        ("amount", "term", "rate", "payment"),
        [
            ("15000", 60, "0.08", "304.15"),
            ("10000", 6, "0.0825", "1707.00"),
            ("100000", 36, "0.0999", "3226.25"),
            ("1000", 6, "0", "166.67"),
            ("15000", 60, "0", "250.00"),
            ("1001", 1, "0.06", "1006.01"),
        ],
    )
    def test_instalment(self, amount, term, rate, payment):
        assert rules.instalment(euro(amount), term, Decimal(rate)).amount == payment

    @given(st.integers(1, rules.MAX_AMOUNT_MINOR), st.integers(1, rules.MAX_TERM_MONTHS))
    def test_instalments_pay_the_amount_back(self, minor, term):
        paid = rules.instalment(Money(minor, "EUR"), term, rules.REFERENCE_RATE).minor
        assert (paid + 1) * term >= minor


def refused(changes, *, is_new=True):
    fields = {**WHOLE, **changes} if is_new else changes
    return [(problem.field, problem.code) for problem in rules.check_application(fields, is_new=is_new, today=TODAY)]


class TestCheckApplication:
    def test_accepts_a_whole_one_a_bare_draft_and_a_change(self):
        assert refused({}) == []
        bare = {name: WHOLE[name] for name in ("market", "product", "amount", "term_months")}
        assert rules.check_application(bare, is_new=True, today=TODAY) == []
        assert refused({"purpose": None, "household": None, "debts": []}, is_new=False) == []

    @pytest.mark.parametrize(
        ("changes", "field", "code"),
        [
            ({"market": None}, "market", "required"),
            ({"market": "ZZ"}, "market", "unknown_value"),
            ({"product": "mortgage"}, "product", "unknown_value"),
            ({"amount": None}, "amount", "required"),
            ({"amount": euro("0")}, "amount", "out_of_range"),
            ({"amount": "15000"}, "amount", "wrong_type"),
            ({"term_months": 0}, "term_months", "out_of_range"),
            ({"term_months": 481}, "term_months", "out_of_range"),
            ({"purpose": "x" * 201}, "purpose", "too_long"),
            ({"co_applicant_id": WHOLE["customer_id"]}, "co_applicant_id", "contradicts"),
            ({"tags": ["VIP"]}, "tags.0", "malformed"),
            ({"household": []}, "household", "wrong_type"),
            ({"household": {"dependants": -1}}, "household.dependants", "out_of_range"),
            ({"household": {"housing": "castle"}}, "household.housing", "unknown_value"),
            ({"household": {"housing_cost": Money(-1, "EUR")}}, "household.housing_cost", "out_of_range"),
            ({"employment": {"kind": "spy"}}, "employment.kind", "unknown_value"),
            ({"employment": {"since_on": TODAY + timedelta(days=1)}}, "employment.since_on", "out_of_range"),
            ({"employment": {"net_income_per_month": 5}}, "employment.net_income_per_month", "wrong_type"),
            ({"debts": {}}, "debts", "wrong_type"),
            ({"debts": [{"lender": "A"}, {"balance": euro("1")}]}, "debts.1.lender", "required"),
            ({"debts": [{"lender": "A", "balance": Money(-1, "EUR")}]}, "debts.0.balance", "out_of_range"),
            ({"debts": [{"lender": "A", "to_be_settled": 1}]}, "debts.0.to_be_settled", "wrong_type"),
            ({"debts": [{"lender": "A"}] * 51}, "debts", "too_long"),
            ({"consents": [{**CONSENT, "purpose": "all"}]}, "consents.0.purpose", "unknown_value"),
            ({"consents": [{**CONSENT, "text_version": None}]}, "consents.0.text_version", "required"),
            (
                {"consents": [{**CONSENT, "given_at": datetime(2026, 7, 1, tzinfo=UTC)}]},
                "consents.0.given_at",
                "out_of_range",
            ),
            ({"consents": ["yes"]}, "consents.0", "wrong_type"),
        ],
    )
    def test_refuses(self, changes, field, code):
        assert refused(changes) == [(field, code)]

    def test_a_change_may_not_empty_what_is_required(self):
        assert refused({"amount": None}, is_new=False) == [("amount", "required")]


@pytest.mark.parametrize(
    ("fields", "refused_fields"),
    [
        ({"items": ["Payslip of May"]}, []),
        ({"items": ["Payslip of May"], "due_on": TODAY}, []),
        ({}, ["items"]),
        ({"items": []}, ["items"]),
        ({"items": "Payslip"}, ["items"]),
        ({"items": ["Payslip", " ", 5]}, ["items.1", "items.2"]),
        ({"items": ["x"] * 21}, ["items"]),
        ({"items": ["x"], "due_on": TODAY - timedelta(days=1)}, ["due_on"]),
        ({"items": ["x"], "due_on": TODAY + timedelta(days=91)}, ["due_on"]),
    ],
)
def test_check_information_request(fields, refused_fields):
    problems = rules.check_information_request(fields, today=TODAY)
    assert [problem.field for problem in problems] == refused_fields

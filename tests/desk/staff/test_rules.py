import pytest

from app.desk.staff import rules


class TestPassword:
    @pytest.mark.parametrize("password", ["correct horse", "  spaces count  ", "žluťoučký kůň", "a1b2c3d4e5f6"])
    def test_accepts(self, password):
        assert rules.password_problem(password, email="mari.kask@example.com", name="Mari Kask") is None

    @pytest.mark.parametrize(
        ("password", "code"),
        [
            ("elevenchars", "too_short"),
            ("x" * 201, "too_long"),
            ("Mari.Kask@example.com", "too_obvious"),
            ("mari  Kask-Longname", "too_obvious"),
            ("abababababab", "too_simple"),
        ],
    )
    def test_refuses(self, password, code):
        name = "Mari Kask-Longname"
        problem = rules.password_problem(password, email="mari.kask@example.com", name=name)
        assert problem is not None
        assert problem.code == code


class TestSecondFactor:
    @pytest.mark.parametrize(
        ("roles", "is_demo", "needed"),
        [
            (["admin"], False, True),
            (["fleet_clerk", "credit_manager"], False, True),
            (["fleet_manager"], False, True),
            (["fleet_clerk"], False, False),
            (["admin"], True, False),
        ],
    )
    def test_roles_that_need_one(self, roles, is_demo, needed):
        assert rules.needs_second_factor(roles, is_demo=is_demo) is needed


class TestCheckStaff:
    ROLES = ("admin", "auditor")

    def test_accepts(self):
        fields = {"name": "Mari", "email": "m@example.com", "roles": ["admin"], "markets": ["EE"]}
        assert rules.check_staff(fields, known_roles=self.ROLES) == []

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": " "}, "name"),
            ({"email": "nobody"}, "email"),
            ({"roles": []}, "roles"),
            ({"roles": ["root"]}, "roles"),
            ({"markets": ["XX"]}, "markets"),
        ],
    )
    def test_refuses(self, change, field):
        fields = {"name": "Mari", "email": "m@example.com", "roles": ["admin"], "markets": None} | change
        assert [problem.field for problem in rules.check_staff(fields, known_roles=self.ROLES)] == [field]


class TestChange:
    @pytest.mark.parametrize(
        ("is_self", "loses_admin", "others", "refusal"),
        [
            (False, False, 0, None),
            (False, True, 1, None),
            (False, True, 0, "last_admin"),
            (True, False, 3, "own_account"),
        ],
    )
    def test_refusals(self, is_self, loses_admin, others, refusal):
        assert rules.refusal_of_change(is_self=is_self, loses_admin=loses_admin, other_admins=others) == refusal

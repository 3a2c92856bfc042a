"""The desk: people, and the working tools that fit every kind of record."""

from app.core.area import Area, NavItem, RecordKind
from app.core.permissions import Permission, Role
from app.desk.staff import pages as staff_pages
from app.desk.staff import queries as staff_queries
from app.desk.staff.api import MeController, TokenController
from app.desk.staff.models import Staff
from app.desk.staff.routes.account import SecurityController, SessionsController
from app.desk.staff.routes.admin import StaffAccessController, StaffController
from app.desk.staff.routes.recovery import ForgottenController, MailController, NewPasswordController
from app.desk.staff.routes.sign_in import SecondFactorController, SignInController, SignOutController, ThemeController

STAFF = RecordKind(
    key=Staff.record_kind,
    title="Member of staff",
    plural="Staff",
    icon="users",
    permission="staff.view",
    model=Staff,
    address=lambda staff_id: f"/staff/{staff_id}",
    name=lambda staff: staff.name,
    find=staff_queries.find_visible,
    list_address="/staff",
    labels=staff_pages.LABELS,
)

AREA = Area(
    name="desk",
    title="Desk",
    controllers=(
        SignInController,
        SecondFactorController,
        SignOutController,
        ThemeController,
        ForgottenController,
        NewPasswordController,
        MailController,
        SessionsController,
        SecurityController,
        StaffController,
        StaffAccessController,
        TokenController,
        MeController,
    ),
    kinds=(STAFF,),
    nav=(NavItem("Staff", "/staff", "staff.view", section="Administration", icon="users"),),
    permissions=(
        Permission("staff.view", "See staff and what they may do", (Role.ADMIN, Role.AUDITOR)),
        Permission("staff.edit", "Invite, change and disable staff", (Role.ADMIN,)),
    ),
)

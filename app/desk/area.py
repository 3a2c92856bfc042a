"""The desk: people, and the working tools that fit every kind of record."""

from datetime import timedelta

from app.core.actor import Actor
from app.core.approvals import ApprovalKind
from app.core.area import Area, JobKind, NavItem, NewAction, TaskKind, Tile, Waiting
from app.core.permissions import BULK, CREDIT, EVERYBODY, EXPORT, FLEET, Permission, Role
from app.core.read_pool import ReadPool
from app.desk.approvals import pages as approval_pages
from app.desk.approvals import queries as approval_queries
from app.desk.approvals import tasks as approval_tasks
from app.desk.approvals.api import ApprovalApi
from app.desk.approvals.routes import ApprovalController
from app.desk.approvals.services.closing import DECIDED, WAITS
from app.desk.attachments import services as attachment_services
from app.desk.attachments import tasks as attachment_tasks
from app.desk.attachments.api import AttachmentApi
from app.desk.attachments.routes import AttachmentController
from app.desk.audit_trail.routes import AuditTrailController
from app.desk.bulk import tasks as bulk_tasks
from app.desk.bulk.routes import BulkController, BulkWorkController
from app.desk.bulk.services.runs import FINISHED as RUN_FINISHED
from app.desk.customers import search as customer_search
from app.desk.customers.api import CustomerApi
from app.desk.customers.routes import CustomerController
from app.desk.exchanges.routes import ExchangeController
from app.desk.exports import tasks as export_tasks
from app.desk.exports.api import ExportApi
from app.desk.exports.routes import ExportController
from app.desk.exports.services import WRITTEN
from app.desk.finder.api import SearchController
from app.desk.finder.routes import FinderController
from app.desk.identities.routes import IdentityController
from app.desk.imports import tasks as import_tasks
from app.desk.imports.routes import ImportController, MappingController
from app.desk.imports.services.runs import FINISHED
from app.desk.jobs import pages as job_pages
from app.desk.jobs import services as job_services
from app.desk.jobs import tasks as job_tasks
from app.desk.jobs.routes import JobController
from app.desk.kinds import BULK_RUN, CUSTOMER, EXPORT_FILE, IMPORT, JOB, STAFF, TAG, TASK
from app.desk.notes.api import NoteApi
from app.desk.notes.routes import NoteController
from app.desk.notes.services import MENTIONED
from app.desk.notifications import tasks as notification_tasks
from app.desk.notifications.api import NotificationApi, NotificationReadingApi, NotificationSettingsApi
from app.desk.notifications.routes import NotificationController, NotificationSettingsController
from app.desk.notifications.services import JOB_DONE, JOB_FAILED, RINGING
from app.desk.preferences.routes import ColumnsController
from app.desk.previews.routes import PreviewController
from app.desk.saved_views.api import SavedViewApi
from app.desk.saved_views.routes import SavedViewController
from app.desk.staff import approvals as staff_approvals
from app.desk.staff.api import MeController, TokenController
from app.desk.staff.routes.account import SecurityController, SessionsController
from app.desk.staff.routes.admin import StaffAccessController, StaffController
from app.desk.staff.routes.recovery import ForgottenController, MailController, NewPasswordController
from app.desk.staff.routes.sign_in import SecondFactorController, SignInController, SignOutController, ThemeController
from app.desk.staff.services import access
from app.desk.staff.tasks import forget_old_access
from app.desk.tags import tasks as tag_tasks
from app.desk.tags.api import RecordTagApi, TagApi
from app.desk.tags.routes import RecordTagController, TagController
from app.desk.tags.rules import MANAGE
from app.desk.tasks import queries as task_queries
from app.desk.tasks import search as task_search
from app.desk.tasks.api import TaskApi, TaskClaimApi, TaskMoveApi
from app.desk.tasks.pages import home as task_home
from app.desk.tasks.routes.edits import EditController as TaskEditController
from app.desk.tasks.routes.moves import MoveController as TaskMoveController
from app.desk.tasks.routes.tasks import TaskController
from app.desk.tasks.routes.work import WorkController
from app.desk.tasks.services.people import ASSIGNED, OVERDUE
from app.desk.tasks.tasks import escalate_overdue, wake_snoozed
from app.desk.undo.routes import UndoController

DECIDING = (
    staff_approvals.PERMISSION,
    "vehicles.approve_price",
    "vehicles.approve_retirement",
    "suppliers.approve_stop",
)

KINDS = (STAFF, CUSTOMER, approval_tasks.KIND, JOB, IMPORT, TASK, TAG, BULK_RUN, EXPORT_FILE)


async def tiles(reads: ReadPool, actor: Actor) -> list[Tile]:
    """Failed work for those who look after it, and what somebody may decide."""
    found = job_pages.home_tiles(await job_services.trouble(reads)) if actor.may("jobs.view") else []
    if any(actor.may(permission) for permission in DECIDING):
        found += approval_pages.home_tiles(await approval_queries.count_waiting(reads, actor))
    return found


async def task_tiles(reads: ReadPool, actor: Actor) -> list[Tile]:
    """One's own tasks, and what is overdue in one's queues."""
    return task_home.tiles(await task_queries.count_home(reads, actor), actor) if actor.may("tasks.work") else []


async def task_waiting(reads: ReadPool, actor: Actor) -> list[Waiting]:
    """One's own tasks that are overdue or soon will be."""
    return task_home.waiting(await task_queries.list_pressing(reads, actor)) if actor.may("tasks.work") else []


async def waiting(reads: ReadPool, actor: Actor) -> list[Waiting]:
    """Jobs that gave up for those who look after them, and what somebody may decide."""
    found = job_pages.home_waiting(await job_services.trouble(reads)) if actor.may("jobs.view") else []
    if any(actor.may(permission) for permission in DECIDING):
        found += approval_pages.home_waiting(await approval_queries.list_waiting(reads, actor))
    return found


AREA = Area(
    name="desk",
    title="Desk",
    controllers=(
        SignInController,
        SecondFactorController,
        IdentityController,
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
        CustomerController,
        CustomerApi,
        ApprovalController,
        ApprovalApi,
        FinderController,
        SearchController,
        AuditTrailController,
        JobController,
        ExchangeController,
        NotificationController,
        NotificationSettingsController,
        NotificationApi,
        NotificationReadingApi,
        NotificationSettingsApi,
        ImportController,
        MappingController,
        TaskController,
        RecordTagController,
        TagController,
        TagApi,
        TaskEditController,
        TaskMoveController,
        WorkController,
        TaskApi,
        TaskMoveApi,
        TaskClaimApi,
        ColumnsController,
        PreviewController,
        SavedViewController,
        SavedViewApi,
        NoteController,
        AttachmentController,
        BulkController,
        BulkWorkController,
        ExportController,
        ExportApi,
        UndoController,
    ),
    record_controllers=(RecordTagApi, AttachmentApi, NoteApi),
    kinds=KINDS,
    nav=(
        NavItem("Tasks", "/tasks", task_search.PERMISSION, "", "clipboard-list", "g q", badge="/tasks/badge"),
        NavItem(
            "Approvals",
            approval_pages.PATH,
            approval_pages.PERMISSION,
            "",
            "circle-check",
            "g o",
            badge=f"{approval_pages.PATH}/badge",
        ),
        NavItem("Customers", "/customers", customer_search.PERMISSION, "Credit", "user", "g c"),
        NavItem("Staff", "/staff", "staff.view", section="Administration", icon="users"),
        NavItem("Imports", "/imports", "imports.view", "Administration", "file-import", "g i"),
        NavItem("Work on many", "/bulk", BULK, "Administration", "list-details"),
        NavItem("Exports", "/exports", EXPORT, "Administration", "download"),
        NavItem("Tags", "/tags", MANAGE, "Administration", "tag"),
        NavItem("Audit trail", "/audit", "audit.view", "Administration", "history", "g t"),
        NavItem("Jobs and events", "/jobs", "jobs.view", "Build", "heartbeat", "g j"),
        NavItem("Partner calls", "/exchanges", "exchanges.view", "Build", "arrows-exchange"),
    ),
    permissions=(
        Permission(
            "saved_views.share",
            "Share views of lists with everybody",
            (Role.FLEET_MANAGER, Role.CREDIT_MANAGER, Role.ENGINEER, Role.ADMIN),
        ),
        Permission("saved_views.manage", "Change and delete everybody's shared views", (Role.ADMIN,)),
        Permission("staff.view", "See staff and what they may do", (Role.ADMIN, Role.AUDITOR)),
        Permission("staff.edit", "Invite, change and disable staff", (Role.ADMIN,)),
        Permission(staff_approvals.PERMISSION, "Agree to wider rights of staff", staff_approvals.DECIDERS),
        Permission(approval_tasks.DECIDES_MANY, "Decide about many requests at once", (Role.FLEET_MANAGER, Role.ADMIN)),
        Permission(
            approval_pages.PERMISSION,
            "See requests that need consent",
            (*FLEET, Role.RATE_MANAGER, Role.AUDITOR, Role.ADMIN),
        ),
        Permission("imports.view", "See one's imports", (*FLEET, *CREDIT, Role.ADMIN)),
        Permission("imports.vehicles", "Import vehicles", (*FLEET, Role.ADMIN)),
        Permission("imports.applications", "Import applications", (*CREDIT, Role.ADMIN)),
        Permission(BULK, "Do something with many records at once", (*FLEET, *CREDIT, Role.ADMIN)),
        Permission(EXPORT, "Take lists along as files", (*FLEET, *CREDIT, Role.RATE_MANAGER, Role.AUDITOR, Role.ADMIN)),
        Permission("audit.view", "Read the audit trail", (Role.AUDITOR, Role.ADMIN)),
        Permission("jobs.view", "See background work and events", (Role.ENGINEER, Role.ADMIN)),
        Permission("jobs.retry", "Try jobs again, cancel them and release events", (Role.ENGINEER, Role.ADMIN)),
        Permission(
            "exchanges.view",
            "Read what was said to partners",
            (Role.FLEET_MANAGER, Role.ENGINEER, Role.AUDITOR, Role.ADMIN),
        ),
        Permission("tasks.view", "See tasks about what one may see", tuple(Role)),
        Permission("tasks.work", "Make tasks and do them", (*FLEET, *CREDIT, Role.ENGINEER, Role.ADMIN)),
        Permission(
            "tasks.lead",
            "Give tasks to others, and take them back",
            (Role.FLEET_MANAGER, Role.CREDIT_MANAGER, Role.ENGINEER, Role.ADMIN),
        ),
        Permission("customers.view", "See customers", (*FLEET, *CREDIT, Role.AUDITOR, Role.ADMIN)),
        Permission("customers.edit", "Add and edit customers", (*FLEET, *CREDIT, Role.ADMIN)),
        Permission("customers.reveal", "Read identity numbers in clear", (*CREDIT, Role.ADMIN)),
        Permission("notes.view", "Read notes of records that one may see", EVERYBODY),
        Permission("notes.write", "Write notes and change one's own", (*FLEET, *CREDIT, Role.ENGINEER, Role.ADMIN)),
        Permission("notes.edit_others", "Change and delete notes of others", (Role.ADMIN,)),
        Permission(attachment_services.VIEW, "See files of records that one may see", EVERYBODY),
        Permission(
            attachment_services.ADD,
            "Attach files and delete one's own",
            (*FLEET, *CREDIT, Role.ENGINEER, Role.ADMIN),
        ),
        Permission(
            attachment_services.DELETE_OTHERS,
            "Delete files that others attached",
            (Role.FLEET_MANAGER, Role.CREDIT_MANAGER, Role.ADMIN),
        ),
        Permission("tags.view", "See tags", EVERYBODY),
        Permission("tags.edit", "Tag records and take tags off", (*FLEET, *CREDIT, Role.ADMIN)),
        Permission(MANAGE, "Rename, merge and delete tags", (Role.ADMIN,)),
        Permission("tags.create", "Add words to the tags", (Role.FLEET_MANAGER, *CREDIT, Role.ADMIN)),
    ),
    tasks=(
        approval_tasks.EXPIRE,
        approval_tasks.TELL,
        import_tasks.RUN,
        import_tasks.FORGET,
        job_tasks.RAISE,
        notification_tasks.MAIL,
        notification_tasks.FORGET,
        bulk_tasks.RUN,
        bulk_tasks.FORGET,
        tag_tasks.RETAG,
        export_tasks.RUN,
        export_tasks.FORGET,
        attachment_tasks.REMOVE,
        attachment_tasks.SWEEP,
        JobKind(
            "staff.forget_old_access",
            "Forget old sessions, tokens and links",
            forget_old_access,
            every=timedelta(hours=6),
        ),
        JobKind("tasks.wake", "Bring back snoozed tasks", wake_snoozed, every=timedelta(seconds=20)),
        JobKind("tasks.escalate", "Escalate overdue tasks", escalate_overdue, every=timedelta(seconds=20)),
    ),
    task_kinds=(
        TaskKind("general", "Task", "administration", "tasks.work", timedelta(hours=20), is_made_by_hand=True),
        TaskKind(
            "customer_call",
            "Call a customer",
            "credit",
            "customers.edit",
            timedelta(hours=4),
            outcomes=(
                ("reached", "Reached"),
                ("not_reached", "Not reached"),
                ("call_back", "Wants to be called later"),
            ),
            is_made_by_hand=True,
        ),
        TaskKind(
            "import_refusals",
            "Refused rows of an import",
            "administration",
            "imports.view",
            timedelta(hours=10),
            is_personal=True,
        ),
        TaskKind(
            "dead_job",
            "Background work that gave up",
            "engineering",
            "jobs.retry",
            timedelta(hours=4),
            is_round_the_clock=True,
            priority="high",
            outcomes=(("retried", "Tried again"), ("fixed", "Fixed and tried again"), ("dropped", "Not needed")),
        ),
    ),
    notification_kinds=(
        FINISHED,
        RUN_FINISHED,
        WRITTEN,
        ASSIGNED,
        OVERDUE,
        JOB_FAILED,
        JOB_DONE,
        MENTIONED,
        WAITS,
        DECIDED,
    ),
    live_signals=(RINGING,),
    approval_kinds=(ApprovalKind(staff_approvals.RIGHTS_GRANT, access.carry_out_grant),),
    tiles=(task_tiles, tiles),
    waiting=(task_waiting, waiting),
    actions=(
        NewAction("New customer", "/customers/new", "customers.edit"),
        NewAction("New task", "/tasks/new", "tasks.work"),
        NewAction("Next task", "/tasks/next", "tasks.work"),
    ),
)

"""The records of the desk itself, as every other tool of the desk sees them."""

from app.core.area import RecordKind
from app.core.jobs.models import Job
from app.core.permissions import BULK, EXPORT
from app.desk.bulk import queries as bulk_queries
from app.desk.bulk.models import BulkRun
from app.desk.customers import pages as customer_pages
from app.desk.customers import queries as customer_queries
from app.desk.customers import search as customer_search
from app.desk.customers.models import Customer
from app.desk.customers.services import FIELD_LABELS as CUSTOMER_LABELS
from app.desk.customers.tasks import LISTING as CUSTOMER_LISTING
from app.desk.exports import queries as export_queries
from app.desk.exports.models import Export
from app.desk.imports import pages as import_pages
from app.desk.imports import queries as import_queries
from app.desk.imports.models import ImportRun
from app.desk.jobs import pages as job_pages
from app.desk.jobs import queries as job_queries
from app.desk.staff import pages as staff_pages
from app.desk.staff import queries as staff_queries
from app.desk.staff.models import Staff
from app.desk.tags import pages as tag_pages
from app.desk.tags import queries as tag_queries
from app.desk.tags.models import Tag
from app.desk.tags.tasks import actions_for as tag_actions
from app.desk.tasks import queries as task_queries
from app.desk.tasks import search as task_search
from app.desk.tasks.models import Task
from app.desk.tasks.pages import lists as task_lists
from app.desk.tasks.services.creation import FIELD_LABELS as TASK_LABELS
from app.desk.tasks.tasks import BULK_ACTIONS as TASK_ACTIONS
from app.desk.tasks.tasks import LISTING as TASK_LISTING

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
    record_list=staff_pages.LIST,
    labels=staff_pages.LABELS,
)

CUSTOMER = RecordKind(
    key=Customer.record_kind,
    title="Customer",
    plural="Customers",
    icon="user",
    permission=customer_search.PERMISSION,
    model=Customer,
    address=lambda customer_id: f"/customers/{customer_id}",
    name=lambda customer: customer.name,
    find=customer_queries.find_customer,
    search=customer_search.KIND,
    load_documents=customer_search.load_documents,
    find_simply=customer_queries.find_simply,
    represent=customer_queries.represent,
    listing=CUSTOMER_LISTING,
    bulk_actions=tag_actions(customer_queries.find_customer),
    list_address="/customers",
    record_list=customer_pages.LIST,
    preview=customer_pages.preview,
    is_branch_scoped=False,
    labels=CUSTOMER_LABELS,
    has_notes=True,
    has_tags=True,
)

JOB = RecordKind(
    key=Job.record_kind,
    title="Job",
    plural="Jobs",
    icon="heartbeat",
    permission="jobs.view",
    model=Job,
    address=lambda job_id: f"/jobs/{job_id}",
    name=lambda job: job.kind,
    find=job_queries.find_job,
    list_address="/jobs",
    record_list=job_pages.LIST,
    is_audited=False,
)

IMPORT = RecordKind(
    key=ImportRun.record_kind,
    title="Import",
    plural="Imports",
    icon="file-import",
    permission="imports.view",
    model=ImportRun,
    address=lambda run_id: f"/imports/{run_id}",
    name=lambda run: run.file_name,
    find=import_queries.find_run,
    list_address="/imports",
    record_list=import_pages.LIST,
    is_audited=False,
)

TASK = RecordKind(
    key=Task.record_kind,
    title="Task",
    plural="Tasks",
    icon="clipboard-list",
    permission=task_search.PERMISSION,
    model=Task,
    address=lambda task_id: f"/tasks/{task_id}",
    name=lambda task: task.reference,
    find=task_queries.find_task,
    search=task_search.KIND,
    load_documents=task_search.load_documents,
    find_simply=task_queries.find_simply,
    represent=task_queries.represent,
    is_personal=True,
    grants=task_search.grants,
    list_address="/tasks",
    record_list=task_lists.TASKS,
    listing=TASK_LISTING,
    bulk_actions=TASK_ACTIONS,
    labels=TASK_LABELS,
)

TAG = RecordKind(
    key=Tag.record_kind,
    title="Tag",
    plural="Tags",
    icon="tag",
    permission="tags.manage",
    model=Tag,
    address=lambda tag_id: f"/tags/{tag_id}",
    name=lambda tag: tag.name,
    find=tag_queries.find_by_id,
    list_address="/tags",
    record_list=tag_pages.LIST,
    is_branch_scoped=False,
)

BULK_RUN = RecordKind(
    key=BulkRun.record_kind,
    title="Run",
    plural="Work on many",
    icon="list-details",
    permission=BULK,
    model=BulkRun,
    address=lambda run_id: f"/bulk/{run_id}",
    name=lambda run: run.title,
    find=bulk_queries.find_run,
    list_address="/bulk",
    is_audited=False,
)

EXPORT_FILE = RecordKind(
    key=Export.record_kind,
    title="Export",
    plural="Exports",
    icon="download",
    permission=EXPORT,
    model=Export,
    address=lambda export_id: f"/exports/{export_id}",
    name=lambda export: export.title,
    find=export_queries.find_export,
    list_address="/exports",
    is_audited=False,
)

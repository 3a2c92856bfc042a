"""What can be done with applications: changes and moves, and whose work they are."""

from app.credit.applications.services.assignment import assign_application
from app.credit.applications.services.changes import (
    ACTIONS,
    FIELD_LABELS,
    PREFIX,
    REVIEW_TASK,
    NotComplete,
    create_application,
    expire_application,
    list_missing,
    move_application,
    update_application,
)

__all__ = [
    "ACTIONS",
    "FIELD_LABELS",
    "PREFIX",
    "REVIEW_TASK",
    "NotComplete",
    "assign_application",
    "create_application",
    "expire_application",
    "list_missing",
    "move_application",
    "update_application",
]

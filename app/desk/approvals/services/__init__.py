"""What other features do with approvals: ask, void what was asked, and show what waits."""

from app.desk.approvals.schemas import ApprovalItem
from app.desk.approvals.services.asking import request_approval, void_changed
from app.desk.approvals.services.showing import (
    EndLine,
    WaitingLine,
    as_item,
    find_end,
    list_shown,
    list_waiting_about,
    state_view,
    told,
)

__all__ = [
    "ApprovalItem",
    "EndLine",
    "WaitingLine",
    "as_item",
    "find_end",
    "list_shown",
    "list_waiting_about",
    "request_approval",
    "state_view",
    "told",
    "void_changed",
]

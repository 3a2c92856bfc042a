"""What the areas have registered, for services and jobs that run without a request; filled when they are assembled."""

from collections.abc import Sequence

from app.core.approvals import ApprovalKind
from app.core.area import Area, RecordKind, TaskKind
from app.core.permissions import PermissionMap

record_kinds: dict[str, RecordKind] = {}
task_kinds: dict[str, TaskKind] = {}
approval_kinds: dict[str, ApprovalKind] = {}
_permissions: list[PermissionMap] = []


def fill(areas: Sequence[Area], permissions: PermissionMap) -> None:
    """Replace everything by what these areas declare. Raises ValueError when a kind is declared twice."""
    kinds = [kind for area in areas for kind in area.task_kinds]
    if len({kind.key for kind in kinds}) != len(kinds):
        raise ValueError("a kind of task is declared twice")
    record_kinds.clear()
    record_kinds.update({kind.key: kind for area in areas for kind in area.kinds})
    approval_kinds.clear()
    approval_kinds.update({kind.terms.key: kind for area in areas for kind in area.approval_kinds})
    task_kinds.clear()
    task_kinds.update({kind.key: kind for kind in kinds})
    _permissions[:] = [permissions]


def permissions() -> PermissionMap:
    """Which roles may do what. Raises IndexError before the areas are assembled."""
    return _permissions[0]

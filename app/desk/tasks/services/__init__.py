"""What other features do with tasks: make one, show those about a record, and close them once they are settled."""

from app.desk.tasks.rules import Priority
from app.desk.tasks.services.creation import create_task
from app.desk.tasks.services.panel import TaskPanel, panel
from app.desk.tasks.services.upkeep import settle_tasks, was_made

__all__ = ["Priority", "TaskPanel", "create_task", "panel", "settle_tasks", "was_made"]

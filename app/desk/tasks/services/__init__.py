"""What other features do with tasks: make one, and close those about a record once they are settled."""

from app.desk.tasks.rules import Priority
from app.desk.tasks.services.creation import create_task
from app.desk.tasks.services.upkeep import settle_tasks

__all__ = ["Priority", "create_task", "settle_tasks"]

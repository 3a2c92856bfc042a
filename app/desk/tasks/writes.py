"""Statements on tasks that the database decides about."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import error_number
from app.desk.tasks.models import Task

DUPLICATE_KEY = 1062


async def insert_once(session: AsyncSession, task: Task) -> bool:
    """Insert it; False when another transaction has made the unfinished task of its key first."""
    try:
        async with session.begin_nested():
            session.add(task)
    except IntegrityError as error:
        if task.unique_key is None or error_number(error) != DUPLICATE_KEY:
            raise
        return False
    return True

"""Adding words to a vocabulary that several people may add at once."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.tags.models import Tag


async def add_word(session: AsyncSession, tag: Tag) -> bool:
    """Add a word to the vocabulary; false when somebody else did a moment ago."""
    try:
        async with session.begin_nested():
            session.add(tag)
    except IntegrityError:
        return False
    return True

"""Rate work that happens by itself, and rate cards as files show them."""

from app.core import clock
from app.core.db import run_in_unit
from app.core.exporting import FileColumn, Listing
from app.core.jobs.context import JobContext
from app.rental.rates import queries, services
from app.rental.rates.schemas import STATE_WORDS, RateCardItem, class_in_words


def label(item: RateCardItem) -> str:
    """Its name."""
    return item.name


LISTING = Listing(
    queries.cards,
    queries.SPEC,
    label,
    columns=(
        FileColumn("name", "Rate card"),
        FileColumn("acriss", "Class"),
        FileColumn("words", "In words", value=lambda item: class_in_words(item.acriss)),
        FileColumn("market", "Market"),
        FileColumn("branches", "Branches", value=lambda item: ", ".join(item.branches or ()) or None),
        FileColumn("brand", "Brand", value=lambda item: item.brand or None),
        FileColumn("currency", "Currency"),
        FileColumn("state", "State", "words", words=STATE_WORDS),
        FileColumn("active_number", "Version in force", "number", shown_as="active"),
        FileColumn("active_from", "In force from", "day", shown_as="active"),
        FileColumn("next_number", "Next version", "number", shown_as="next"),
        FileColumn("next_from", "Next from", "day", shown_as="next"),
        FileColumn("draft_number", "Draft", "number", shown_as="draft"),
        FileColumn("updated_at", "Changed", "moment", shown_as="updated"),
        FileColumn("id", "Id"),
    ),
)


async def follow_dates(context: JobContext) -> dict[str, int]:
    """Let versions come into force and be over by their dates."""
    async with context.database.session() as session:
        due = await queries.list_due_cards(session, clock.today())
    for number, card_id in enumerate(due, 1):
        await run_in_unit(context.database, lambda session, key=card_id: services.follow_dates(session, key))
        await context.progress(number, len(due))
    return {"cards": len(due)}

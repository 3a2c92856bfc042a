"""Background work of notifications."""

from datetime import timedelta
from typing import Any

from app.core.area import JobKind
from app.core.jobs.context import JobContext
from app.core.mail import Mail, deliver, shows_mail
from app.desk.notifications import queries, services

LONGEST_SUBJECT = 200


async def send_mail(context: JobContext) -> dict[str, Any]:
    """Mail what the people asked to get by mail; who is disabled meanwhile gets nothing."""
    if not (context.settings.mail_url or shows_mail(context.settings)):
        return {"sent": 0}
    told, sent = context.payload, 0
    base = context.settings.base_url
    lines = [told["title"], told["body"], base + told["href"], f"How you are told: {base}/account/notifications"]
    text = "\n\n".join(line for line in lines if line)
    for person in told["people"]:
        address = await queries.find_address(context.database.primary, person)
        if address is not None:
            await deliver(context.settings, context.database, Mail(address, told["title"][:LONGEST_SUBJECT], text))
            sent += 1
    return {"sent": sent}


async def forget_old(context: JobContext) -> dict[str, Any]:
    return {"notifications": await services.forget_old(context.database)}


MAIL = JobKind(services.MAIL, "Mail notifications", send_mail, tells_maker=False)
FORGET = JobKind("notifications.forget", "Delete old notifications", forget_old, every=timedelta(hours=12))

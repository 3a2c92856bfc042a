"""Mail: by SMTP when MAIL_URL is set, and kept in a table that development shows otherwise."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import make_msgid
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib
import structlog
from sqlalchemy import String, Text, Uuid, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from app.core import clock
from app.core.db import Database, run_in_unit
from app.core.errors import Conflict
from app.core.records import UtcMicros
from app.kit.ids import new_id
from app.settings import Settings

TIMEOUT_SECONDS = 10.0
SHOWN = 50
SHOWING_ENVIRONMENTS = frozenset({"development", "test"})

logger = structlog.get_logger()


class MailNotSetUp(Conflict):
    code = "mail_not_set_up"
    title = "No mail can be sent from here"
    advice = "Nothing was sent."


class DevelopmentMail(SQLModel, table=True):
    """A mail that was not sent, because no server is set."""

    __tablename__ = "development_mail"  # pyright: ignore[reportAssignmentType]

    id: UUID = Field(default_factory=new_id, primary_key=True, sa_type=Uuid)
    at: datetime = Field(default_factory=clock.now, sa_type=UtcMicros, nullable=False, index=True)
    recipient: str = Field(sa_type=String(254), nullable=False)
    subject: str = Field(sa_type=String(200), nullable=False)
    text: str = Field(sa_type=Text, nullable=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain text for one person."""

    recipient: str
    subject: str
    text: str


def shows_mail(settings: Settings) -> bool:
    """Whether mails are kept and shown instead of sent."""
    return not settings.mail_url and settings.environment in SHOWING_ENVIRONMENTS


def require_mail(settings: Settings) -> None:
    """Raises MailNotSetUp where a mail would reach nobody."""
    if not settings.mail_url and not shows_mail(settings):
        raise MailNotSetUp("Set MAIL_URL, or use `forecourt staff create`, which prints the link.")


async def deliver(settings: Settings, database: Database, mail: Mail) -> None:
    """Send after the commit of what it tells of. What fails is logged without its text, which holds a secret."""
    if shows_mail(settings):
        await run_in_unit(database, lambda session: _keep(session, mail))
        return
    if not settings.mail_url:
        logger.error("mail_not_sent", subject=mail.subject, reason="MAIL_URL is not set")
        return
    try:
        await _send(settings.mail_url, settings.base_url, mail)
    except (aiosmtplib.SMTPException, OSError) as error:
        logger.error("mail_not_sent", subject=mail.subject, reason=type(error).__name__)  # noqa: TRY400 - no text


async def list_kept(session: AsyncSession) -> list[DevelopmentMail]:
    """The latest mails that were kept."""
    statement = select(DevelopmentMail).order_by(col(DevelopmentMail.at).desc()).limit(SHOWN)
    return list((await session.execute(statement)).scalars())


async def _keep(session: AsyncSession, mail: Mail) -> None:
    session.add(DevelopmentMail(recipient=mail.recipient, subject=mail.subject, text=mail.text))


async def _send(url: str, base_url: str, mail: Mail) -> None:
    """By `smtps://…` (TLS from the start) or `smtp://user:password@host:port` (STARTTLS always before a password)."""
    server = urlsplit(url)
    host = urlsplit(base_url).hostname or "localhost"
    message = EmailMessage()
    message["From"] = f"Forecourt <forecourt@{host}>"
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Message-ID"] = make_msgid(domain=host)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    await aiosmtplib.send(
        message,
        hostname=server.hostname or "localhost",
        port=server.port,
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        use_tls=server.scheme == "smtps",
        start_tls=True if server.username and server.scheme != "smtps" else None,
        timeout=TIMEOUT_SECONDS,
    )

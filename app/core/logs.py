"""One JSON object per log line."""

import logging
from typing import Any, cast

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.types import EventDict, Processor

from app.kit.numbers_in_text import masked

MADE_HERE = frozenset({"level", "timestamp", "request_id"})
"""What no text from outside comes into: an id that a client chose was looked at when it came."""


def configure_logs(level: int = logging.INFO) -> None:
    """Structured logs to standard output; other libraries' warnings join them."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        mask_numbers,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(_to_text)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, format='{"level": "%(levelname)s", "logger": "%(name)s", "event": %(message)r}'
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(mask_line)


def mask_numbers(_: object, __: str, line: EventDict) -> EventDict:
    """Card and identity numbers never reach a log, whatever carried them there."""
    return {name: value if name in MADE_HERE else _masked(value) for name, value in line.items()}


def _to_text(line: EventDict, **_: Any) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def _masked(value: Any) -> Any:
    match value:
        case str():
            return masked(value)
        case dict():
            return {name: _masked(inner) for name, inner in cast("dict[Any, Any]", value).items()}
        case list() | tuple():
            return [_masked(inner) for inner in cast("list[Any]", value)]
        case _:
            return value


def mask_line(line: logging.LogRecord) -> bool:
    """The same for what other libraries log."""
    line.msg, line.args = masked(line.getMessage()), None
    return True

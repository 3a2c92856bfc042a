"""One JSON object per log line."""

import logging

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.types import Processor


def configure_logs(level: int = logging.INFO) -> None:
    """Structured logs to standard output; other libraries' warnings join them."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, format='{"level": "%(levelname)s", "logger": "%(name)s", "event": %(message)r}'
    )

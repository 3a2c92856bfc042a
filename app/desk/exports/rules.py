"""How large a file may be, how it comes, and for how long it is kept."""

from datetime import timedelta
from enum import StrEnum

MAX_ROWS = 1_000_000
"""What one sheet of a workbook holds, nearly."""
STREAMED_ROWS = 10_000
"""Up to here a file comes at once; longer ones are written by the worker."""
KEPT = timedelta(hours=24)
LONGEST_REASON = 1_000


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


class ExportState(StrEnum):
    STREAMED = "streamed"
    WRITING = "writing"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


def comes_at_once(rows: int) -> bool:
    """Whether a file of so many rows is sent while it is read."""
    return rows <= STREAMED_ROWS

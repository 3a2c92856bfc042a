"""What features with sheets of their own do with them: ask for consent, give it, take them back, and show them."""

from app.rental.agreed_sheets.queries import get_sheet, lock_sheet
from app.rental.agreed_sheets.services.agreeing import agreement, ask, ends_without_consent
from app.rental.agreed_sheets.services.moving import enter, put_in_force, withdraw
from app.rental.agreed_sheets.services.showing import SheetHead, SheetLine, SheetWords, sheet_head, sheet_line

__all__ = [
    "SheetHead",
    "SheetLine",
    "SheetWords",
    "agreement",
    "ask",
    "ends_without_consent",
    "enter",
    "get_sheet",
    "lock_sheet",
    "put_in_force",
    "sheet_head",
    "sheet_line",
    "withdraw",
]

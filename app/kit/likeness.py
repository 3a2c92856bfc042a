"""Which words two names share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection


def words_of(text: str, noise: Collection[str] = ()) -> set[str]:
    """Words of three letters or more, without case and accents; noise only where there is nothing else."""
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    found = set(re.findall(r"[a-z0-9]{3,}", plain.casefold()))
    return found.difference(noise) or found

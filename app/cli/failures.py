"""How a command refuses: one sentence for the person at the terminal, no traceback."""

from __future__ import annotations


class CommandFailed(Exception):
    """A command cannot go on; the message is one sentence that says what to do."""

    exit_code = 1

"""How a command refuses: one sentence for the person at the terminal, no traceback."""

from __future__ import annotations


class CommandFailed(Exception):  # noqa: N818  (reads as what happened: the command failed)
    """A command cannot go on; the message is one sentence that says what to do."""

    exit_code = 1
